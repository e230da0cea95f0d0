//! Start work: whoever has a task, or may take it, begins to work on it.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | start_work | task ready, assigned or snoozed | candidate or assignee, not excluded | `task_started`, and by a candidate `task_claimed` | task in progress |

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

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    if task.assignee.is_none() && cx.facts.actor.person().is_none() {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            "nobody has the task, and only a person can take it",
        ));
    }
    if let Some(since) = task.started_at {
        return Err(Halt::refuse(
            RefusalCode::AlreadyStarted,
            format!("the task is in progress since {since}"),
        ));
    }
    decide::claim_implicitly(cx, draft, &task)?;
    draft.emit(Event::TaskStarted { task: task.id });
    Ok(())
}
