//! The top of a document.

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    document::{
        At, Document, FormDoc, IfRunningDoc, Shape, action, approval, calendar,
        entry::EntryKeys,
        expression::Expression,
        flow, keys,
        reader::{Clocks, Fields, Sink, check_name},
        steps,
        texts::TextsDoc,
    },
    id::WorkflowKey,
    pointer::Pointer,
    principal::Principal,
    problem::{Problem, shown},
    text::Text,
};

/// The only format there is.
const FORMAT: &str = "signoff/v1";
/// Lists and mappings inside each other.
const DEEPEST: usize = 64;

pub(super) fn read(value: &Value) -> Result<Document, Vec<Problem>> {
    let root = Pointer::root();
    if depth(value, DEEPEST).is_none() {
        return Err(vec![Problem::error(
            "limit_exceeded",
            root,
            format!("the document is nested more than {DEEPEST} deep"),
        )]);
    }
    let sink = Sink::default();
    let document =
        Fields::read(value, &root, &[keys::TOP], &sink).and_then(|fields| document(&fields));
    let problems = sink.into_problems();
    match document {
        Some(document) if problems.is_empty() => Ok(document),
        _ => Err(problems),
    }
}

/// Writes the words of the format in lower case.
pub(super) fn normalize(value: &mut Value) {
    let sink = Sink::default();
    if depth(value, DEEPEST).is_some() {
        let root = Pointer::root();
        let fields = Fields::read(value, &root, &[keys::TOP], &sink);
        fields.and_then(|fields| document(&fields));
    }
    for (path, word) in sink.into_words() {
        if let Some(found) = value.pointer_mut(path.as_str()) {
            *found = Value::String(word);
        }
    }
}

/// What is left of `most` levels below `value`; `None` when it is deeper.
fn depth(value: &Value, most: usize) -> Option<usize> {
    let below = most.checked_sub(1)?;
    match value {
        Value::Array(items) => items
            .iter()
            .try_fold(below, |least, item| Some(least.min(depth(item, below)?))),
        Value::Object(fields) => fields
            .values()
            .try_fold(below, |least, item| Some(least.min(depth(item, below)?))),
        _ => Some(below),
    }
}

/// The kinds that can be read.
enum Kind {
    Approval,
    Flow,
    Steps,
}

fn document(fields: &Fields<'_>) -> Option<Document> {
    format(fields);
    fields.not_yet(&["was"]);
    // Before anything that tells how long: what it means depends on these.
    fields.sink().set_clocks(Clocks {
        zone: fields.get("time_zone").is_some() || fields.get("calendar").is_some(),
        calendar: fields.get("calendar").is_some(),
    });
    extends(fields);
    let kind = fields.required("kind").and_then(|_| {
        fields.word("kind", "kind", keys::KINDS, |kind| match kind {
            "approval" => Some(Kind::Approval),
            "flow" => Some(Kind::Flow),
            "steps" => Some(Kind::Steps),
            _ => None,
        })
    });
    let key = fields.name("key").map(WorkflowKey::from);
    let (start_by, start_auto, start_form) = start(fields);
    let shape = kind.and_then(|kind| match kind {
        Kind::Approval => approval::read(fields).map(Shape::Approval),
        Kind::Flow => flow::read(fields).map(Shape::Flow),
        Kind::Steps => steps::read(fields).map(Shape::Steps),
    });
    let title = fields.text("title");
    let rest = Document {
        title: title
            .unwrap_or_else(|| Text::from_key(key.as_ref().map_or("", WorkflowKey::as_str))),
        texts: TextsDoc::read(fields),
        key: key.unwrap_or_else(|| WorkflowKey::from("")),
        subject: fields.string("subject").map(str::to_owned),
        data: data(fields),
        indexed: indexed(fields),
        start_by,
        start_auto,
        start_form,
        if_running: fields.word(
            "if_running",
            "policy",
            keys::IF_RUNNING,
            |word| match word {
                "allow" => Some(IfRunningDoc::Allow),
                "refuse" => Some(IfRunningDoc::Refuse),
                "return" => Some(IfRunningDoc::Return),
                _ => None,
            },
        ),
        unique: fields
            .word("unique", "key", keys::UNIQUE, |word| {
                (word == "business_key").then_some(())
            })
            .is_some(),
        managers: fields.principals("managers"),
        viewers: fields.principals("viewers"),
        time_zone: fields.string("time_zone").map(|name| At {
            value: name.to_owned(),
            path: fields.at("time_zone"),
        }),
        calendar: calendar::read(fields),
        defaults: defaults(fields),
        forms: forms(fields),
        actions: action::read_table(fields),
        shape: shape?,
    };
    Some(rest)
}

/// What a document extends was put into it before it is read; here only the form is of interest.
fn extends(fields: &Fields<'_>) {
    let path = fields.at("extends");
    match fields.get("extends") {
        None => {}
        Some(Value::String(key)) => {
            check_name(key, &path, fields.sink());
        }
        Some(value) => {
            let Some(inner) = Fields::read(value, &path, &[keys::EXTENDS], fields.sink()) else {
                return;
            };
            inner.name("workflow");
            inner.number("version", 1, u32::MAX);
            inner.names("without");
        }
    }
}

fn format(fields: &Fields<'_>) {
    fields.required("format");
    if let Some(format) = fields.string("format")
        && format != FORMAT
    {
        let shown = shown(format);
        fields.sink().push(
            Problem::error(
                "unknown_value",
                fields.at("format"),
                format!("`{shown}` is not a known format"),
            )
            .help(format!("write `{FORMAT}`")),
        );
    }
}

/// What `start` says: who, when by itself, and what is filled.
type StartKeys = (Vec<Principal>, Option<Expression>, Option<At<FormDoc>>);

fn start(fields: &Fields<'_>) -> StartKeys {
    let path = fields.at("start");
    let Some(inner) = fields
        .get("start")
        .and_then(|value| Fields::read(value, &path, &[keys::START], fields.sink()))
    else {
        return (Vec::new(), None, None);
    };
    let form = inner.get("form").map(|_| At {
        value: flow::form(&inner),
        path: inner.at("form"),
    });
    (inner.principals("by"), inner.expression("auto"), form)
}

fn data(fields: &Fields<'_>) -> Option<At<Value>> {
    let data = fields.value("data")?;
    if let Some(properties) = data.value.get("properties").and_then(Value::as_object) {
        for key in properties
            .keys()
            .filter(|key| keys::RESERVED.contains(&key.as_str()))
        {
            fields.sink().push(Problem::error(
                "invalid_key",
                data.path.key("properties").key(key),
                format!("`{key}` is a word of the expression language and cannot be a field"),
            ));
        }
    }
    Some(data)
}

/// Places of the data, each a text.
fn indexed(fields: &Fields<'_>) -> Vec<At<String>> {
    let listed = fields.list("indexed").into_iter();
    let places = listed.filter_map(|(value, path)| match value.as_str() {
        Some(text) => flow::check_data_path(
            fields,
            At {
                value: text.to_owned(),
                path,
            },
        ),
        None => {
            fields
                .sink()
                .wrong_type(&path, "a place of the data", value);
            None
        }
    });
    places.collect()
}

fn defaults(fields: &Fields<'_>) -> EntryKeys {
    let path = fields.at("defaults");
    fields
        .get("defaults")
        .and_then(|value| Fields::read(value, &path, &[keys::ENTRY], fields.sink()))
        .map(|inner| EntryKeys::read(&inner))
        .unwrap_or_default()
}

fn forms(fields: &Fields<'_>) -> IndexMap<String, At<Value>> {
    let path = fields.at("forms");
    match fields.get("forms") {
        None => IndexMap::new(),
        Some(Value::Object(forms)) => forms
            .iter()
            .filter(|(key, _)| check_name(key, &path.key(key), fields.sink()))
            .map(|(key, schema)| {
                let at = At {
                    value: schema.clone(),
                    path: path.key(key),
                };
                (key.clone(), at)
            })
            .collect(),
        Some(other) => {
            fields.sink().wrong_type(&path, "a mapping of forms", other);
            IndexMap::new()
        }
    }
}
