//! What people do with tasks.

use axum::{Json, extract::Path};
use serde::Deserialize;
use serde_json::Value;
use signoff::{Call, TaskId};

use super::{body::Body, command::Answer};
use crate::{auth::Cx, fault::Fault};

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    outcome: Outcome,
    comment: Option<String>,
    reason: Option<String>,
    form: Option<Value>,
    to: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Approve,
    Reject,
    Resubmit,
}

/// What is filled to complete a task of a flow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Completion {
    comment: Option<String>,
    form: Option<Value>,
}

/// A hand-over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOver {
    to: Option<String>,
    reason: Option<String>,
}

/// A reason alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    reason: Option<String>,
}

/// Approves, rejects or sends back.
pub(super) async fn decide(
    cx: Cx,
    Path(id): Path<String>,
    Body(decision): Body<Decision>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = match decision.outcome {
        Outcome::Approve => Call::approve(task),
        Outcome::Reject => Call::reject(task),
        Outcome::Resubmit => Call::resubmit(task),
    };
    let call = with(call, decision.comment, Call::comment);
    let call = with(call, decision.reason, Call::reason);
    let call = with(call, decision.form, Call::form);
    let call = with(call, decision.to, Call::to);
    act(&cx, task, call).await
}

/// Does a task of a flow.
pub(super) async fn complete(
    cx: Cx,
    Path(id): Path<String>,
    Body(completion): Body<Completion>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = with(Call::complete(task), completion.comment, Call::comment);
    act(&cx, task, with(call, completion.form, Call::form)).await
}

/// Takes an offered task.
pub(super) async fn claim(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(&cx, task, Call::claim(task)).await
}

/// Gives a claimed task back.
pub(super) async fn release(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(&cx, task, Call::release(task)).await
}

/// Hands a task over and keeps the vote.
pub(super) async fn delegate(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    give(&cx, &id, over, Call::delegate).await
}

/// Hands a task over for good.
pub(super) async fn transfer(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    give(&cx, &id, over, Call::transfer).await
}

/// Gives a task to a person, as one of its managers.
pub(super) async fn assign(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    give(&cx, &id, over, Call::assign).await
}

/// Gives a task to whoever leads the person who has it.
pub(super) async fn escalate(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(
        &cx,
        task,
        with(Call::escalate(task), why.reason, Call::reason),
    )
    .await
}

async fn give(
    cx: &Cx,
    id: &str,
    over: HandOver,
    call: fn(TaskId) -> Call,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(id).await?.task.id;
    let call = with(call(task), over.reason, Call::reason);
    act(cx, task, with(call, over.to, Call::to)).await
}

async fn act(cx: &Cx, task: TaskId, call: Call) -> Result<Json<Answer>, Fault> {
    let done = cx.app.engine.call(cx.says(call)).await?;
    Ok(Json(Answer::after(done, Some(task), cx).await?))
}

fn with<T>(call: Call, value: Option<T>, set: impl FnOnce(Call, T) -> Call) -> Call {
    match value {
        Some(value) => set(call, value),
        None => call,
    }
}
