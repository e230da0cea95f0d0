//! What was asked and what was answered: a form, field by field.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::text::Text;

/// The deepest sub-form that is told field by field; what lies deeper is told whole.
const DEEPEST: usize = 16;

/// A field of a form with what was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldAnswer {
    /// The key.
    pub key: String,
    /// The title; made from the key when the form has none.
    pub title: Text,
    /// `string`, `number`, `array` …, where the form says it.
    pub kind: Option<String>,
    /// `date`, `file` …, where the form says it.
    pub format: Option<String>,
    /// What may be chosen, where the form lists it.
    pub choices: Option<Vec<Value>>,
    /// Whether the form must have it.
    pub required: bool,
    /// When it is asked; always where nothing is said.
    pub shown_when: Option<Value>,
    /// What was answered; `None` when nothing was.
    pub answer: Option<Value>,
    /// The fields of a sub-form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Self>,
}

impl FieldAnswer {
    /// The fields of the form `schema`, in its order, with the answers in `form`; at the end those that
    /// the form does not list.
    #[must_use]
    pub fn of(schema: &Value, form: &Value) -> Vec<Self> {
        fields(schema, form, DEEPEST)
    }
}

fn fields(schema: &Value, form: &Value, deepest: usize) -> Vec<FieldAnswer> {
    let none = Map::new();
    let listed = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let required = schema.get("required").and_then(Value::as_array);
    let must = |key: &str| required.is_some_and(|keys| keys.iter().any(|listed| listed == key));
    let mut all: Vec<FieldAnswer> = listed
        .iter()
        .map(|(key, field)| one(key, field, form.get(key), must(key), deepest))
        .collect();
    let others = form.as_object().into_iter().flatten();
    let others = others.filter(|(key, _)| !listed.contains_key(*key));
    all.extend(others.map(|(key, answer)| one(key, &Value::Null, Some(answer), false, deepest)));
    all
}

fn one(
    key: &str,
    field: &Value,
    answer: Option<&Value>,
    required: bool,
    deepest: usize,
) -> FieldAnswer {
    let word = |name: &str| field.get(name).and_then(Value::as_str).map(str::to_owned);
    let inner = match (deepest.checked_sub(1), answer) {
        (Some(deepest), Some(answer)) if field.get("properties").is_some() => {
            fields(field, answer, deepest)
        }
        _ => Vec::new(),
    };
    FieldAnswer {
        key: key.to_owned(),
        title: match field.get("title") {
            Some(title @ (Value::String(_) | Value::Object(_))) => Text::from(title.clone()),
            _ => Text::from_key(key),
        },
        kind: word("type"),
        format: word("format"),
        choices: choices(field),
        required,
        shown_when: field.get("shown_when").cloned(),
        answer: answer.cloned(),
        fields: inner,
    }
}

fn choices(field: &Value) -> Option<Vec<Value>> {
    let listed = |field: &Value| field.get("enum").and_then(Value::as_array).cloned();
    listed(field).or_else(|| listed(field.get("items")?))
}
