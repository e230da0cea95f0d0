//! Save a draft: what is filled of a task's form is kept without completing the task.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | save_draft | task open and not suspended | candidate or assignee, not excluded; the task has a form | `task_drafted`, and by a candidate `task_claimed` | task assigned |

use std::sync::Arc;

use serde_json::Value;

use crate::{
    command::TaskRef,
    event::Event,
    graph::Behaviour,
    machine::{
        commands::decide,
        context::{Context, Halt},
        data,
        draft::Draft,
        entry,
        rights::{self, For},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    form: Option<&Arc<Value>>,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    let spec = entry::spec(cx, &task.node, task.entry).map(|(_, spec)| spec);
    let fillable =
        spec.is_some_and(|spec| spec.form.is_some() && spec.behaviour != Behaviour::Move);
    if !fillable {
        return Err(Halt::refuse(
            RefusalCode::FormNotAllowed,
            "the task has no form",
        ));
    }
    if let Some(form) = form {
        fits(cx, form)?;
    }
    decide::claim_implicitly(cx, draft, &task)?;
    draft.emit(Event::TaskDrafted {
        task: task.id,
        form: form.cloned(),
    });
    Ok(())
}

/// What is not filled yet cannot be checked: a draft is an object and no longer than a form.
fn fits(cx: &Context<'_>, form: &Value) -> Result<(), Halt> {
    if !form.is_object() {
        return Err(Halt::refuse(
            RefusalCode::FormInvalid,
            "a draft is a JSON object",
        ));
    }
    data::small("the draft", form, cx.facts.settings.limits.form_bytes)
}
