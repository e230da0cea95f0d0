//! Comment: somebody who may look at an instance says something about it, or about one of its tasks.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | comment | instance not ended | who may look at it; some text | `commented` | as it is |

use crate::{
    actor::Actor,
    command::TaskRef,
    event::Event,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights,
        sight::may_see,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: Option<TaskRef>,
    text: &str,
) -> Result<(), Halt> {
    let status = draft.instance()?.status();
    if status.ended_at().is_some() {
        return Err(Halt::refuse(
            RefusalCode::NotRunning,
            format!("the instance is {}", status.as_str()),
        ));
    }
    if let Actor::Person(person) = &cx.facts.actor {
        draft.load_all(cx.facts)?;
        if !may_see(cx.graph, draft.instance()?, person) {
            return Err(Halt::refuse(
                RefusalCode::NotPermitted,
                format!("`{}` has no part in this instance", person.id),
            ));
        }
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(Halt::refuse(
            RefusalCode::ReasonRequired,
            "a comment must say something",
        ));
    }
    rights::within(cx, "comment", text)?;
    draft.emit(Event::Commented {
        task: target.map(|target| target.task),
        text: text.to_owned(),
    });
    Ok(())
}
