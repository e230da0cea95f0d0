//! What people do with tasks.

use axum::{Json, extract::Path};
use serde::Deserialize;
use serde_json::Value;
use signoff::{Call, NotDone, Refusal, RefusalCode, TaskId};

use super::{
    body::Body,
    command::{Answer, Why},
};
use crate::{auth::Cx, fault::Fault, said::with};

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

/// Until when a task is not to be seen; `null` puts it in sight again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    until: Option<jiff::Timestamp>,
}

impl HandOver {
    fn of(self, call: Call) -> Call {
        with(with(call, self.reason, Call::reason), self.to, Call::to)
    }
}

/// Approves, rejects or sends back.
pub(super) async fn decide(
    cx: Cx,
    Path(id): Path<String>,
    Body(decision): Body<Decision>,
) -> Result<Json<Answer>, Fault> {
    let verb = match decision.outcome.as_str() {
        "approve" => Call::approve,
        "reject" => Call::reject,
        "resubmit" => Call::resubmit,
        other => {
            return Err(NotDone::Refused(Refusal::new(
                RefusalCode::UnknownOutcome,
                format!("`{other}` is no decision: say `approve`, `reject` or `resubmit`"),
            ))
            .into());
        }
    };
    act(&cx, &id, |task| {
        let call = with(verb(task), decision.comment, Call::comment);
        let call = with(call, decision.reason, Call::reason);
        let call = with(call, decision.form, Call::form);
        with(call, decision.to, Call::to)
    })
    .await
}

/// Does a task of a flow.
pub(super) async fn complete(
    cx: Cx,
    Path(id): Path<String>,
    Body(completion): Body<Completion>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| {
        let call = with(Call::complete(task), completion.comment, Call::comment);
        with(call, completion.form, Call::form)
    })
    .await
}

/// Takes an offered task.
pub(super) async fn claim(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::claim).await
}

/// Gives a claimed task back.
pub(super) async fn release(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::release).await
}

/// Begins to work on a task.
pub(super) async fn start_work(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::start_work).await
}

/// Puts a task out of sight until a moment.
pub(super) async fn snooze(
    cx: Cx,
    Path(id): Path<String>,
    Body(snooze): Body<Snooze>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| match snooze.until {
        Some(until) => Call::snooze(task, until),
        None => Call::unsnooze(task),
    })
    .await
}

/// Keeps what is filled of a task's form; `null` drops it.
pub(super) async fn save_draft(
    cx: Cx,
    Path(id): Path<String>,
    Body(form): Body<Option<Value>>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| {
        with(Call::save_draft(task), form, Call::form)
    })
    .await
}

/// Stops the clock of a task.
pub(super) async fn suspend(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| why.of(Call::suspend(task))).await
}

/// Lets a suspended task go on.
pub(super) async fn resume(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::resume_task).await
}

/// Hands a task over and keeps the vote.
pub(super) async fn delegate(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| over.of(Call::delegate(task))).await
}

/// Hands a task over for good.
pub(super) async fn transfer(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| over.of(Call::transfer(task))).await
}

/// Asks one person more.
pub(super) async fn add_approver(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| over.of(Call::add_approver(task))).await
}

/// Asks one person less.
pub(super) async fn remove_approver(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| over.of(Call::remove_approver(task))).await
}

/// Asks the directory again who is asked.
pub(super) async fn follow_members(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::follow_members).await
}

/// Gives a task to a person, as one of its managers.
pub(super) async fn assign(
    cx: Cx,
    Path(id): Path<String>,
    Body(over): Body<HandOver>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| over.of(Call::assign(task))).await
}

/// Gives a stage back to the requester, who corrects what was asked for.
pub(super) async fn give_back(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| why.of(Call::return_to_requester(task))).await
}

/// Gives a task to whoever leads the person who has it.
pub(super) async fn escalate(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| why.of(Call::escalate(task))).await
}

/// Asks somebody something before the task is decided.
pub(super) async fn request_info(
    cx: Cx,
    Path(id): Path<String>,
    Body(question): Body<Question>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| {
        let call = with(Call::request_info(task), question.comment, Call::comment);
        with(call, question.to, Call::to)
    })
    .await
}

/// Answers a question.
pub(super) async fn answer(
    cx: Cx,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| {
        with(Call::answer(task), said.comment, Call::comment)
    })
    .await
}

/// Gives a command about a task that the person may see.
pub(super) async fn act(
    cx: &Cx,
    id: &str,
    call: impl FnOnce(TaskId) -> Call,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(id).await?.task.id;
    let done = cx.app.engine.call(cx.says(call(task))).await?;
    Ok(Json(Answer::after(done, Some(task), cx).await?))
}
