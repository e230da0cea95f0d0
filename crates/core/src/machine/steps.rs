//! The statuses of steps: what a step begins with, goes back to, and has when it is cancelled.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    event::Event,
    graph::{ActionEvent, NodeKind, StepNode},
    id::{ActivationId, NodeKey},
    instance::{Activation, Given, Instance},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        work::Work,
    },
    refusal::RefusalCode,
};

/// The step begins: it has its default status, or the one that the way there gave.
pub(super) fn begin(draft: &mut Draft, id: ActivationId, step: &StepNode) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    let given = activation.given.seed.as_deref().and_then(Value::as_str);
    let status = given
        .filter(|status| step.statuses.contains_key(*status))
        .or_else(|| step.default_status());
    if let Some(status) = status {
        set(draft, &activation, status, None, None);
    }
    draft.next.push(Work::Open {
        activation: id,
        entry: 0,
    });
    Ok(())
}

/// The step has another status from now on.
pub(super) fn change(
    draft: &mut Draft,
    activation: &Activation,
    status: &str,
    comment: Option<String>,
) -> Result<(), Halt> {
    let from = current(draft.instance()?, &activation.node);
    set(draft, activation, status, from, comment);
    Ok(())
}

fn set(
    draft: &mut Draft,
    activation: &Activation,
    status: &str,
    from: Option<String>,
    comment: Option<String>,
) {
    draft.emit(Event::StatusSet {
        activation: activation.id,
        node: activation.node.clone(),
        status: status.to_owned(),
        from,
        comment: comment.clone(),
    });
    draft.fired.push(Fired {
        to: Some(status.to_owned()),
        comment,
        ..Fired::new(ActionEvent::OnStatus, Some(&activation.node))
    });
}

/// The status that a step has.
pub(super) fn current(instance: &Instance, step: &NodeKey) -> Option<String> {
    let status = instance.results().get(step)?.status.as_ref()?;
    Some(status.key.clone())
}

/// The status before the one that the step has.
fn before(instance: &Instance, step: &NodeKey) -> Option<String> {
    instance
        .results()
        .get(step)?
        .status
        .as_ref()?
        .before
        .clone()
}

/// What the visit of a step is given that goes back to the status before its last.
pub(super) fn as_before(instance: &Instance, step: &NodeKey) -> Given {
    Given {
        data: None,
        seed: before(instance, step).map(|status| Arc::new(Value::from(status))),
    }
}

/// Every step that is open gets the status that its definition has for a cancellation, if it has one.
pub(super) fn cancel(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    for (activation, step) in open(cx, draft)? {
        if let Some(status) = step.cancellation_status() {
            change(draft, &activation, status, None)?;
        }
    }
    Ok(())
}

/// Every step that is open gets the status that it has on hold; refuses where it has none.
pub(super) fn hold(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    for (activation, step) in open(cx, draft)? {
        let Some(status) = step.hold_status() else {
            let message = format!("the step `{}` has no status for a hold", activation.node);
            return Err(Halt::refuse(RefusalCode::UnknownStatus, message));
        };
        change(draft, &activation, status, None)?;
    }
    Ok(())
}

/// Every step that is open gets the status back that it had before the hold.
pub(super) fn resume(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    for (activation, step) in open(cx, draft)? {
        let before = before(draft.instance()?, &activation.node);
        let status = before.as_deref().or_else(|| step.default_status());
        if let Some(status) = status {
            change(draft, &activation, status, None)?;
        }
    }
    Ok(())
}

/// The activations of steps, each with its step.
fn open<'a>(cx: &Context<'a>, draft: &Draft) -> Result<Vec<(Activation, &'a StepNode)>, Halt> {
    let all = draft.instance()?.activations();
    let steps =
        all.filter_map(
            |activation| match cx.graph.node(&activation.node).map(|node| &node.kind) {
                Some(NodeKind::Step(step)) => Some((activation.clone(), &**step)),
                _ => None,
            },
        );
    Ok(steps.collect())
}
