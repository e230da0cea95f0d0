//! To whom the tasks of an entry are given, and who stands in for whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    event::{Event, TaskOpened},
    graph::{ActionEvent, EntrySpec},
    id::{ActivationId, NodeKey, PersonId, TaskId},
    instance::Timers,
    machine::{
        context::{Context, Halt, gather},
        draft::{Draft, Fired},
        entry,
    },
    principal::Principal,
};

/// How far a chain of substitutes is followed.
const DEPTH: usize = 5;

/// One task of an entry that opens.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Whose vote it carries; nobody's while it is offered.
    pub(super) duty: Option<PersonId>,
    /// Who has it.
    pub(super) assignee: Option<PersonId>,
    /// Who may take it.
    pub(super) candidates: Vec<Principal>,
}

impl Seat {
    /// An offer.
    pub(super) fn offered(candidates: Vec<Principal>) -> Self {
        Self {
            duty: None,
            assignee: None,
            candidates,
        }
    }
}

/// Who stands in for these persons now: nobody who is excluded or not active, and never in a circle.
///
/// Each natural person gets one task: whoever is asked anyway votes for himself only.
pub(super) fn of(
    cx: &Context<'_>,
    persons: &[PersonId],
    excluded: &BTreeSet<PersonId>,
) -> Result<Vec<Seat>, Halt> {
    let away = cx.substitutions()?;
    let given = gather(persons.iter().map(|person| {
        let to = stand_in(cx, away, person, excluded)?;
        Ok((person, to))
    }))?;
    let own: BTreeSet<&PersonId> = given
        .iter()
        .filter(|(person, to)| *person == to)
        .map(|(person, _)| *person)
        .collect();
    let mut taken: BTreeSet<PersonId> = BTreeSet::new();
    let mut seats = Vec::new();
    for (person, to) in &given {
        let himself = *person == to;
        if (himself || !own.contains(to)) && taken.insert(to.clone()) {
            seats.push(Seat {
                duty: Some((*person).clone()),
                assignee: Some(to.clone()),
                candidates: Vec::new(),
            });
        }
    }
    Ok(seats)
}

/// The last in the chain of substitutes who can act; the person when there is none.
fn stand_in(
    cx: &Context<'_>,
    away: &BTreeMap<PersonId, PersonId>,
    person: &PersonId,
    excluded: &BTreeSet<PersonId>,
) -> Result<PersonId, Halt> {
    let mut chain = vec![person];
    while chain.len() <= DEPTH {
        let Some(next) = away.get(chain[chain.len() - 1]) else {
            break;
        };
        if chain.contains(&next) || excluded.contains(next) || cx.active(next)?.is_none() {
            break;
        }
        chain.push(next);
    }
    Ok(chain[chain.len() - 1].clone())
}

/// Opens a task for each seat.
pub(super) fn open(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    index: u16,
    seats: Vec<Seat>,
) -> Result<(), Halt> {
    let found = draft.instance()?.activation(activation);
    let Some(node) = found.map(|found| found.node.clone()) else {
        return Ok(());
    };
    let Some((_, spec)) = entry::spec(cx, &node, index) else {
        return Ok(());
    };
    let timers = entry::timers(spec, cx.graph.calendar(), cx.facts.now);
    for seat in seats {
        one(draft, activation, index, &node, seat, &timers)?;
    }
    Ok(())
}

fn one(
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
    node: &NodeKey,
    seat: Seat,
    timers: &Timers,
) -> Result<(), Halt> {
    let task = TaskId::new(draft.id());
    let number = draft.instance()?.next_number();
    draft.emit(Event::TaskOpened(Box::new(TaskOpened {
        task,
        activation,
        node: node.clone(),
        entry,
        number,
        duty: seat.duty,
        assignee: seat.assignee,
        candidates: seat.candidates,
        timers: timers.clone(),
        question: None,
    })));
    let fired = Fired::new(ActionEvent::OnTaskOpened, Some(node));
    draft.fired.push(fired.task(task));
    Ok(())
}

/// How many of `n` must agree on an entry; `None` when `n` are too few.
pub(super) fn needed(spec: &EntrySpec, n: usize) -> Option<u32> {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    match spec.duty {
        crate::graph::Duty::Each(need) => need.of(n),
        // Of a hierarchy, and of those who were added to one person, all must agree.
        _ => (n > 0).then_some(n),
    }
}
