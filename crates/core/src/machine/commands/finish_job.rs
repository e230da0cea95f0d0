//! Finish a job: the host's function of a job node has returned, or has failed for good.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | finish_job | activation runs a job | the engine or the host | `function_returned` `node_completed`, or `incident_opened` `node_failed` | activation completed or failed |
//! | finish_job | instance on hold, activation runs a job | the engine or the host | `news_kept` | the same |

use serde_json::Value;

use crate::{
    actor::Actor,
    event::Event,
    facts::FunctionFailure,
    graph::NodeKind,
    id::ActivationId,
    instance::{Activation, ActivationState, Body, News},
    machine::{
        call::{self, CallPlan},
        context::{Context, Halt},
        draft::Draft,
        failure::Failure,
        rights,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    result: &Result<Value, FunctionFailure>,
) -> Result<(), Halt> {
    let hears = rights::hears(draft.instance()?)?;
    let activation = under_way(cx, draft, id)?;
    if let Actor::Person(person) = &cx.facts.actor {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("jobs are finished by workers, not by `{}`", person.id),
        ));
    }
    if !hears {
        return keep(draft, id, result);
    }
    settle(cx, draft, &activation, result)
}

/// What was told while the instance was on hold takes effect.
pub(super) fn hear(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    result: &Result<Value, FunctionFailure>,
) -> Result<(), Halt> {
    let activation = under_way(cx, draft, id)?;
    settle(cx, draft, &activation, result)
}

fn under_way(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<Activation, Halt> {
    draft
        .load(id, cx.facts)?
        .filter(|found| found.body == Body::Job && found.state == ActivationState::Running)
        .cloned()
        .ok_or_else(|| Halt::refuse(RefusalCode::NotOpen, "no such job is under way"))
}

fn settle(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    result: &Result<Value, FunctionFailure>,
) -> Result<(), Halt> {
    let into = match cx.graph.node(&activation.node).map(|node| &node.kind) {
        Some(NodeKind::Job(job)) => job.into.clone(),
        _ => None,
    };
    let plan = match result {
        Ok(value) => CallPlan::Returned {
            into,
            value: value.clone(),
        },
        Err(failure) => CallPlan::Fail(Failure::of_job(failure)),
    };
    call::settle(cx, draft, activation, plan)
}

/// A job tells one thing only.
fn keep(
    draft: &mut Draft,
    activation: ActivationId,
    result: &Result<Value, FunctionFailure>,
) -> Result<(), Halt> {
    if draft.instance()?.status().has_news_of(activation) {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            "the job has told how it ended before",
        ));
    }
    draft.emit(Event::NewsKept(match result {
        Ok(value) => News::JobReturned {
            activation,
            value: value.clone(),
        },
        Err(failure) => News::JobFailed {
            activation,
            code: failure.code.clone(),
            message: failure.message.clone(),
        },
    }));
    Ok(())
}
