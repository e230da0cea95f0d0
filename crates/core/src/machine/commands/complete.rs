//! Complete: a person does a task of a flow.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | complete | task ready or assigned | candidate or assignee, not excluded, the fields of its form fit | `decision_made` `data_set` `task_cancelled`… `entry_closed` `node_completed` | task completed |

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    command::{Answer, TaskRef},
    event::Event,
    graph::{ActionEvent, EntrySpec, Fills},
    instance::{Instance, Outcome, Task},
    machine::{
        commands::{decide, set_data},
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
    let revised = revised(cx, draft.instance()?, &task, spec, answer);
    decide::check_form(cx, spec, revised.as_ref().or(answer.form.as_ref()))?;
    let fills = decide::fills(cx, &task.node);
    let values = match answer.form.as_deref() {
        Some(Value::Object(values)) if fills == Fills::Data => values.clone(),
        _ => Map::new(),
    };
    if revised.is_some() {
        set_data::check(cx, draft.instance()?, &values)?;
    }
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

/// What a request would be, corrected: what its form shows of it, with what is said now.
fn revised(
    cx: &Context<'_>,
    instance: &Instance,
    task: &Task,
    spec: &EntrySpec,
    answer: &Answer,
) -> Option<Arc<Value>> {
    let revise = cx.graph.revise().filter(|node| node.key == task.node);
    let form = revise.and(spec.form.as_ref())?;
    let said = match answer.form.as_deref() {
        None => None,
        Some(Value::Object(said)) => Some(said),
        Some(_) => return None,
    };
    let shown = form.source.get("properties").and_then(Value::as_object);
    let shows = |key: &String| shown.is_some_and(|shown| shown.contains_key(key));
    let mut whole: Map<String, Value> = instance
        .data()
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| shows(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    whole.extend(
        said.into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    Some(Arc::new(Value::Object(whole)))
}
