//! Data and forms as rows that people read.

use serde_json::Value;

use crate::{
    read::schema::{Property, properties},
    text::Locale,
};

/// One named value.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// The values in the order of their schema, then the others.
pub(crate) fn rows(schema: Option<&Value>, data: &Value, locale: Locale) -> Vec<Row> {
    let Some(members) = data.as_object() else {
        return Vec::new();
    };
    let known = schema.map(properties).unwrap_or_default();
    let named = known.iter().filter_map(|property| {
        Some(Row {
            label: property.label(locale),
            value: shown(members.get(property.key)?, Some(property), locale),
        })
    });
    let others = members
        .iter()
        .filter(|(key, _)| known.iter().all(|property| property.key != key.as_str()))
        .map(|(key, value)| Row {
            label: locale.of_key(key),
            value: shown(value, None, locale),
        });
    named
        .chain(others)
        .filter(|row| !row.value.is_empty())
        .collect()
}

/// What tells one instance from the others of its workflow: the first text of its data.
pub(crate) fn headline(schema: Option<&Value>, data: &Value) -> Option<String> {
    let members = data.as_object()?;
    let known = schema.map(properties).unwrap_or_default();
    let is_choice = |property: &Property<'_>| property.schema.get("enum").is_some();
    let named = known
        .iter()
        .filter(|property| !is_choice(property))
        .map(|property| property.key);
    let text = |key: &str| {
        members
            .get(key)?
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let found = named
        .chain(members.keys().map(String::as_str))
        .find_map(text)?;
    Some(found.chars().take(120).collect())
}

fn shown(value: &Value, property: Option<&Property<'_>>, locale: Locale) -> String {
    let is_choice = property.is_some_and(|property| property.schema.get("enum").is_some());
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => locale.words().yes.to_owned(),
        Value::Bool(false) => locale.words().no.to_owned(),
        Value::String(text) if is_choice => locale.of_key(text),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(_) | Value::Object(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_follow_the_schema_then_the_rest() {
        let schema = json!({"properties": {
            "b": {"title": {"en": "Bee", "ar": "ب"}, "enum": ["very_high"]},
            "a": {"type": "boolean"},
            "absent": {},
        }});
        let data = json!({"extra_field": {"x": 1}, "a": true, "b": "very_high", "none": null});
        let found: Vec<_> = rows(Some(&schema), &data, Locale::En)
            .into_iter()
            .map(|row| format!("{}={}", row.label, row.value))
            .collect();
        assert_eq!(
            found,
            ["Bee=Very high", "A=Yes", "Extra field={\n  \"x\": 1\n}"]
        );
    }

    #[test]
    fn the_headline_is_the_first_text_that_is_no_choice() {
        let schema =
            json!({"properties": {"priority": {"enum": ["low"]}, "title": {"type": "string"}}});
        let data = json!({"priority": "low", "amount": 1, "title": " Chairs "});
        assert_eq!(headline(Some(&schema), &data).as_deref(), Some("Chairs"));
        assert_eq!(headline(None, &json!({"amount": 1})), None);
    }
}
