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
        hand_over::{self, Gives},
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
    let from = hand_over::giver(cx, &task)?;
    hand_over::known(cx, draft.instance()?, &task, &entry, over.to.as_ref())?;
    let reason = rights::reason(cx, Some(&over.reason))?;
    if let Some(to) = over.to.as_ref().filter(|to| task.was_delegated_by(to)) {
        return Err(hand_over::invalid(to, "has delegated this task before"));
    }
    let to = hand_over::receiver(cx, Some(&from), over)?;
    hand_over::has_a_vote_left(draft.instance()?, &entry, &task, &to, Gives::Task)?;
    check_depth(cx, &task)?;
    rights::within(cx, "reason", &reason)?;
    draft.emit(Event::TaskDelegated {
        task: task.id,
        from: from.clone(),
        to: to.clone(),
        reason: reason.clone(),
    });
    fire(draft, &task, from, to, reason);
    Ok(())
}

fn fire(draft: &mut Draft, task: &Task, from: PersonId, to: PersonId, reason: String) {
    draft.fired.push(Fired {
        reason: Some(reason),
        to: Some(to.as_str().to_owned()),
        delegator: Some(from),
        delegate: Some(to),
        ..Fired::new(ActionEvent::AfterDelegate, Some(&task.node)).task(task.id)
    });
}

fn check_depth(cx: &Context<'_>, task: &Task) -> Result<(), Halt> {
    let limit = cx.facts.settings.limits.delegation_depth;
    if task.delegations.len() < limit {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::LimitExceeded,
        format!("the task has been delegated {limit} times"),
    ))
}
