//! Suspend: nobody may act on a task, and its clock stands still, until it is resumed.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | suspend | task open and not suspended | manager | `task_suspended` | task suspended |

use crate::{
    command::TaskRef,
    event::Event,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights,
    },
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    reason: Option<&str>,
) -> Result<(), Halt> {
    let task = rights::open_task(cx, draft, target)?;
    rights::ticks(&task)?;
    rights::manages(cx)?;
    if let Some(reason) = reason {
        rights::within(cx, "reason", reason)?;
    }
    draft.emit(Event::TaskSuspended {
        task: task.id,
        reason: reason.map(str::to_owned),
    });
    Ok(())
}
