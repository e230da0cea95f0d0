//! Complete: a person does a task of a flow.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | complete | task ready or assigned | candidate or assignee, not excluded, the fields of its form fit | `decision_made` `data_set` `task_cancelled`… `entry_closed` `node_completed` | task completed |

use serde_json::Value;

use crate::{
    command::{Answer, TaskRef},
    event::Event,
    graph::ActionEvent,
    instance::Outcome,
    machine::{
        call,
        commands::decide,
        context::{Context, Halt},
        draft::{Draft, Fired},
        enter,
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
    let values = match answer.form.as_deref() {
        Some(Value::Object(values)) => values.clone(),
        _ => serde_json::Map::new(),
    };
    let added = Value::Object(values);
    call::within_data(cx, draft.instance()?, answer.form.is_some(), &added)
        .map_err(|failure| Halt::refuse(RefusalCode::LimitExceeded, failure.message))?;
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
    enter::leave(cx, draft, task.activation)
}
