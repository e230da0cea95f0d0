//! What a template sees: the caller's context and the names to use in a sentence.

use serde_json::{Map, Value, json};

use crate::name::split_language;

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// The context without nulls, plus `mail`.
pub(super) fn prepare(context: &Value, locale: &str) -> Map<String, Value> {
    let mut view = match without_nulls(context) {
        Some(Value::Object(view)) => view,
        _ => Map::new(),
    };
    view.insert(
        "mail".to_owned(),
        Value::Object(sentence_names(&view, locale)),
    );
    view
}

/// Adds the finished subject, for `<title>` and the like.
pub(super) fn set_subject(view: &mut Map<String, Value>, subject: &str) {
    if let Some(Value::Object(mail)) = view.get_mut("mail") {
        mail.insert("subject".to_owned(), subject.into());
    }
}

fn sentence_names(view: &Map<String, Value>, locale: &str) -> Map<String, Value> {
    let (language, _) = split_language(locale);
    let (dir, align) = if RIGHT_TO_LEFT.contains(&language) {
        ("rtl", "right")
    } else {
        ("ltr", "left")
    };
    let mut mail = Map::new();
    mail.insert("lang".to_owned(), locale.into());
    mail.insert("dir".to_owned(), dir.into());
    mail.insert("align".to_owned(), align.into());
    let names = [
        (
            "what",
            first_text(view, &["instance/title", "workflow/title", "workflow/key"]),
        ),
        ("stage", first_text(view, &["node/title", "node/key"])),
        (
            "requester",
            first_text(view, &["requester/name", "requester/id"]),
        ),
        ("actor", first_text(view, &["actor/name", "actor/id"])),
        (
            "recipient",
            first_text(view, &["recipient/name", "recipient/id"]),
        ),
        ("to", first_text(view, &["to", "to/name", "to/id"])),
    ];
    for (key, text) in names {
        if let Some(text) = text {
            mail.insert(key.to_owned(), text.into());
        }
    }
    mail.insert("to_you".to_owned(), json!(is_to_recipient(view)));
    mail
}

/// The first of the paths, `key` or `key/field`, that leads to a text that is not blank.
fn first_text<'v>(view: &'v Map<String, Value>, paths: &[&str]) -> Option<&'v str> {
    paths.iter().find_map(|path| {
        let value = match path.split_once('/') {
            Some((key, field)) => view.get(key)?.get(field)?,
            None => view.get(*path)?,
        };
        value.as_str().filter(|text| !text.trim().is_empty())
    })
}

fn is_to_recipient(view: &Map<String, Value>) -> bool {
    let to = first_text(view, &["to/id", "to"]);
    to.is_some() && to == first_text(view, &["recipient/id"])
}

/// A null reads as a missing value, so that it never shows as a word.
fn without_nulls(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Array(items) => items.iter().filter_map(without_nulls).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), without_nulls(value)?)))
                .collect(),
        ),
        other => other.clone(),
    })
}
