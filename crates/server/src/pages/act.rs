//! What people do with a task: one form, one button per decision.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use serde_json::Value;
use signoff::{
    Call, Done, NotDone, TaskId, TaskView,
    core::graph::{NodeKind, StatusRole},
};

use super::{
    did::Did,
    form::{self, Sent},
    frame::Frame,
    render,
    task_bar::{form_schema, is_check_in},
    task_page::Page,
};
use crate::{auth::Cx, fault::Fault, read::prefill};

/// Does what the pressed button says, or shows why not with everything that was typed.
pub(super) async fn decide(
    cx: Cx,
    Path(id): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(sent) = sent?;
    let sent = Sent(sent);
    let view = cx.task(&id).await?;
    let task = view.task.id;
    let (call, did) = call(&view, &sent)?;
    match cx.app.engine.call(cx.says(call)).await {
        Ok(done) => {
            let (did, place) = next(&cx, did, task, &done).await?;
            Ok(render::go(&cx.app, &place, did))
        }
        Err(NotDone::Refused(refusal)) => {
            let fault = Fault::from(refusal);
            // Somebody may have been faster: what is shown is what is so now.
            let view = cx.task(&id).await?;
            let frame = Frame::at(format!("/tasks/{task}"));
            let page = Page::new(&cx, view, &frame, Some((&sent, &fault))).await?;
            render::page(fault.status, &page)
        }
        Err(failed) => Err(failed.into()),
    }
}

fn call(view: &TaskView, sent: &Sent) -> Result<(Call, Did), Fault> {
    let task = view.task.id;
    let or_none = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(match sent.get("outcome") {
        "approve" => {
            let call = with(
                Call::approve(task),
                or_none(sent.get("comment")),
                Call::comment,
            );
            if is_check_in(view) {
                return Ok((call, Did::CheckIn));
            }
            (with(call, filled(view, sent), Call::form), Did::Approve)
        }
        "complete" => {
            let call = with(
                Call::complete(task),
                or_none(sent.get("comment")),
                Call::comment,
            );
            (with(call, filled(view, sent), Call::form), Did::Complete)
        }
        "reject" => {
            let call = with(
                Call::reject(task),
                or_none(sent.get("comment")),
                Call::comment,
            );
            (call.reason(sent.get("reject_reason")), Did::Reject)
        }
        "resubmit" => {
            let call = Call::resubmit(task).reason(sent.get("resubmit_reason"));
            (
                with(call, or_none(sent.get("resubmit_to")), Call::to),
                Did::Resubmit,
            )
        }
        "delegate" => {
            let call = Call::delegate(task).reason(sent.get("delegate_reason"));
            (
                with(call, or_none(sent.get("delegate_to")), Call::to),
                Did::Delegate,
            )
        }
        "transfer" => {
            let call = Call::transfer(task);
            let call = with(call, or_none(sent.get("transfer_reason")), Call::reason);
            (
                with(call, or_none(sent.get("transfer_to")), Call::to),
                Did::Transfer,
            )
        }
        "ask" => {
            let call = Call::request_info(task);
            let call = with(call, or_none(sent.get("ask_question")), Call::comment);
            (
                with(call, or_none(sent.get("ask_to")), Call::to),
                Did::RequestInfo,
            )
        }
        "answer" => {
            let call = Call::answer(task);
            (
                with(call, or_none(sent.get("comment")), Call::comment),
                Did::Answer,
            )
        }
        "claim" => (Call::claim(task), Did::Claim),
        "release" => (Call::release(task), Did::Release),
        other => match other.strip_prefix("status:") {
            Some(status) => {
                let call = Call::set_status(task, status);
                let call = with(call, or_none(sent.get("comment")), Call::comment);
                let form = filled(view, sent).filter(|_| completes(view, status));
                (with(call, form, Call::form), Did::SetStatus)
            }
            None => return Err(Fault::malformed("no such decision")),
        },
    })
}

/// Whether the status leaves the step: a form goes with those only.
fn completes(view: &TaskView, status: &str) -> bool {
    let node = view.definition.graph.node(&view.task.node);
    match node.map(|node| &node.kind) {
        Some(NodeKind::Step(step)) => step
            .statuses
            .get(status)
            .is_some_and(|status| status.role == StatusRole::Completion),
        _ => false,
    }
}

/// The filled form; `None` when there is none or nothing was filled in.
fn filled(view: &TaskView, sent: &Sent) -> Option<Value> {
    let form = form::to_json(form_schema(view), sent, &prefill(view));
    let is_empty = form.as_object().is_none_or(serde_json::Map::is_empty);
    (!is_empty).then_some(form)
}

/// A decided task leaves the inbox at once; one that stays is shown again, and whoever completed one
/// goes straight to the next that there is around its instance.
async fn next(cx: &Cx, did: Did, task: TaskId, done: &Done) -> Result<(Did, String), Fault> {
    let inbox = "/inbox".to_owned();
    Ok(match did {
        Did::CheckIn | Did::Claim | Did::Release | Did::RequestInfo => {
            (did, format!("/tasks/{task}"))
        }
        // The step stays where a status is only itself.
        Did::SetStatus if done.instance.task(task).is_some() => (did, format!("/tasks/{task}")),
        Did::Complete | Did::SetStatus => {
            let engine = &cx.app.engine;
            match engine
                .next_task(&cx.app.tenant, done.id(), &cx.person)
                .await?
            {
                Some(next) => (Did::CompleteNext, format!("/tasks/{next}")),
                None => (did, inbox),
            }
        }
        _ => (did, inbox),
    })
}

fn with<T>(call: Call, value: Option<T>, set: impl FnOnce(Call, T) -> Call) -> Call {
    match value {
        Some(value) => set(call, value),
        None => call,
    }
}
