//! What people are asked to fill, and what is known of it already.

use std::borrow::Cow;

use serde_json::{Map, Value};
use signoff::{
    TaskView,
    core::{
        graph::{FormSpec, Graph, Node, NodeKind},
        instance::{Instance, Task, VisitState},
    },
};

/// The form of a task.
pub(crate) fn form_of<'a>(graph: &'a Graph, task: &Task) -> Option<&'a FormSpec> {
    graph.node(&task.node)?.entry(task.entry)?.form.as_ref()
}

/// Whether the task belongs to a flow: it is completed, and its form fills fields of the data.
pub(crate) fn is_completed_by_form(graph: &Graph, task: &Task) -> bool {
    let kind = graph.node(&task.node).map(|node| &node.kind);
    matches!(kind, Some(NodeKind::Step(_) | NodeKind::Task(_)))
}

/// The fields of a task's form that the data hold already; of votes nothing is known before.
pub(crate) fn prefill(view: &TaskView) -> Value {
    let graph = &view.definition.graph;
    let form = form_of(graph, &view.task).filter(|_| is_completed_by_form(graph, &view.task));
    let data = view.instance.data();
    let known = form.into_iter().flat_map(fields).filter_map(|key| {
        let value = data.get(key)?;
        Some((key.to_owned(), value.clone()))
    });
    Value::Object(known.collect())
}

/// What is asked of whoever starts an instance, as a JSON Schema; `null` when nothing is.
///
/// Without a start form that is all of the data; where tasks fill data later, what must be there from
/// the beginning.
pub(crate) fn start_schema(graph: &Graph) -> Cow<'_, Value> {
    if let Some(form) = &graph.start().form {
        return Cow::Borrowed(&form.source);
    }
    let Some(data) = graph.data() else {
        return Cow::Owned(Value::Null);
    };
    if task_forms(graph).next().is_none() {
        return Cow::Borrowed(&data.source);
    }
    let mut schema = data.source.clone();
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |key: &str| {
        let names = required.as_array();
        names.is_some_and(|names| names.iter().any(|name| name == key))
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|key, _| is_required(key));
    }
    Cow::Owned(schema)
}

/// The data without the defaults of fields that nobody has been asked for yet.
pub(crate) fn asked_data(instance: &Instance, graph: &Graph) -> Value {
    let mut data = Value::clone(instance.data());
    let (Some(members), Some(schema)) = (data.as_object_mut(), graph.data()) else {
        return data;
    };
    let properties = schema.source.get("properties");
    let default = |key: &str| properties?.get(key)?.get("default");
    let at_start: Vec<&str> = graph.start().form.iter().flat_map(fields).collect();
    members.retain(|key, value| {
        let mut askers = task_forms(graph)
            .filter(|(_, form)| fields(form).any(|field| field == key))
            .peekable();
        default(key) != Some(value)
            || at_start.contains(&key.as_str())
            || askers.peek().is_none()
            || askers.any(|(node, _)| was_done(instance, node))
    });
    data
}

/// `data` without the fields of `form`.
pub(crate) fn without(mut data: Value, form: &Value) -> Value {
    let fields = form.get("properties").and_then(Value::as_object);
    if let (Some(members), Some(fields)) = (data.as_object_mut(), fields) {
        members.retain(|key, _| !fields.contains_key(key));
    }
    data
}

fn was_done(instance: &Instance, node: &Node) -> bool {
    let result = instance.results().get(&node.key);
    result.is_some_and(|result| result.state == VisitState::Completed || !result.actors.is_empty())
}

/// The tasks that fill fields of the data, with their forms.
fn task_forms(graph: &Graph) -> impl Iterator<Item = (&Node, &FormSpec)> {
    graph.nodes().filter_map(|node| match &node.kind {
        NodeKind::Step(step) => Some((node, step.entry.form.as_ref()?)),
        NodeKind::Task(task) => Some((node, task.entry.form.as_ref()?)),
        _ => None,
    })
}

fn fields(form: &FormSpec) -> impl Iterator<Item = &str> {
    let properties = form.source.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
}
