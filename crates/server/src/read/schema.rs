//! JSON Schemas as far as people see them.

use serde_json::{Map, Value};
use signoff::core::text::Text;

use crate::text::Locale;

/// Keywords whose members are schemas by name.
const BY_NAME: [&str; 5] = [
    "$defs",
    "definitions",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// Keywords that hold a schema or a list of them.
const INNER: [&str; 12] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
];

/// One top-level property of a schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property<'a> {
    pub(crate) key: &'a str,
    /// What the property must be, a local `$ref` followed.
    pub(crate) schema: &'a Value,
    pub(crate) required: bool,
}

/// The top-level properties of a schema, in its order.
pub(crate) fn properties(schema: &Value) -> Vec<Property<'_>> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |key: &str| required.is_some_and(|names| names.iter().any(|name| name == key));
    let named = schema.get("properties").and_then(Value::as_object);
    named
        .into_iter()
        .flatten()
        .map(|(key, inner)| Property {
            key,
            schema: followed(schema, inner),
            required: is_required(key),
        })
        .collect()
}

impl Property<'_> {
    /// The property's title, else one made from its key.
    pub(crate) fn label(&self, locale: Locale) -> String {
        self.text("title", locale)
            .unwrap_or_else(|| locale.of_key(self.key))
    }

    /// The localised text under `keyword`.
    pub(crate) fn text(&self, keyword: &str, locale: Locale) -> Option<String> {
        let text = self.schema.get(keyword)?;
        (text.is_string() || text.is_object()).then(|| locale.of_text(&Text::from(text.clone())))
    }
}

/// What a chain of local references leads to; as it stands where it leads nowhere.
fn followed<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut found = schema;
    for _ in 0..8 {
        let place = found
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|place| place.strip_prefix('#'));
        match place.and_then(|place| root.pointer(place)) {
            Some(next) => found = next,
            None => break,
        }
    }
    found
}

/// The schema with its titles and descriptions in one language, as JSON Schema wants them.
pub(crate) fn localized(schema: &Value, locale: Locale) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let localize = |(key, value): (&String, &Value)| {
        let value = match (key.as_str(), value) {
            ("title" | "description", Value::Object(_)) => {
                Value::String(locale.of_text(&Text::from(value.clone())))
            }
            (name, Value::Object(named)) if BY_NAME.contains(&name) => Value::Object(
                named
                    .iter()
                    .map(|(key, inner)| (key.clone(), localized(inner, locale)))
                    .collect(),
            ),
            (name, Value::Array(list)) if INNER.contains(&name) => {
                list.iter().map(|inner| localized(inner, locale)).collect()
            }
            (name, inner) if INNER.contains(&name) => localized(inner, locale),
            (_, other) => other.clone(),
        };
        (key.clone(), value)
    };
    Value::Object(members.iter().map(localize).collect::<Map<_, _>>())
}

/// An answer with its titles in one language; what people filled in stays as it is.
pub(crate) fn in_language(value: Value, locale: Locale) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| in_language(item, locale))
            .collect(),
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| {
                let value = match (key.as_str(), value) {
                    ("brief" | "description" | "title", Value::Object(texts)) => {
                        Value::String(locale.of_text(&Text::from(Value::Object(texts))))
                    }
                    ("answer" | "answers" | "choices" | "form" | "meta" | "shown_when", value) => {
                        value
                    }
                    (_, value) => in_language(value, locale),
                };
                (key, value)
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn titles_are_localized_but_a_property_called_title_stays() {
        let schema = json!({
            "title": {"en": "Form", "ar": "نموذج"},
            "properties": {"title": {"title": {"en": "Name", "ar": "اسم"}, "enum": [{"title": {"en": "x"}}]}},
            "items": [{"description": {"en": "d"}}],
        });
        let expected = json!({
            "title": "نموذج",
            "properties": {"title": {"title": "اسم", "enum": [{"title": {"en": "x"}}]}},
            "items": [{"description": "d"}],
        });
        assert_eq!(localized(&schema, Locale::Ar), expected);
    }

    #[test]
    fn references_are_followed_and_circles_end() {
        let schema = json!({
            "properties": {"a": {"$ref": "#/$defs/code"}, "b": {"$ref": "#/properties/b"}},
            "$defs": {"code": {"type": "string"}},
        });
        let found = properties(&schema);
        assert_eq!(found[0].schema, &json!({"type": "string"}));
        assert_eq!(found[1].schema, &json!({"$ref": "#/properties/b"}));
    }
}
