//! Claim: a candidate takes an offered task.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | claim | task ready | candidate, not excluded | `task_claimed` | task assigned |

use crate::{
    command::TaskRef,
    event::Event,
    graph::ActionEvent,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Claiming)?;
    let Some(person) = cx.facts.actor.person() else {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            "only a person can take a task",
        ));
    };
    draft.emit(Event::TaskClaimed {
        task: task.id,
        by: person.id.clone(),
    });
    draft
        .fired
        .push(Fired::new(ActionEvent::OnTaskAssigned, Some(&task.node)).task(task.id));
    Ok(())
}
