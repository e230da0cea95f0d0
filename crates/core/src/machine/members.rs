//! Those who are asked, while they are asked: levels, and who comes and goes.

use std::collections::BTreeSet;

use crate::{
    event::Event,
    id::{ActivationId, PersonId, TaskId},
    instance::{Instance, OpenEntry, Task},
    machine::{
        context::{Context, Halt, both, gather},
        draft::Draft,
        entry,
        seats::{self, Seat},
        votes,
    },
    refusal::RefusalCode,
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
        followed: None,
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

/// Those who are asked for a vote on an entry, have one, or may not give any.
pub(super) fn engaged(
    instance: &Instance,
    activation: ActivationId,
    index: u16,
    open: &OpenEntry,
) -> BTreeSet<PersonId> {
    let mut engaged = taken(open);
    let here = instance.tasks_of(activation);
    let here = here.filter(|task| task.entry == index && task.question.is_none());
    engaged.extend(here.filter_map(|task| task.assignee.clone()));
    engaged.extend(open.members.iter().cloned());
    engaged
}

/// Who came and who went since the directory was asked last.
#[derive(Debug)]
pub(super) struct News {
    now: Vec<PersonId>,
    came: Vec<Seat>,
    gone: BTreeSet<PersonId>,
}

impl News {
    /// Whether the person was asked and is not any more.
    pub(super) fn is_gone(&self, person: &PersonId) -> bool {
        self.gone.contains(person)
    }
}

/// What has changed of those whom an entry asks; `None` where they are frozen, or nothing has.
///
/// Only what the directory says is compared with what it said: whom a manager added or took out,
/// and to whom a vote was transferred, does not change back.
pub(super) fn news(
    cx: &Context<'_>,
    instance: &Instance,
    activation: ActivationId,
    index: u16,
) -> Result<Option<News>, Halt> {
    let here = instance.activation(activation);
    let found = here.and_then(|here| {
        let open = here.open_entry(index)?;
        let (_, spec) = entry::spec(cx, &here.node, index)?;
        Some((here, open, open.followed.as_ref()?, spec))
    });
    let Some((here, open, before, spec)) = found else {
        return Ok(None);
    };
    let excluded = open.excluded.iter().cloned().collect();
    let named = entry::voters(cx, instance, here, spec, &excluded);
    let now = match both(named, cx.substitutions())?.0 {
        Ok(levels) => levels.concat(),
        Err(failure) if failure.code == RefusalCode::NoApprover => Vec::new(),
        // An expression that fails says nothing of anybody.
        Err(_) => return Ok(None),
    };
    let known: BTreeSet<&PersonId> = before.iter().collect();
    let named: BTreeSet<&PersonId> = now.iter().collect();
    if known == named {
        return Ok(None);
    }
    let engaged = engaged(instance, activation, index, open);
    let new = |person: &&&PersonId| !known.contains(*person) && !engaged.contains(**person);
    let came: Vec<PersonId> = named.iter().filter(new).map(|who| (*who).clone()).collect();
    let came = seats::of(cx, &came, &engaged)?;
    let waits = |person: &PersonId| {
        let mut tasks = instance.tasks_of(activation);
        let later = open.later.iter().any(|level| level.contains(person));
        later || tasks.any(|task| is_seat(task, index, person))
    };
    let gone = known.iter().filter(|person| !named.contains(**person));
    let gone = gone.filter(|person| waits(person));
    let gone = gone.map(|person| (*person).clone()).collect();
    Ok(Some(News { now, came, gone }))
}

fn is_seat(task: &Task, index: u16, person: &PersonId) -> bool {
    task.entry == index && task.question.is_none() && task.duty.as_ref() == Some(person)
}

/// Gives tasks to those who came and withdraws those of who went. When too few would be left, who
/// went stays, and an operator is told.
pub(super) fn follow(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    index: u16,
    news: Option<News>,
) -> Result<(), Halt> {
    let here = draft.instance()?.activation(activation);
    let found = here.and_then(|here| Some((here.node.clone(), here.open_entry(index)?.clone())));
    let (Some(news), Some((node, open))) = (news, found) else {
        return Ok(());
    };
    let limit = cx.facts.settings.limits.members;
    let mut seats = news.came;
    seats.truncate(limit.saturating_sub(open.members.len()));
    let mut all = open.members.clone();
    all.extend(seats.iter().filter_map(|seat| seat.duty.clone()));
    let left: Vec<PersonId> = all
        .iter()
        .filter(|person| !news.gone.contains(*person))
        .cloned()
        .collect();
    let spec = entry::spec(cx, &node, index).map(|(_, spec)| spec);
    let needed = |n: usize| spec.and_then(|spec| seats::needed(spec, n));
    let possible = u32::try_from(left.len()).unwrap_or(u32::MAX);
    let possible = possible.saturating_sub(open.rejections());
    let enough = needed(left.len()).filter(|needed| possible >= *needed);
    let (members, needed, gone) = match enough {
        Some(needed) => (left, needed, news.gone),
        None => {
            let needed = needed(all.len()).unwrap_or(open.needed);
            (all, needed, BTreeSet::new())
        }
    };
    let mut later = open.later;
    for level in &mut later {
        level.retain(|person| !gone.contains(person));
    }
    later.retain(|level| !level.is_empty());
    draft.emit(Event::EntryChanged {
        activation,
        entry: index,
        members,
        later,
        needed,
        followed: Some(news.now),
        reason: None,
    });
    if enough.is_none() {
        let asked = |task: &&Task| task.entry == index;
        let task = draft.instance()?.tasks_of(activation).find(asked);
        let task = task.map(|task| task.id);
        let message = format!("too few are left who may decide at `{node}`");
        draft.incident("no_approver", message, None, task);
    }
    let withdrawn: Vec<TaskId> = draft
        .instance()?
        .tasks_of(activation)
        .filter(|task| gone.iter().any(|person| is_seat(task, index, person)))
        .map(|task| task.id)
        .collect();
    for task in withdrawn {
        votes::withdraw(draft, activation, task)?;
    }
    seats::open(cx, draft, activation, index, seats)
}
