//! What people do with tasks.

use axum::{Json, extract::Path};
use serde::Deserialize;
use serde_json::Value;
use signoff::{Call, NotDone, Refusal, RefusalCode, TaskId};

use super::{body::Body, command::Answer};
use crate::{auth::Cx, fault::Fault};

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    outcome: String,
    comment: Option<String>,
    reason: Option<String>,
    form: Option<Value>,
    to: Option<String>,
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

/// A question; the requester is asked where nobody is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    to: Option<String>,
    comment: Option<String>,
}

/// An answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    comment: Option<String>,
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
    let call = match decision.outcome.as_str() {
        "approve" => Call::approve(task),
        "reject" => Call::reject(task),
        "resubmit" => Call::resubmit(task),
        other => {
            return Err(NotDone::Refused(Refusal::new(
                RefusalCode::UnknownOutcome,
                format!("`{other}` is no decision: say `approve`, `reject` or `resubmit`"),
            ))
            .into());
        }
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

/// Begins to work on a task.
pub(super) async fn start_work(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(&cx, task, Call::start_work(task)).await
}

/// Until when a task is not to be seen; `null` puts it in sight again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    until: Option<jiff::Timestamp>,
}

/// Puts a task out of sight until a moment.
pub(super) async fn snooze(
    cx: Cx,
    Path(id): Path<String>,
    Body(snooze): Body<Snooze>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = match snooze.until {
        Some(until) => Call::snooze(task, until),
        None => Call::unsnooze(task),
    };
    act(&cx, task, call).await
}

/// Keeps what is filled of a task's form; `null` drops it.
pub(super) async fn save_draft(
    cx: Cx,
    Path(id): Path<String>,
    Body(form): Body<Option<Value>>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(&cx, task, with(Call::save_draft(task), form, Call::form)).await
}

/// Stops the clock of a task.
pub(super) async fn suspend(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(
        &cx,
        task,
        with(Call::suspend(task), why.reason, Call::reason),
    )
    .await
}

/// Lets a suspended task go on.
pub(super) async fn resume(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(&cx, task, Call::resume_task(task)).await
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

/// Gives a stage back to the requester, who corrects what was asked for.
pub(super) async fn give_back(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = Call::return_to_requester(task);
    act(&cx, task, with(call, why.reason, Call::reason)).await
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

/// Asks somebody something before the task is decided.
pub(super) async fn request_info(
    cx: Cx,
    Path(id): Path<String>,
    Body(question): Body<Question>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = with(Call::request_info(task), question.comment, Call::comment);
    act(&cx, task, with(call, question.to, Call::to)).await
}

/// Answers a question.
pub(super) async fn answer(
    cx: Cx,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    act(
        &cx,
        task,
        with(Call::answer(task), said.comment, Call::comment),
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

pub(super) async fn act(cx: &Cx, task: TaskId, call: Call) -> Result<Json<Answer>, Fault> {
    let done = cx.app.engine.call(cx.says(call)).await?;
    Ok(Json(Answer::after(done, Some(task), cx).await?))
}

fn with<T>(call: Call, value: Option<T>, set: impl FnOnce(Call, T) -> Call) -> Call {
    match value {
        Some(value) => set(call, value),
        None => call,
    }
}
