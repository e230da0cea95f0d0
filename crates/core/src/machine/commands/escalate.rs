//! Escalate: a person gives a task to whoever leads them, one level up; where nobody does, to the role
//! above the role that was asked.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | escalate | task ready or assigned | candidate or assignee, not excluded, somebody active above who is not excluded, else a role above with somebody, a level left | `task_escalated` | task assigned, or offered to the role |
//!
//! A level without a person who may decide is passed by.

use std::collections::BTreeSet;

use crate::{
    command::TaskRef,
    event::Event,
    graph::{ActionEvent, EntrySpec, Who},
    id::PersonId,
    instance::{OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        entry, hand_over,
        rights::{self, For},
    },
    principal::Principal,
    refusal::RefusalCode,
};

/// How often a task can be escalated where its definition does not say.
const LEVELS: u32 = 3;

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    reason: &str,
) -> Result<(), Halt> {
    let (task, open) = rights::may_act(cx, draft, target, For::HandingOver)?;
    let from = hand_over::giver(cx, &task)?;
    let spec = entry::spec(cx, &task.node, task.entry).map(|(_, spec)| spec);
    let to = match above(cx, &task, &open, &from)? {
        Some(manager) => Ok(manager),
        None => Err(role_above(cx, &task, &open, spec)?.ok_or_else(|| {
            let message = format!("nobody active who may decide leads `{from}`");
            Halt::refuse(RefusalCode::NoApprover, message)
        })?),
    };
    let rule = spec.and_then(|spec| spec.escalate.as_ref());
    let levels = rule.map_or(LEVELS, |rule| rule.levels);
    if task.escalated >= levels {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("the task has been escalated {levels} times"),
        ));
    }
    let reason = hand_over::remark(cx, reason)?;
    draft.emit(Event::TaskEscalated {
        task: task.id,
        level: task.escalated + 1,
        assignee: to.as_ref().ok().cloned(),
        candidates: to.as_ref().err().cloned().into_iter().collect(),
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason,
        to: to.ok().map(|person| person.as_str().to_owned()),
        ..Fired::new(ActionEvent::AfterEscalate, Some(&task.node)).task(task.id)
    });
    Ok(())
}

/// The next role above the one that is asked in which somebody active may decide.
fn role_above(
    cx: &Context<'_>,
    task: &Task,
    open: &OpenEntry,
    spec: Option<&EntrySpec>,
) -> Result<Option<Principal>, Halt> {
    let offered = task
        .candidates
        .iter()
        .find_map(|candidate| match candidate {
            Principal::Role(role) => Some(role),
            Principal::Anyone | Principal::User(_) => None,
        });
    let asked = spec.and_then(|spec| match &spec.who {
        Who::Role(role) => Some(role),
        _ => None,
    });
    let Some(mut role) = offered.or(asked) else {
        return Ok(None);
    };
    let mut passed = BTreeSet::from([role]);
    while let Some(parent) = cx.role_parent(role)? {
        if !passed.insert(parent) {
            return Ok(None);
        }
        let members = cx.members(parent)?;
        if members.iter().any(|member| may_decide(open, task, member)) {
            return Ok(Some(Principal::Role(parent.clone())));
        }
        role = parent;
    }
    Ok(None)
}

/// The next manager above `from` who is active and may decide.
fn above(
    cx: &Context<'_>,
    task: &Task,
    open: &OpenEntry,
    from: &PersonId,
) -> Result<Option<PersonId>, Halt> {
    let mut passed = BTreeSet::from([from.clone()]);
    let mut at = from.clone();
    while let Some(manager) = cx.manager(&at)? {
        if !passed.insert(manager.clone()) {
            // Those who lead each other lead nobody else.
            return Ok(None);
        }
        if may_decide(open, task, manager)
            && let Some(active) = cx.active(manager)?
        {
            return Ok(Some(active));
        }
        at = manager.clone();
    }
    Ok(None)
}

/// Whether nothing that has happened bars somebody from deciding the task.
fn may_decide(open: &OpenEntry, task: &Task, person: &PersonId) -> bool {
    !open.excluded.contains(person)
        && !task.was_delegated_by(person)
        && !hand_over::has_voted(open, task, person)
}
