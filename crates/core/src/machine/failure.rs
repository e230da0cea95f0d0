//! Why a node cannot go on, and what follows.

use crate::{
    conditions::{Condition, ConditionError},
    event::Event,
    facts::FunctionFailure,
    graph::Catch,
    id::ActivationId,
    instance::{Activation, Body},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        leave,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

/// Why a node cannot go on.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// What a caller is refused with.
    pub(super) code: RefusalCode,
    /// What a boundary may catch.
    pub(super) error: String,
    /// What an operator sees it as.
    pub(super) incident: &'static str,
    pub(super) message: String,
}

impl Failure {
    /// Incidents have a list of codes of their own: to an operator most are a failed node.
    pub(super) fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            error: code.as_str().to_owned(),
            incident: match code {
                RefusalCode::NoApprover => "no_approver",
                RefusalCode::DanglingReference => "dangling_reference",
                _ => "node_failed",
            },
            message: message.into(),
        }
    }

    pub(super) fn node(message: impl Into<String>) -> Self {
        Self::new(RefusalCode::NodeFailed, message)
    }

    /// A function of the host failed.
    pub(super) fn of_function(name: &str, failure: &FunctionFailure) -> Self {
        let message = format!("function `{name}`: {}: {}", failure.code, failure.message);
        Self {
            error: failure.code.clone(),
            ..Self::node(message)
        }
    }

    /// A job failed for good.
    pub(super) fn of_job(failure: &FunctionFailure) -> Self {
        Self {
            error: failure.code.clone(),
            ..Self::node(format!("{}: {}", failure.code, failure.message))
        }
    }

    /// A child failed, was rejected, or could not start.
    pub(super) fn of_child(error: &str, message: &str) -> Self {
        Self {
            error: error.to_owned(),
            incident: "child_failed",
            ..Self::node(format!("{error}: {message}"))
        }
    }

    pub(super) fn condition(condition: &dyn Condition, error: &ConditionError) -> Self {
        Self::node(format!("condition `{}`: {error}", condition.source()))
    }
}

/// An activation cannot go on: its token leaves by a boundary, or the call is refused, or an
/// incident waits for an operator.
pub(super) fn fail(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    failure: &Failure,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    if leave::has_lost(draft, &activation)? {
        return Ok(());
    }
    let node = cx.graph.node(&activation.node);
    let caught = node.and_then(|node| Catch::find(&node.errors, &failure.error));
    if let Some(catch) = caught {
        leave::win(draft, &activation)?;
        draft.emit(Event::ErrorCaught {
            activation: id,
            node: activation.node.clone(),
            code: failure.error.clone(),
            message: failure.message.clone(),
        });
        let next = Enter::from(&activation, catch.next.clone());
        draft.next.push(Work::Enter(next));
        return Ok(());
    }
    // What runs after the commit fails for an operator, whoever says so.
    let later = matches!(activation.body, Body::Job | Body::Children(_));
    if cx.is_called() && !later {
        return Err(refused(&activation, failure));
    }
    park(draft, &activation, failure);
    Ok(())
}

fn refused(activation: &Activation, failure: &Failure) -> Halt {
    Halt::refuse(
        failure.code,
        format!("node `{}`: {}", activation.node, failure.message),
    )
}

/// Leaves a failed activation with its incident.
pub(super) fn park(draft: &mut Draft, activation: &Activation, failure: &Failure) {
    let message = failure.message.clone();
    let incident = draft.incident(failure.incident, message, Some(activation.id), None);
    draft.emit(Event::NodeFailed {
        activation: activation.id,
        node: activation.node.clone(),
        incident,
    });
}
