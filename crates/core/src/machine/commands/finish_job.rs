//! Finish a job: the host's function of a job node has returned, or has failed for good.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | finish_job | activation runs a job | the engine or the host | `function_returned` `node_completed`, or `incident_opened` `node_failed` | activation completed or failed |

use serde_json::Value;

use crate::{
    actor::Actor,
    facts::FunctionFailure,
    graph::NodeKind,
    id::ActivationId,
    instance::{ActivationState, Body},
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
    rights::running(draft.instance()?)?;
    let Some(activation) = draft
        .load(id, cx.facts)?
        .filter(|found| found.body == Body::Job && found.state == ActivationState::Running)
        .cloned()
    else {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            "no such job is under way",
        ));
    };
    if let Actor::Person(person) = &cx.facts.actor {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("jobs are finished by workers, not by `{}`", person.id),
        ));
    }
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
    call::settle(cx, draft, &activation, plan)
}
