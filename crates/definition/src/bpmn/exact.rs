//! What XML shows, and what was written exactly.
//!
//! XML has no place for some characters, and BPMN none for titles per language. What is exact stands
//! beside what is shown, and is taken as long as it still shows the same.

use serde_json::{Map, Value};

use super::xml::is_char;

/// The keys of a part of a document.
pub(super) type Keys = Map<String, Value>;

/// `text` with what XML can hold.
pub(super) fn shown(text: &str) -> String {
    let fits = |c| {
        if is_char(c) {
            c
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    text.chars().map(fits).collect()
}

/// What a string, an expression or a name says; empty for anything else.
pub(super) fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Null | Value::Object(_) => String::new(),
    }
}

/// Takes the text under `key` to be shown; leaves it where it cannot be shown exactly.
pub(super) fn take(keys: &mut Keys, key: &str) -> Option<String> {
    let exact = said(keys.get(key)?);
    let shown = shown(&exact);
    if shown == exact {
        keys.shift_remove(key);
    }
    Some(shown)
}

/// Takes what is left under `key` if it shows as `text`; else `text`.
pub(super) fn give(rest: &mut Keys, key: &str, text: &str) -> Value {
    match rest.shift_remove(key) {
        Some(Value::String(exact)) if shown(&exact) == text => Value::String(exact),
        _ => Value::from(text),
    }
}

/// JSON text that XML can hold.
pub(super) fn json(keys: &Keys) -> String {
    let text = Value::Object(keys.clone()).to_string();
    let mut json = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // JSON escapes the other characters that XML has not.
            '\u{fffe}' => json.push_str("\\ufffe"),
            '\u{ffff}' => json.push_str("\\uffff"),
            c => json.push(c),
        }
    }
    json
}
