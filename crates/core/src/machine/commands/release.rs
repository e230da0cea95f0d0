//! Release: whoever claimed a task gives it back to the others, or a manager does.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | release | task assigned and offered before | assignee or manager | `task_released` | task ready |

use crate::{
    command::TaskRef,
    event::Event,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::GivingBack)?;
    let given_back =
        task.assignee.is_some() && task.delegations.is_empty() && !task.candidates.is_empty();
    if !given_back {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            "the task has not been claimed from an offer, so nobody else could take it",
        ));
    }
    draft.emit(Event::TaskReleased { task: task.id });
    Ok(())
}
