//! Cancel: somebody stops the instance.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | cancel | instance not over | manager, or the requester where no managers are named; a reason; `force` while somebody else works on a task | `task_cancelled`… `node_cancelled`… `instance_cancelled` | instance cancelled |

use crate::{
    actor::Actor,
    command::Force,
    event::Event,
    graph::ActionEvent,
    instance::Task,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights, steps, withdraw,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    reason: &str,
    force: Force,
) -> Result<(), Halt> {
    rights::lives(draft.instance()?)?;
    permitted(cx, draft)?;
    let reason = rights::reason(cx, Some(reason))?;
    rights::within(cx, "reason", &reason)?;
    draft.load_all(cx.facts)?;
    idle(cx, draft, force)?;
    stop(cx, draft, reason, None)
}

/// Everything is withdrawn, and the instance is cancelled; perhaps that is an outcome of its own.
pub(super) fn stop(
    cx: &Context<'_>,
    draft: &mut Draft,
    reason: String,
    outcome: Option<&str>,
) -> Result<(), Halt> {
    steps::cancel(cx, draft)?;
    withdraw::all(cx, draft, None)?;
    if let Some(outcome) = outcome {
        draft.emit(Event::OutcomeSet {
            outcome: outcome.to_owned(),
        });
    }
    draft.emit(Event::InstanceCancelled {
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason: Some(reason),
        ..Fired::new(ActionEvent::OnCancel, None)
    });
    Ok(())
}

/// Refuses while somebody else works on a task; what the engine tells a child cannot be refused.
fn idle(cx: &Context<'_>, draft: &Draft, force: Force) -> Result<(), Halt> {
    let actor = &cx.facts.actor;
    if force == Force::Yes || matches!(actor, Actor::Engine) {
        return Ok(());
    }
    let by_others = |task: &&Task| {
        let own = actor.person().map(|person| &person.id) == task.assignee.as_ref();
        task.started_at.is_some() && !own
    };
    let Some(task) = draft.instance()?.tasks().find(by_others) else {
        return Ok(());
    };
    let who = task.assignee.as_ref().map_or("", |id| id.as_str());
    Err(Halt::refuse(
        RefusalCode::NotCancellable,
        format!(
            "`{who}` works on a task of `{}`: say `force` to stop it",
            task.node
        ),
    ))
}

fn permitted(cx: &Context<'_>, draft: &Draft) -> Result<(), Halt> {
    let Actor::Person(person) = &cx.facts.actor else {
        return Ok(());
    };
    let managers = cx.graph.managers();
    let may = if managers.is_empty() {
        draft.instance()?.requester() == Some(&person.id)
    } else {
        managers.iter().any(|manager| person.is(manager))
    };
    if person.active && (may || person.admin) {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::NotPermitted,
        format!("`{}` may not cancel this instance", person.id),
    ))
}
