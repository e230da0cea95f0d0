//! Those who are asked, while they are asked: levels, and who comes and goes.

use std::collections::BTreeSet;

use crate::{
    event::Event,
    id::{ActivationId, PersonId},
    instance::{Instance, OpenEntry},
    machine::{
        context::{Context, Halt, both, gather},
        draft::Draft,
        seats::{self, Seat},
        votes,
    },
};

/// Those of the next level who can be asked now; whoever is not active any more is passed over.
pub(super) fn next_level(
    cx: &Context<'_>,
    instance: &Instance,
    activation: ActivationId,
    index: u16,
) -> Result<Vec<Seat>, Halt> {
    let open = instance
        .activation(activation)
        .and_then(|found| found.open_entry(index));
    let Some((open, level)) = open.and_then(|open| Some((open, open.later.first()?))) else {
        return Ok(Vec::new());
    };
    let active = gather(level.iter().map(|person| cx.active(person)));
    let active = both(active, cx.substitutions())?.0;
    let active: Vec<PersonId> = active.into_iter().flatten().collect();
    seats::of(cx, &active, &taken(open))
}

/// Those to whom no further vote of an entry can be given: whoever may not, or has voted.
pub(super) fn taken(open: &OpenEntry) -> BTreeSet<PersonId> {
    let voters = open.votes.iter().filter_map(|vote| vote.by.person());
    open.excluded.iter().chain(voters).cloned().collect()
}

/// Asks the next level; when nobody of it is left, the one after it.
pub(super) fn open_level(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    index: u16,
    seats: Vec<Seat>,
) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let Some(open) = instance
        .activation(activation)
        .and_then(|found| found.open_entry(index))
    else {
        return Ok(());
    };
    let mut later = open.later.clone();
    if later.is_empty() {
        return Ok(());
    }
    let level = later.remove(0);
    let stays = |person: &PersonId| {
        let seated = |seat: &Seat| seat.duty.as_ref() == Some(person);
        !level.contains(person) || seats.iter().any(seated)
    };
    let members: Vec<PersonId> = open
        .members
        .iter()
        .filter(|person| stays(person))
        .cloned()
        .collect();
    let needed = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let done = open.approvals() >= needed;
    draft.emit(Event::EntryChanged {
        activation,
        entry: index,
        members,
        later,
        needed,
        reason: None,
    });
    if !seats.is_empty() {
        return seats::open(cx, draft, activation, index, seats);
    }
    match done {
        true => votes::complete(cx, draft, activation, index),
        false => votes::next_level(draft, activation, index),
    }
}
