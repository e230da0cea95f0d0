//! Forms: from what a browser sends to JSON.

use serde_json::{Map, Number, Value};
use signoff::core::schemas::FieldError;

use super::field::{Field, Kind, allows_null, message};
use crate::{
    read::{Property, properties},
    text::Locale,
};

/// What stands before the key of a field in its name, so that no field is taken for another control.
pub(super) const PREFIX: &str = "form.";

/// What a browser sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(pub(super) Vec<(String, String)>);

impl Sent {
    /// Whether the control was sent at all.
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The value of a control, without the space around it; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

/// What is in the fields of a form, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled<'a> {
    /// What was typed; `None` when the fields are shown for the first time.
    pub(super) sent: Option<&'a Sent>,
    /// What was known before, as JSON.
    pub(super) present: &'a Value,
    pub(super) errors: &'a [FieldError],
}

/// The fields of a schema.
pub(super) fn fields(schema: &Value, filled: &Filled<'_>, locale: Locale) -> Vec<Field> {
    let of = |property: &Property<'_>| {
        let mut errors = filled.errors.iter();
        let error = errors.find(|error| field_of(error) == property.key);
        let error = error.map(|error| message(property, error, locale));
        Field::new(property, filled, error, locale)
    };
    properties(schema).iter().map(of).collect()
}

/// What is wrong, but with no field that is shown.
pub(super) fn other_errors(schema: &Value, errors: &[FieldError]) -> Vec<String> {
    let known = properties(schema);
    let is_shown =
        |error: &FieldError| known.iter().any(|property| property.key == field_of(error));
    let other = errors.iter().filter(|error| !is_shown(error));
    other
        .map(|error| {
            format!("{} {}", field_of(error), error.message)
                .trim()
                .to_owned()
        })
        .collect()
}

/// The JSON that a browser meant: empty fields are left out, numbers are numbers.
///
/// What cannot be converted stays text, so that the schema's check tells what is wrong with it. A field
/// that was emptied on purpose says so: what was `present` in it must not stay silently.
pub(super) fn to_json(schema: &Value, sent: &Sent, present: &Value) -> Value {
    let mut object = Map::new();
    for property in properties(schema) {
        let name = format!("{PREFIX}{}", property.key);
        let was_there = present
            .get(property.key)
            .is_some_and(|value| !value.is_null());
        let emptied = || (was_there && sent.has(&name)).then(|| nothing(&property))?;
        if let Some(value) = value(&property, sent.get(&name)).or_else(emptied) {
            object.insert(property.key.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// What an emptied field means: of a required one it is missing, and the schema's check has the last
/// word on the rest.
fn nothing(property: &Property<'_>) -> Option<Value> {
    let is_text = matches!(Kind::of(property), Kind::Area | Kind::Text);
    match (property.required, is_text && !allows_null(property.schema)) {
        (true, _) => None,
        (false, true) => Some(Value::String(String::new())),
        (false, false) => Some(Value::Null),
    }
}

fn value(property: &Property<'_>, text: &str) -> Option<Value> {
    let kind = Kind::of(property);
    if kind == Kind::Checkbox {
        return Some(Value::Bool(!text.is_empty()));
    }
    if text.is_empty() {
        return None;
    }
    let plain = || Value::String(text.replace("\r\n", "\n"));
    Some(match kind {
        Kind::Number => number(text).map_or_else(plain, Value::Number),
        Kind::Select => choice(property, text).unwrap_or_else(plain),
        Kind::Json => serde_json::from_str(text).unwrap_or_else(|_| plain()),
        _ => plain(),
    })
}

/// A number in ASCII, Arabic or Persian digits.
fn number(text: &str) -> Option<Number> {
    let ascii: String = text
        .chars()
        .map(|c| match c {
            '\u{660}'..='\u{669}' => digit(c, 0x660),
            '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
            '\u{66b}' => '.',
            other => other,
        })
        .collect();
    serde_json::from_str(&ascii).ok()
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c).saturating_sub(zero), 10).unwrap_or(c)
}

fn choice(property: &Property<'_>, text: &str) -> Option<Value> {
    let values = property.schema.get("enum")?.as_array()?;
    values
        .iter()
        .find(|value| super::field::as_text(value) == text)
        .cloned()
}

/// The top-level field that an error is about.
fn field_of(error: &FieldError) -> String {
    let first = error
        .pointer
        .as_str()
        .trim_start_matches('/')
        .split('/')
        .next();
    first
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_emptied_field_is_not_silently_kept() {
        let schema = json!({"required": ["must"], "properties": {
            "must": {"type": "string"},
            "note": {"type": "string"},
            "perhaps": {"type": ["string", "null"]},
            "amount": {"type": "number"},
            "unsent": {"type": "string"},
            "never": {"type": "string"},
        }});
        let present = json!({"must": "a", "note": "b", "perhaps": "c", "amount": 1, "unsent": "d"});
        let names = [
            "form.must",
            "form.note",
            "form.perhaps",
            "form.amount",
            "form.never",
        ];
        let sent = Sent(names.map(|name| (name.to_owned(), String::new())).to_vec());
        let expected = json!({"note": "", "perhaps": null, "amount": null});
        assert_eq!(to_json(&schema, &sent, &present), expected);
    }

    #[test]
    fn what_a_browser_sends_becomes_what_the_schema_means() {
        let schema = json!({"properties": {
            "text": {"type": "string"},
            "amount": {"type": "number"},
            "arabic": {"type": "integer"},
            "wrong": {"type": "number"},
            "huge": {"type": "number"},
            "yes": {"type": "boolean"},
            "no": {"type": ["boolean", "null"]},
            "level": {"enum": [1, "two", true]},
            "tags": {"type": "array"},
            "empty": {"type": "string"},
            "blank": {"type": "string"},
        }});
        let sent = [
            ("form.text", "two\r\nlines"),
            ("form.amount", " 12.50 "),
            ("form.arabic", "١٢٣"),
            ("form.wrong", "12,50"),
            ("form.huge", "1e999"),
            ("form.yes", "on"),
            ("form.level", "1"),
            ("form.tags", "[\"a\"]"),
            ("form.empty", ""),
            ("form.blank", "  "),
            ("form.unknown", "x"),
            ("outcome", "approve"),
        ];
        let sent = Sent(
            sent.map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        );
        let expected = json!({
            "text": "two\nlines", "amount": 12.5, "arabic": 123, "wrong": "12,50", "huge": "1e999",
            "yes": true, "no": false, "level": 1, "tags": ["a"],
        });
        assert_eq!(to_json(&schema, &sent, &Value::Null), expected);
    }
}
