//! Localised `title`s and `description`s become plain strings, which is all the standard knows.

use serde_json::Value;

use crate::schema::keywords::for_each_part;

/// Replaces `{en: …, ar: …}` in the titles and descriptions of `schema` and of those inside it by
/// the English text, else by the first one.
///
/// Only where a schema stands: a property called `title` is none of this.
pub(crate) fn flatten(schema: &mut Value) {
    let Value::Object(schema) = schema else {
        return;
    };
    for keyword in ["title", "description"] {
        let Some(Value::Object(texts)) = schema.get(keyword) else {
            continue;
        };
        // Anything else stays as it is, for the meta-schema to refuse.
        if texts.values().all(Value::is_string)
            && let Some(text) = texts.get("en").or_else(|| texts.values().next())
        {
            let text = text.clone();
            schema.insert(keyword.to_owned(), text);
        }
    }
    for_each_part(schema, flatten);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(mut schema: Value, flat: &Value) {
        flatten(&mut schema);
        assert_eq!(&schema, flat);
    }

    #[test]
    fn localised_texts_become_english() {
        check(
            json!({"title": {"ar": "تعليق", "en": "Comment"}, "description": {"ar": "نص", "fr": "texte"}}),
            &json!({"title": "Comment", "description": "نص"}),
        );
    }

    #[test]
    fn texts_are_found_wherever_a_schema_stands() {
        let text = json!({"title": {"en": "T"}});
        let flat = json!({"title": "T"});
        check(
            json!({"items": text, "anyOf": [true, text], "$defs": {"a": text}, "properties": {"title": text}}),
            &json!({"items": flat, "anyOf": [true, flat], "$defs": {"a": flat}, "properties": {"title": flat}}),
        );
    }

    #[test]
    fn properties_and_values_called_title_survive() {
        let schema = json!({
            "properties": {"title": {"type": "string"}, "description": {"const": {"title": {"en": "x"}}}},
            "default": {"title": {"en": "x"}},
            "examples": [{"title": {"en": "x"}}],
            "required": ["title"],
        });
        check(schema.clone(), &schema);
    }
}
