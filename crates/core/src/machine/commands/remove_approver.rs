//! Remove an approver: one person less is asked; what the others said stays.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | remove_approver | task offered | manager; a candidate by name, not the last one | `task_offered` | task as it is |
//! | remove_approver | task of one of several | manager; somebody who has not voted, enough are left | `entry_changed` `task_cancelled`, and when enough have agreed `entry_closed` `node_completed` | one task less |

use crate::{
    command::{HandOver, TaskRef},
    event::Event,
    id::{PersonId, TaskId},
    instance::{OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        entry,
        hand_over::{self, invalid},
        rights, seats, votes,
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
    let holder = || task.duty.clone().or_else(|| task.assignee.clone());
    let Some(person) = over.to.clone().or_else(holder) else {
        return Err(Halt::refuse(
            RefusalCode::TargetRequired,
            "say who is not asked any more",
        ));
    };
    votes::asks(&task)?;
    let reason = hand_over::remark(cx, &over.reason)?;
    if open.members.is_empty() && !task.candidates.is_empty() {
        return withdraw_offer(draft, &task, &person, reason);
    }
    let alone = open.members.is_empty() && task.duty.as_ref() == Some(&person);
    if !alone && !open.members.contains(&person) {
        return Err(invalid(&person, "is not asked here"));
    }
    let seat = draft
        .instance()?
        .tasks_of(target.activation)
        .filter(|other| other.entry == target.entry && other.question.is_none())
        .find(|other| other.duty.as_ref() == Some(&person))
        .map(|other| other.id);
    let later = open.later.iter().any(|level| level.contains(&person));
    if seat.is_none() && !later {
        return Err(invalid(&person, "has decided already"));
    }
    leave(cx, draft, &task, open, &person, seat, reason)
}

/// The person is not asked any more; those who are left may have agreed already.
fn leave(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    mut open: OpenEntry,
    person: &PersonId,
    seat: Option<TaskId>,
    reason: Option<String>,
) -> Result<(), Halt> {
    open.members.retain(|member| member != person);
    for level in &mut open.later {
        level.retain(|member| member != person);
    }
    open.later.retain(|level| !level.is_empty());
    let left = u32::try_from(open.members.len()).unwrap_or(u32::MAX);
    let possible = left.saturating_sub(open.rejections());
    let needed = entry::spec(cx, &task.node, task.entry)
        .and_then(|(_, spec)| seats::needed(spec, open.members.len()))
        .filter(|needed| possible >= *needed);
    let Some(needed) = needed else {
        return Err(Halt::refuse(
            RefusalCode::NoApprover,
            format!("too few would be left without `{person}`"),
        ));
    };
    let done = open.approvals() >= needed;
    draft.emit(Event::EntryChanged {
        activation: task.activation,
        entry: task.entry,
        members: open.members,
        later: open.later,
        needed,
        followed: None,
        reason,
    });
    if let Some(seat) = seat {
        votes::withdraw(draft, task.activation, seat)?;
    }
    match done {
        true => votes::complete(cx, draft, task.activation, task.entry),
        false => votes::next_level(draft, task.activation, task.entry),
    }
}

fn withdraw_offer(
    draft: &mut Draft,
    task: &Task,
    person: &PersonId,
    reason: Option<String>,
) -> Result<(), Halt> {
    let mut candidates = task.candidates.clone();
    candidates.retain(|candidate| *candidate != Principal::User(person.clone()));
    if candidates.len() == task.candidates.len() {
        return Err(invalid(person, "is not a candidate by name"));
    }
    if candidates.is_empty() {
        return Err(Halt::refuse(
            RefusalCode::NoApprover,
            format!("nobody would be left without `{person}`"),
        ));
    }
    if task.assignee.as_ref() == Some(person) {
        draft.emit(Event::TaskReleased { task: task.id });
    }
    draft.emit(Event::TaskOffered {
        task: task.id,
        candidates,
        reason,
    });
    Ok(())
}
