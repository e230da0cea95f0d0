//! Fields and sub-forms that appear only when a field beside them says so: `shown_when`.
//!
//! `shown_when: {kind: car}` on a property: it is asked where its neighbor `kind` is `car`, or is a
//! list that contains it; one of several, in a list; every neighbor that is named. Values are
//! compared as text. It becomes what the standard has for that: where the condition holds the
//! property is as it says, and required if it is listed so; else it is absent or `null`. A neighbor
//! that is hidden itself is absent, so what depends on it is hidden too.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use signoff_core::{pointer::Pointer, schemas::FieldError};

use super::{
    keywords::{for_each_part, parts},
    message::field_error,
};

/// The keyword.
const KEYWORD: &str = "shown_when";

/// What a hidden field is told.
pub(super) const HIDDEN: &str = "is not asked for here";

/// Everything that is wrong with the conditions of `schema`, each at its place.
pub(super) fn check(schema: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    look(schema, &Pointer::root(), &mut errors);
    errors
}

fn look(schema: &Value, at: &Pointer, errors: &mut Vec<FieldError>) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        neighbors(properties, &at.key("properties"), errors);
    }
    for part in parts(schema) {
        let place = at.key(part.keyword);
        let place = match &part.below {
            Some(below) => place.key(below),
            None => place,
        };
        if part.keyword != "properties" && part.schema.get(KEYWORD).is_some() {
            let message = "only a field under `properties` is shown or hidden";
            errors.push(field_error(place.key(KEYWORD), KEYWORD, message));
        }
        look(part.schema, &place, errors);
    }
}

/// The conditions of fields that stand beside each other.
fn neighbors(properties: &Map<String, Value>, at: &Pointer, errors: &mut Vec<FieldError>) {
    let conditional = || {
        properties
            .iter()
            .filter_map(|(name, field)| Some((name, field.get(KEYWORD)?)))
    };
    for (name, condition) in conditional() {
        let place = at.key(name).key(KEYWORD);
        let mut wrong = |place: &Pointer, message: &str| {
            errors.push(field_error(place.clone(), KEYWORD, message));
        };
        if properties[name].get("default").is_some() {
            wrong(
                &at.key(name).key("default"),
                "a field that may be hidden has no default",
            );
        }
        let Some(condition) = condition.as_object().filter(|found| !found.is_empty()) else {
            wrong(
                &place,
                "expected a field beside it with its value, such as `{kind: car}`",
            );
            continue;
        };
        for (other, wanted) in condition {
            if other == name || !properties.contains_key(other) {
                wrong(&place.key(other), "there is no such field beside it");
            }
            if texts(wanted).is_none() {
                wrong(&place.key(other), "expected a value, or a list of values");
            }
        }
    }
    // What depends on nothing is settled, then what depends on that: the rest goes in a circle.
    let mut settled: BTreeSet<&String> = properties
        .keys()
        .filter(|name| properties[*name].get(KEYWORD).is_none())
        .collect();
    loop {
        let next: Vec<&String> = conditional()
            .filter(|(name, condition)| {
                let on = condition.as_object().into_iter().flat_map(Map::keys);
                let known =
                    |other: &String| settled.contains(other) || !properties.contains_key(other);
                !settled.contains(name) && on.clone().all(known)
            })
            .map(|(name, _)| name)
            .collect();
        if next.is_empty() {
            break;
        }
        settled.extend(next);
    }
    for (name, _) in conditional().filter(|(name, _)| !settled.contains(name)) {
        let place = at.key(name).key(KEYWORD);
        let message = "the field would depend on itself and never be shown";
        if !errors
            .iter()
            .any(|error| error.pointer.as_str().starts_with(place.as_str()))
        {
            errors.push(field_error(place, KEYWORD, message));
        }
    }
}

/// Rewrites every condition in what the standard has; `schema` has been checked.
pub(super) fn rewrite(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    for_each_part(schema, rewrite);
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    let mut hidden = Vec::new();
    for (name, field) in properties.iter_mut() {
        let condition = field
            .as_object_mut()
            .and_then(|field| field.shift_remove(KEYWORD));
        if let Some(Value::Object(condition)) = condition {
            // The name stays known to `additionalProperties`.
            hidden.push((
                name.clone(),
                condition,
                std::mem::replace(field, Value::Bool(true)),
            ));
        }
    }
    let mut rules = Vec::new();
    for (name, condition, field) in hidden {
        let mut then = json!({"properties": {&name: field}});
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            let before = required.len();
            required.retain(|listed| listed.as_str() != Some(&name));
            if required.len() < before {
                then["required"] = json!([&name]);
            }
        }
        rules.push(json!({
            "if": holds(&condition),
            "then": then,
            "else": {"properties": {name: {"const": null}}},
        }));
    }
    if rules.is_empty() {
        return;
    }
    match schema.entry("allOf").or_insert_with(|| json!([])) {
        Value::Array(all) => all.extend(rules),
        other => *other = rules.into(),
    }
}

/// The schema of objects whose fields are as the condition wants them.
fn holds(condition: &Map<String, Value>) -> Value {
    let names: Vec<&String> = condition.keys().collect();
    let fields: Map<String, Value> = condition
        .iter()
        .map(|(name, wanted)| {
            let texts = texts(wanted).unwrap_or_default();
            let values: Vec<Value> = texts.iter().flat_map(|text| spellings(text)).collect();
            let one = json!({"enum": values});
            let fits = json!({"anyOf": [one, {"type": "array", "contains": one}]});
            (name.clone(), fits)
        })
        .collect();
    json!({"required": names, "properties": fields})
}

/// The texts that a field may have; `None` where the condition is none.
fn texts(wanted: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Null | Value::Object(_) => None,
    };
    match wanted {
        Value::Array(list) if !list.is_empty() => list.iter().map(one).collect(),
        value => Some(vec![one(value)?]),
    }
}

/// Every value that reads as the text.
fn spellings(text: &str) -> Vec<Value> {
    let read = serde_json::from_str(text).ok();
    let read = read.filter(|value| matches!(value, Value::Bool(_) | Value::Number(_)));
    std::iter::once(Value::from(text)).chain(read).collect()
}
