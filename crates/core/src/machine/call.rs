//! The call of a host's function within the command.

use serde_json::Value;

use crate::{
    event::Event,
    facts::{FunctionCall, Question},
    graph::{DataPath, NodeKind},
    id::ActivationId,
    instance::{Activation, Instance},
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        failure::{Failure, fail},
        leave,
        variables::Variables,
    },
};

/// What a call of the host's function came to.
#[derive(Clone, Debug)]
pub(super) enum CallPlan {
    /// It failed.
    Fail(Failure),
    /// It returned.
    Returned {
        /// The place in the data that takes the result.
        into: Option<DataPath>,
        /// The result.
        value: Value,
    },
}

pub(super) fn plan(
    cx: &Context<'_>,
    instance: &Instance,
    id: ActivationId,
) -> Result<CallPlan, Halt> {
    let Some(activation) = instance.activation(id) else {
        return Ok(CallPlan::Fail(Failure::node("it was withdrawn")));
    };
    let node = cx.graph.node(&activation.node);
    let Some(NodeKind::Function(function)) = node.map(|node| &node.kind) else {
        return Ok(CallPlan::Fail(Failure::node("the node calls no function")));
    };
    let variables = Variables::here(cx, instance).of(activation);
    let input = match function.with.render(&variables) {
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
            into: function.into.clone(),
            value: value.clone(),
        }),
        Some(Err(failure)) => Ok(CallPlan::Fail(Failure::of_function(
            &function.name,
            failure,
        ))),
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    plan: CallPlan,
) -> Result<(), Halt> {
    match draft.instance()?.activation(id).cloned() {
        Some(activation) => settle(cx, draft, &activation, plan),
        None => Ok(()),
    }
}

/// Takes over what a function or a job gave, and goes on or fails.
pub(super) fn settle(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    plan: CallPlan,
) -> Result<(), Halt> {
    let id = activation.id;
    let (into, value) = match plan {
        CallPlan::Fail(failure) => return fail(cx, draft, id, &failure),
        CallPlan::Returned { into, value } => (into, value),
    };
    match take(cx, draft, into.as_ref(), value)? {
        Ok((into, value)) => {
            draft.emit(Event::FunctionReturned {
                activation: id,
                into,
                value,
            });
            leave::leave(cx, draft, id)
        }
        Err(failure) => fail(cx, draft, id, &failure),
    }
}

/// The top-level key of the data that takes a value, and what it is then; the value alone where
/// nothing takes it.
pub(super) fn take(
    cx: &Context<'_>,
    draft: &Draft,
    into: Option<&DataPath>,
    value: Value,
) -> Result<Result<(Option<String>, Value), Failure>, Halt> {
    let Some(path) = into else {
        return Ok(data::shallow("the result", &value).map(|()| (None, value)));
    };
    let put = data::put(cx, draft.instance()?.data(), path, value);
    Ok(put.map(|(key, root)| (Some(key), root)))
}
