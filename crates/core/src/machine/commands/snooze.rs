//! Snooze: whoever has a task does not want to see it until a moment; its clock goes on.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | snooze | task open and not suspended | candidate or assignee, not excluded; a moment to come | `task_snoozed`, and by a candidate `task_claimed` | task snoozed |
//! | unsnooze | task snoozed | assignee | `task_woken` | task as it was |

use jiff::Timestamp;

use crate::{
    command::TaskRef,
    event::Event,
    machine::{
        commands::decide,
        context::{Context, Halt},
        draft::Draft,
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    until: Option<Timestamp>,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    let Some(until) = until else {
        return Err(Halt::refuse(
            RefusalCode::TargetRequired,
            "say until when the task is not to be seen",
        ));
    };
    if until <= cx.facts.now {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("{until} is over"),
        ));
    }
    if task.assignee.is_none() && cx.facts.actor.person().is_none() {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            "nobody has the task, so nobody can put it out of sight",
        ));
    }
    decide::claim_implicitly(cx, draft, &task)?;
    draft.emit(Event::TaskSnoozed {
        task: task.id,
        until,
    });
    Ok(())
}

pub(super) fn wake(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    if task.timers.snoozed.is_none() {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("the task is {}", task.state().as_str()),
        ));
    }
    draft.emit(Event::TaskWoken { task: task.id });
    Ok(())
}
