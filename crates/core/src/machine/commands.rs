//! The commands: each checks in the one order of refusals, then emits its first events.
//!
//! Everything that a command asks for is asked before its first event.

mod cancel;
mod claim;
mod complete;
mod decide;
mod delegate;
mod finish_job;
mod release;
mod resubmit;
mod ring;
mod start;
mod wake;

use crate::{
    command::Command,
    machine::{
        context::{Context, Halt},
        draft::Draft,
    },
};

/// Checks the command and emits its first events, or asks, or refuses.
pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    match cx.command {
        Command::Approve(task, answer) => decide::approve(cx, draft, *task, answer),
        Command::Cancel { reason } => cancel::begin(cx, draft, reason),
        Command::Claim(task) => claim::begin(cx, draft, *task),
        Command::Complete(task, answer) => complete::begin(cx, draft, *task, answer),
        Command::Delegate(task, to) => delegate::begin(cx, draft, *task, to),
        Command::FinishJob(activation, result) => finish_job::begin(cx, draft, *activation, result),
        Command::Reject(task, answer) => decide::reject(cx, draft, *task, answer),
        Command::Release(task) => release::begin(cx, draft, *task),
        Command::Ring(activation) => ring::begin(cx, draft, *activation),
        Command::Resubmit(task, to) => resubmit::begin(cx, draft, *task, to),
        Command::Start(start) => start::begin(cx, draft, start),
        Command::Wake(task) => wake::begin(cx, draft, *task),
    }
}
