//! Cancel: somebody stops the instance.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | cancel | instance running | manager, or the requester where no managers are named; a reason | `task_cancelled`… `node_cancelled`… `instance_cancelled` | instance cancelled |

use crate::{
    actor::Actor,
    event::Event,
    graph::ActionEvent,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights, steps, withdraw,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, reason: &str) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    permitted(cx, draft)?;
    let reason = rights::reason(cx, Some(reason))?;
    rights::within(cx, "reason", &reason)?;
    draft.load_all(cx.facts)?;
    steps::cancel(cx, draft)?;
    withdraw::all(cx, draft, None)?;
    draft.emit(Event::InstanceCancelled {
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason: Some(reason),
        ..Fired::new(ActionEvent::OnCancel, None)
    });
    Ok(())
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
