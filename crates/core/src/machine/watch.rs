//! Conditions that are waited for: looked at again when the instance has changed.

use crate::{
    conditions::{Condition, ConditionErrorKind},
    event::Event,
    graph::NodeKind,
    id::ActivationId,
    instance::{ActivationState, Instance},
    machine::{
        begin,
        context::{Context, Halt},
        draft::Draft,
        failure::{Failure, fail},
        join, leave,
        variables::Variables,
        withdraw,
        work::Work,
    },
};

/// What became of a condition.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// It cannot be worked out.
    Fail(Failure),
    /// It holds, or not.
    Holds(bool),
    /// Nobody waits for it any more.
    Over,
}

/// Whether a condition that is waited for holds: what is not there yet does not.
pub(super) fn now(condition: &dyn Condition, variables: &Variables<'_>) -> Result<bool, Failure> {
    match condition.holds(variables) {
        Ok(holds) => Ok(holds),
        Err(error) if error.kind == ConditionErrorKind::Missing => Ok(false),
        Err(error) => Err(Failure::condition(condition, &error)),
    }
}

/// Looks at every condition again when something has happened since the last time.
pub(super) fn look(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    if draft.events.len() == draft.watched {
        return Ok(());
    }
    draft.watched = draft.events.len();
    join::look_again(cx, draft)?;
    let waiting = draft.instance()?.watching().to_vec();
    draft.next.extend(waiting.into_iter().map(Work::Recheck));
    Ok(())
}

pub(super) fn plan(cx: &Context<'_>, instance: &Instance, id: ActivationId) -> Verdict {
    let Some(activation) = instance.activation(id) else {
        return Verdict::Over;
    };
    let Some(node) = cx.graph.node(&activation.node) else {
        return Verdict::Over;
    };
    let ((_, Some(condition)) | (NodeKind::Wait(condition), None)) =
        (&node.kind, &node.enabled_when)
    else {
        return Verdict::Over;
    };
    let variables = Variables::here(cx, instance).of(activation);
    match now(&**condition, &variables) {
        Ok(holds) => Verdict::Holds(holds),
        Err(failure) => Verdict::Fail(failure),
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    verdict: Verdict,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    let waits_for_lock = {
        let locks = draft.instance()?.locks();
        let lock = activation.lock.as_ref().and_then(|name| locks.get(name));
        lock.is_some_and(|lock| lock.holder != Some(id))
    };
    if activation.incident().is_some() || waits_for_lock {
        return Ok(());
    }
    let waits = cx
        .graph
        .node(&activation.node)
        .is_some_and(|node| matches!(node.kind, NodeKind::Wait(_)));
    match verdict {
        Verdict::Over => Ok(()),
        Verdict::Fail(failure) => {
            if !waits && activation.state == ActivationState::Running {
                // Nobody does what nobody knows to be allowed.
                withdraw::tasks(draft, id)?;
                draft.emit(Event::NodeDisabled { activation: id });
            }
            fail(cx, draft, id, &failure)
        }
        Verdict::Holds(true) if waits => leave::leave(cx, draft, id),
        Verdict::Holds(true) if activation.state == ActivationState::Waiting => {
            draft.counts_step(cx)?;
            draft.emit(Event::NodeEnabled { activation: id });
            begin::open_pending(cx, draft, &activation);
            Ok(())
        }
        Verdict::Holds(false) if !waits && activation.state == ActivationState::Running => {
            draft.counts_step(cx)?;
            withdraw::tasks(draft, id)?;
            draft.emit(Event::NodeDisabled { activation: id });
            Ok(())
        }
        Verdict::Holds(_) => Ok(()),
    }
}
