//! Escalate: a person gives a task to whoever leads them, one level up.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | escalate | task ready or assigned | candidate or assignee, not excluded, somebody active above who is not excluded, a level left | `task_escalated` | task assigned |
//!
//! A level without a person who may decide is passed by.

use std::collections::BTreeSet;

use crate::{
    command::TaskRef,
    event::Event,
    graph::ActionEvent,
    id::PersonId,
    instance::{OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        entry, hand_over,
        rights::{self, For},
    },
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
    let Some(to) = above(cx, &task, &open, &from)? else {
        return Err(Halt::refuse(
            RefusalCode::NoApprover,
            format!("nobody active who may decide leads `{from}`"),
        ));
    };
    let rule = entry::spec(cx, &task.node, task.entry).and_then(|(_, spec)| spec.escalate.as_ref());
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
        assignee: Some(to.clone()),
        candidates: Vec::new(),
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason,
        to: Some(to.as_str().to_owned()),
        ..Fired::new(ActionEvent::AfterEscalate, Some(&task.node)).task(task.id)
    });
    Ok(())
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
        let barred = open.excluded.contains(manager)
            || task.was_delegated_by(manager)
            || hand_over::has_voted(open, task, manager);
        if !barred && let Some(active) = cx.active(manager)? {
            return Ok(Some(active));
        }
        at = manager.clone();
    }
    Ok(None)
}
