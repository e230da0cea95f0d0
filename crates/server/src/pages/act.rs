//! What people do with a task: one form, one button per decision.

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use signoff::{
    Call, Done, NotDone, TaskId, TaskView,
    core::graph::{NodeKind, StatusRole},
};

use super::{
    did::Did,
    form::{self, Sent},
    frame::Frame,
    operation::WITH_TASK,
    render,
    task_bar::{form_schema, is_check_in},
    task_page::Page,
};
use crate::{auth::Cx, fault::Fault, read::prefill, said::with};

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
    let (call, did) = call(&view, &sent, cx.now())?;
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

fn call(view: &TaskView, sent: &Sent, now: Timestamp) -> Result<(Call, Did), Fault> {
    let task = view.task.id;
    let or_none = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let outcome = sent.get("outcome");
    if let Some(spec) = WITH_TASK.iter().find(|spec| spec.key == outcome) {
        return Ok((spec.call(task, sent), spec.did));
    }
    Ok(match outcome {
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
        "answer" => {
            let call = Call::answer(task);
            (
                with(call, or_none(sent.get("comment")), Call::comment),
                Did::Answer,
            )
        }
        "claim" => (Call::claim(task), Did::Claim),
        "release" => (Call::release(task), Did::Release),
        "resume_task" => (Call::resume_task(task), Did::ResumeTask),
        "save_draft" => {
            let form = filled(view, sent);
            (
                with(Call::save_draft(task), form, Call::form),
                Did::SaveDraft,
            )
        }
        "snooze" => (Call::snooze(task, put_off(sent, now)?), Did::Snooze),
        "start_work" => (Call::start_work(task), Did::StartWork),
        "unsnooze" => (Call::unsnooze(task), Did::Unsnooze),
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

/// Until when the task is put off.
fn put_off(sent: &Sent, now: Timestamp) -> Result<Timestamp, Fault> {
    let hours = match sent.get("snooze_for") {
        "hours" => 4,
        "day" => 24,
        "days" => 3 * 24,
        "week" => 7 * 24,
        _ => return Err(Fault::malformed("no such time")),
    };
    now.checked_add(SignedDuration::from_hours(hours))
        .map_err(|_| Fault::malformed("no such time"))
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
        Did::Assign
        | Did::CheckIn
        | Did::Claim
        | Did::Release
        | Did::RequestInfo
        | Did::ResumeTask
        | Did::SaveDraft
        | Did::StartWork
        | Did::Suspend
        | Did::Unsnooze => (did, format!("/tasks/{task}")),
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
