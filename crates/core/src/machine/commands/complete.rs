//! Complete: a person does a task of a flow.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | complete | task ready or assigned | candidate or assignee, not excluded, the fields of its form fit | `decision_made` `data_set` `task_cancelled`… `entry_closed` `node_completed` | task completed |

use serde_json::Value;

use crate::{
    command::{Answer, TaskRef},
    event::Event,
    graph::{ActionEvent, Fills},
    instance::Outcome,
    machine::{
        commands::decide,
        context::{Context, Halt},
        data,
        draft::{Draft, Fired},
        leave,
        rights::{self, For},
        votes,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    answer: &Answer,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    let spec = decide::spec_of(cx, &task, decide::Says::Done)?;
    decide::check_form(cx, spec, answer.form.as_ref())?;
    let fills = decide::fills(cx, &task.node);
    let values = match answer.form.as_deref() {
        Some(Value::Object(values)) if fills == Fills::Data => values.clone(),
        _ => serde_json::Map::new(),
    };
    let added = Value::Object(values);
    if answer.form.is_some() {
        data::within(cx, draft.instance()?.data(), &added)
            .map_err(|failure| Halt::refuse(RefusalCode::LimitExceeded, failure.message))?;
    }
    decide::check_comment(cx, answer)?;
    decide::record(cx, draft, &task, Outcome::Completed, answer, None);
    if let Value::Object(values) = added
        && !values.is_empty()
    {
        draft.emit(Event::DataSet { values });
    }
    votes::close_entry(draft, task.activation, task.entry, Outcome::Completed)?;
    draft.fired.push(Fired {
        comment: answer.comment.clone(),
        ..Fired::new(ActionEvent::AfterComplete, Some(&task.node)).task(task.id)
    });
    leave::leave(cx, draft, task.activation)
}
