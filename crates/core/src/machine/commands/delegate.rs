//! Delegate: a person hands a task over and keeps the vote.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | delegate | task ready or assigned | candidate or assignee, not excluded, a reason, an active person who is no link of the chain and not excluded | `task_delegated` | task assigned |

use crate::{
    command::{HandOver, TaskRef},
    event::Event,
    graph::ActionEvent,
    id::PersonId,
    instance::Task,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    over: &HandOver,
) -> Result<(), Halt> {
    let (task, entry) = rights::may_act(cx, draft, target, For::HandingOver)?;
    let from = giver(cx, &task)?;
    if let Some(to) = &over.to {
        rights::separate(draft.instance()?, &entry, &task, to)?;
        if cx.person(to)?.is_none() {
            return Err(Halt::refuse(
                RefusalCode::UnknownUser,
                format!("nobody is called `{to}`"),
            ));
        }
    }
    let reason = rights::reason(cx, Some(&over.reason))?;
    let Some(to) = &over.to else {
        return Err(Halt::refuse(
            RefusalCode::TargetRequired,
            "say who gets the task",
        ));
    };
    check_target(cx, &task, &from, to)?;
    rights::within(cx, "reason", &reason)?;
    draft.emit(Event::TaskDelegated {
        task: task.id,
        from: from.clone(),
        to: to.clone(),
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason: Some(reason),
        to: Some(to.as_str().to_owned()),
        delegator: Some(from),
        delegate: Some(to.clone()),
        ..Fired::new(ActionEvent::AfterDelegate, Some(&task.node)).task(task.id)
    });
    Ok(())
}

/// Whose task it is: the assignee's, else the candidate's who acts.
fn giver(cx: &Context<'_>, task: &Task) -> Result<PersonId, Halt> {
    let acting = cx.facts.actor.person().map(|person| &person.id);
    task.assignee.as_ref().or(acting).cloned().ok_or_else(|| {
        Halt::refuse(
            RefusalCode::NotPermitted,
            "nobody has the task yet, so nobody can delegate it",
        )
    })
}

fn check_target(cx: &Context<'_>, task: &Task, from: &PersonId, to: &PersonId) -> Result<(), Halt> {
    let invalid = |why: &str| {
        Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("`{to}` {why}"),
        ))
    };
    if to == from {
        return invalid("already has the task");
    }
    if task.delegators.contains(to) {
        return invalid("has delegated this task before");
    }
    if cx.active(to)?.is_none() {
        return invalid("is not active");
    }
    let limit = cx.facts.settings.limits.delegation_depth;
    if task.delegators.len() >= limit {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("the task has been delegated {limit} times"),
        ));
    }
    Ok(())
}
