//! Add an approver: one person more is asked.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | add_approver | task offered | manager; an active person who is not excluded and not a candidate yet | `task_offered` | task as it is |
//! | add_approver | task of a person | manager; an active person who is not excluded and not asked yet, of an approval | `entry_changed` `task_opened` | one task more |

use crate::{
    command::{HandOver, TaskRef},
    event::Event,
    id::PersonId,
    instance::{OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        entry,
        hand_over::{self, Gives},
        members, rights, seats, votes,
    },
    principal::Principal,
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    over: &HandOver,
) -> Result<(), Halt> {
    let (task, open) = rights::open(cx, draft, target)?;
    rights::manages(cx)?;
    hand_over::known(cx, draft.instance()?, &task, &open, over.to.as_ref())?;
    let has = task.assignee.clone().or_else(|| task.duty.clone());
    let person = hand_over::receiver(cx, has.as_ref(), over)?;
    votes::asks(&task)?;
    hand_over::has_a_vote_left(draft.instance()?, &open, &task, &person, Gives::Vote)?;
    let reason = hand_over::remark(cx, &over.reason)?;
    if open.members.is_empty() && !task.candidates.is_empty() {
        return offer(cx, draft, task, person, reason);
    }
    if task.duty.as_ref() == Some(&person) || entry::approval(cx, &task.node).is_none() {
        return Err(hand_over::invalid(&person, "cannot be asked beside"));
    }
    join(cx, draft, &task, open, person, reason)
}

/// An offer has one candidate more.
fn offer(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: Task,
    person: PersonId,
    reason: Option<String>,
) -> Result<(), Halt> {
    let found = cx.person(&person)?;
    let mut named = task.candidates.iter();
    if found.is_some_and(|found| named.any(|candidate| found.is(candidate))) {
        return Err(hand_over::invalid(&person, "is a candidate already"));
    }
    let limit = cx.facts.settings.limits.members;
    if task.candidates.len() >= limit {
        return Err(too_many(limit));
    }
    let mut candidates = task.candidates;
    candidates.push(Principal::User(person));
    draft.emit(Event::TaskOffered {
        task: task.id,
        candidates,
        reason,
    });
    Ok(())
}

/// One vote more: of one person who was asked, from now on both must agree.
fn join(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    open: OpenEntry,
    person: PersonId,
    reason: Option<String>,
) -> Result<(), Halt> {
    let taken = members::engaged(draft.instance()?, task.activation, task.entry, &open);
    let seats = seats::of(cx, std::slice::from_ref(&person), &taken)?;
    let mut asked = open.members;
    if asked.is_empty() {
        asked.extend(task.duty.clone().or_else(|| task.assignee.clone()));
    }
    asked.push(person);
    let limit = cx.facts.settings.limits.members;
    let needed = entry::spec(cx, &task.node, task.entry)
        .and_then(|(_, spec)| seats::needed(spec, asked.len()))
        .filter(|_| asked.len() <= limit)
        .ok_or_else(|| too_many(limit))?;
    draft.emit(Event::EntryChanged {
        activation: task.activation,
        entry: task.entry,
        members: asked,
        later: open.later,
        needed,
        followed: None,
        reason,
    });
    seats::open(cx, draft, task.activation, task.entry, seats)
}

fn too_many(limit: usize) -> Halt {
    Halt::refuse(
        RefusalCode::LimitExceeded,
        format!("{limit} members may be asked, and are"),
    )
}
