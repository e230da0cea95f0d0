//! Answer: somebody says what was asked, and whoever asked goes on.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | answer | question open | whoever was asked; some text | `info_answered` | task completed, the clock of the one that asked goes on |

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

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    text: &str,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::HandingOver)?;
    if task.question.is_none() {
        return Err(Halt::refuse(
            RefusalCode::UnknownOutcome,
            "the task is no question: it is decided",
        ));
    }
    let text = rights::reason(cx, Some(text))?;
    rights::within(cx, "answer", &text)?;
    draft.emit(Event::InfoAnswered {
        task: task.id,
        by: cx.facts.actor.by(),
        text,
    });
    Ok(())
}
