//! The call of a host's function within the command.

use serde_json::Value;

use crate::{
    event::Event,
    facts::{FunctionCall, Question},
    graph::NodeKind,
    id::ActivationId,
    instance::{Activation, Body, Instance},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        enter::{self, Failure},
        variables::Variables,
    },
    refusal::RefusalCode,
};

/// What a call of the host's function came to.
#[derive(Clone, Debug)]
pub(super) enum CallPlan {
    /// It failed.
    Fail(Failure),
    /// It returned.
    Returned {
        /// The key of the data that takes the result.
        into: Option<String>,
        /// The result.
        value: Value,
    },
}

pub(super) fn plan(
    cx: &Context<'_>,
    instance: &Instance,
    id: ActivationId,
) -> Result<CallPlan, Halt> {
    let node = instance
        .activation(id)
        .and_then(|activation| cx.graph.node(&activation.node));
    let Some(NodeKind::Function(function)) = node.map(|node| &node.kind) else {
        return Ok(CallPlan::Fail(Failure::node("the node calls no function")));
    };
    let input = match function.with.render(&Variables::new(instance, cx.facts)) {
        Ok(input) => input,
        Err(error) => return Ok(CallPlan::Fail(Failure::node(format!("`with`: {error}")))),
    };
    match cx.facts.answers.get_function(id) {
        None => Err(Halt::Ask(vec![Question::Function(FunctionCall {
            activation: id,
            name: function.name.clone(),
            input: input.to_string(),
        })])),
        Some(Ok(value)) => Ok(CallPlan::Returned {
            into: function.into.as_ref().map(ToString::to_string),
            value: value.clone(),
        }),
        Some(Err(failure)) => Ok(CallPlan::Fail(Failure::node(format!(
            "function `{}`: {}: {}",
            function.name, failure.code, failure.message
        )))),
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    plan: CallPlan,
) -> Result<(), Halt> {
    match draft.instance()?.activation(id).cloned() {
        Some(activation) => settle(cx, draft, activation, plan),
        None => Ok(()),
    }
}

/// Takes over what a function or a job gave, and goes on or fails.
pub(super) fn settle(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: Activation,
    plan: CallPlan,
) -> Result<(), Halt> {
    let id = activation.id;
    let returned = match plan {
        CallPlan::Fail(failure) => Err(failure),
        CallPlan::Returned { into, value } => {
            within_data(cx, draft.instance()?, into.is_some(), &value).map(|()| (into, value))
        }
    };
    match returned {
        Ok((into, value)) => {
            draft.emit(Event::FunctionReturned {
                activation: id,
                into,
                value,
            });
            enter::leave(cx, draft, id)
        }
        // A job that fails for good leaves an incident, whoever says so.
        Err(failure) if cx.is_called() && activation.body != Body::Job => Err(Halt::refuse(
            failure.code,
            format!("node `{}`: {}", activation.node, failure.message),
        )),
        Err(failure) => {
            enter::park(draft, id, activation.node, &failure);
            Ok(())
        }
    }
}

/// What a function returned must leave the data within their limit.
pub(super) fn within_data(
    cx: &Context<'_>,
    instance: &Instance,
    kept: bool,
    value: &Value,
) -> Result<(), Failure> {
    let limit = cx.facts.settings.limits.data_bytes;
    if !kept {
        return Ok(());
    }
    let size = instance.data().to_string().len() + value.to_string().len();
    if size <= limit {
        return Ok(());
    }
    Err(Failure {
        code: RefusalCode::LimitExceeded,
        message: format!("the data would be {size} bytes long, {limit} are allowed"),
    })
}
