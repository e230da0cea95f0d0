//! What is written into the data of an instance.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    conditions::Condition,
    event::Event,
    graph::DataPath,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        failure::Failure,
        variables::Variables,
    },
    refusal::RefusalCode,
};

/// Levels of lists and objects inside each other: what is stored is read back up to 128 of them, a
/// few of which are the engine's own.
pub(super) const DEEPEST: usize = 100;

/// What comes into an instance from outside must not be nested too deep to be read back.
pub(super) fn shallow(what: &str, value: &Value) -> Result<(), Failure> {
    shallower(what, value, DEEPEST)
}

/// Refuses a value that is nested too deep, or longer as JSON than `limit` bytes.
pub(super) fn small(what: &str, value: &Value, limit: usize) -> Result<(), Halt> {
    shallow(what, value).map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    let size = value.to_string().len();
    if size <= limit {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::LimitExceeded,
        format!("{what} is {size} bytes long, {limit} are allowed"),
    ))
}

/// The same for a value that goes to a place in the data.
fn fits(path: &DataPath, value: &Value) -> Result<(), Failure> {
    shallower("the data", value, DEEPEST.saturating_sub(path.keys().len()))
}

/// Walks level by level: a value that is deep enough to overflow a stack must not.
fn shallower(what: &str, value: &Value, levels: usize) -> Result<(), Failure> {
    let mut level = vec![value];
    for _ in 0..=levels {
        let mut below = Vec::new();
        for value in level {
            match value {
                Value::Array(items) => below.extend(items),
                Value::Object(fields) => below.extend(fields.values()),
                _ => {}
            }
        }
        if below.is_empty() {
            return Ok(());
        }
        level = below;
    }
    Err(Failure::new(
        RefusalCode::LimitExceeded,
        format!("{what} would be nested more than {DEEPEST} deep"),
    ))
}

/// The top-level key that `path` lies under, and its value once `value` is put there.
///
/// What is in the way and no object is replaced by one.
fn root(data: &Value, path: &DataPath, value: Value) -> (String, Value) {
    let keys = path.keys();
    let Some((first, rest)) = keys.split_first() else {
        return (String::new(), value);
    };
    if rest.is_empty() {
        return (first.clone(), value);
    }
    let mut whole = data.get(first).cloned().unwrap_or(Value::Null);
    let mut at = &mut whole;
    for key in rest {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        // An object is there now, made if need be.
        let Value::Object(fields) = at else { break };
        at = fields.entry(key.clone()).or_insert(Value::Null);
    }
    *at = value;
    (first.clone(), whole)
}

/// The values of assignments, each seeing those before it.
pub(super) fn evaluate(
    data: &Value,
    assignments: &[(DataPath, Arc<dyn Condition>)],
    variables: &Variables<'_>,
) -> Result<Vec<(DataPath, Value)>, Failure> {
    let mut values = Vec::with_capacity(assignments.len());
    let mut seen: Option<Value> = None;
    for (path, source) in assignments {
        let scope = match &seen {
            Some(data) => variables.with_data(data),
            None => *variables,
        };
        let value = source
            .evaluate(&scope)
            .map_err(|error| Failure::condition(&**source, &error))?;
        fits(path, &value)?;
        if assignments.len() > 1 {
            let whole = seen.get_or_insert_with(|| data.clone());
            let (key, root) = root(whole, path, value.clone());
            if let Value::Object(fields) = whole {
                fields.insert(key, root);
            }
        }
        values.push((path.clone(), value));
    }
    Ok(values)
}

/// Sets values, in order; fails when the data would be too large.
pub(super) fn set(
    cx: &Context<'_>,
    draft: &mut Draft,
    values: Vec<(DataPath, Value)>,
) -> Result<Result<(), Failure>, Halt> {
    let data = Arc::clone(draft.instance()?.data());
    let mut roots: Map<String, Value> = Map::new();
    for (path, value) in values {
        if let Err(failure) = fits(&path, &value) {
            return Ok(Err(failure));
        }
        let under = path.keys().first();
        let (key, root) = match under.filter(|key| roots.contains_key(*key)) {
            Some(_) => root(&Value::Object(roots.clone()), &path, value),
            None => root(&data, &path, value),
        };
        roots.insert(key, root);
    }
    if roots.is_empty() {
        return Ok(Ok(()));
    }
    if let Err(failure) = within(cx, &data, &Value::Object(roots.clone())) {
        return Ok(Err(failure));
    }
    draft.emit(Event::DataSet { values: roots });
    Ok(Ok(()))
}

/// The root that `path` lies under, once `value` is put there; fails when that would be too deep or
/// too large.
pub(super) fn put(
    cx: &Context<'_>,
    data: &Value,
    path: &DataPath,
    value: Value,
) -> Result<(String, Value), Failure> {
    fits(path, &value)?;
    let (key, root) = root(data, path, value);
    within(cx, data, &root).map(|()| (key, root))
}

/// What is added must leave the data within their limit.
pub(super) fn within(cx: &Context<'_>, data: &Value, added: &Value) -> Result<(), Failure> {
    let limit = cx.facts.settings.limits.data_bytes;
    let size = data.to_string().len() + added.to_string().len();
    if size <= limit {
        return Ok(());
    }
    Err(Failure::new(
        RefusalCode::LimitExceeded,
        format!("the data would be {size} bytes long, {limit} are allowed"),
    ))
}
