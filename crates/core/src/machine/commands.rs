//! The commands: each checks in the one order of refusals, then emits its first events.
//!
//! Everything that a command asks for is asked before its first event.

mod add_approver;
mod add_branch;
mod answer;
mod begin;
mod cancel;
mod cancel_task;
mod child_raised;
mod claim;
mod comment;
mod complete;
mod decide;
mod delegate;
mod deliver;
mod end_child;
mod escalate;
mod finish_job;
mod follow_members;
mod hold;
mod jump;
mod migrate;
mod person_left;
mod release;
mod remove_approver;
mod request_info;
mod resubmit;
mod resume;
mod retry;
mod returns;
mod ring;
mod run_action;
mod save_draft;
mod set_data;
mod set_metadata;
mod set_status;
mod skip;
mod snooze;
mod start;
mod start_work;
mod suspend;
mod transfer;
mod undo;
mod wake;
mod withdraw;

use serde_json::Value;

use crate::{
    command::Command,
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
    },
};

pub(super) use self::migrate::follow;

/// Checks the command and emits its first events, or asks, or refuses.
pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    within(cx)?;
    match cx.command {
        Command::AddApprover(task, over) => add_approver::begin(cx, draft, *task, over),
        Command::AddBranch(node, item) => add_branch::begin(cx, draft, node, item),
        Command::Answer(task, text) => answer::begin(cx, draft, *task, text),
        Command::Approve(task, answer) => decide::approve(cx, draft, *task, answer),
        Command::Assign(task, over) => transfer::assign(cx, draft, *task, over),
        Command::Begin => begin::begin(cx, draft),
        Command::Cancel { reason, force } => cancel::begin(cx, draft, reason, *force),
        Command::CancelTask(place, reason) => {
            cancel_task::begin(cx, draft, place, reason.as_deref())
        }
        Command::ChildRaised(activation, child, code) => {
            child_raised::begin(cx, draft, *activation, *child, code)
        }
        Command::Claim(task) => claim::begin(cx, draft, *task),
        Command::Comment(task, text) => comment::begin(cx, draft, *task, text),
        Command::Complete(task, answer) => complete::begin(cx, draft, *task, answer),
        Command::Delegate(task, to) => delegate::begin(cx, draft, *task, to),
        Command::Deliver(place, delivery) => deliver::begin(cx, draft, place, delivery),
        Command::EndChild(activation, child, end) => {
            end_child::begin(cx, draft, *activation, *child, end)
        }
        Command::Escalate(task, reason) => escalate::begin(cx, draft, *task, reason),
        Command::FinishJob(activation, result) => finish_job::begin(cx, draft, *activation, result),
        Command::FollowMembers(task) => follow_members::begin(cx, draft, *task),
        Command::Hold(reason) => hold::begin(cx, draft, reason.as_deref()),
        Command::Jump(place, to) => jump::begin(cx, draft, place.as_ref(), to),
        Command::Migrate(migration) => migrate::begin(cx, draft, migration),
        Command::Reject(task, answer) => decide::reject(cx, draft, *task, answer),
        Command::PersonLeft(task, person) => person_left::begin(cx, draft, *task, person),
        Command::RemoveApprover(task, over) => remove_approver::begin(cx, draft, *task, over),
        Command::Release(task) => release::begin(cx, draft, *task),
        Command::Ring(activation) => ring::begin(cx, draft, *activation),
        Command::RunAction(action) => run_action::begin(cx, draft, action),
        Command::RequestInfo(task, over) => request_info::begin(cx, draft, *task, over),
        Command::Resubmit(task, to) => resubmit::begin(cx, draft, *task, to),
        Command::Resume => resume::begin(cx, draft),
        Command::ResumeTask(task) => resume::task(cx, draft, *task),
        Command::Return(task, reason) => returns::begin(cx, draft, *task, reason),
        Command::Retry(place) => retry::retry(cx, draft, place),
        Command::Revive(place) => retry::revive(cx, draft, place),
        Command::SaveDraft(task, form) => save_draft::begin(cx, draft, *task, form.as_ref()),
        Command::SetData(values) => set_data::begin(cx, draft, values),
        Command::SetStatus(task, change) => set_status::begin(cx, draft, *task, change),
        Command::SetMetadata(values) => set_metadata::begin(cx, draft, values),
        Command::Skip(place, reason) => skip::begin(cx, draft, place, reason),
        Command::Snooze(task, until) => snooze::begin(cx, draft, *task, *until),
        Command::Start(start) => start::begin(cx, draft, start),
        Command::Transfer(task, over) => transfer::transfer(cx, draft, *task, over),
        Command::StartWork(task) => start_work::begin(cx, draft, *task),
        Command::Suspend(task, reason) => suspend::begin(cx, draft, *task, reason.as_deref()),
        Command::Undo(place) => undo::begin(cx, draft, place),
        Command::Unsnooze(task) => snooze::wake(cx, draft, *task),
        Command::Wake(task) => wake::begin(cx, draft, *task),
        Command::Withdraw { reason } => withdraw::begin(cx, draft, reason),
    }
}

/// Refuses a context that is too large.
fn within(cx: &Context<'_>) -> Result<(), Halt> {
    let context = &cx.facts.context;
    if context.is_empty() {
        return Ok(());
    }
    let context = Value::Object((**context).clone());
    data::small(
        "the context",
        &context,
        cx.facts.settings.limits.context_bytes,
    )
}
