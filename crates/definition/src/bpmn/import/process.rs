//! The top of the document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    extension,
    links::Links,
    names::{self, Names},
    node::Flow,
    outline::Outline,
    report::Report,
    shown,
};
use crate::bpmn::{
    exact::Keys,
    xml::{Element, Ns},
};

/// What stands beside processes and does not change where a token goes.
const PASSED_OVER: &[&str] = &[
    "category",
    "collaboration",
    "correlationProperty",
    "dataStore",
    "documentation",
    "endPoint",
    "extension",
    "extensionElements",
    "import",
    "interface",
    "itemDefinition",
    "partnerEntity",
    "partnerRole",
    "relationship",
    "resource",
];

/// What events name.
const NAMED: &[&str] = &["error", "escalation", "message", "signal"];

/// The document that `root` says; `None` when a problem says why there is none.
pub(super) fn document(root: &Element, report: &mut Report<'_>) -> Option<Value> {
    if !root.is("definitions") {
        report.push(
            "unknown_value",
            root,
            "the root is not `definitions` of BPMN 2.0",
        );
        return None;
    }
    let mut named = BTreeMap::new();
    let mut processes = Vec::new();
    for element in &root.children {
        let name = element.name.as_str();
        match name {
            _ if element.ns == Ns::BpmnDi => {}
            _ if element.ns != Ns::Bpmn => report.unknown(element),
            "process" => processes.push(element),
            _ if NAMED.contains(&name) => {
                if let Some(id) = report.required(element, "id") {
                    named.insert(id, element);
                }
            }
            _ if PASSED_OVER.contains(&name) => {}
            "choreography" | "globalChoreographyTask" | "globalConversation" => {
                report.not_yet(element, &format!("`{name}`"));
            }
            _ if name.starts_with("global") || name.ends_with("EventDefinition") => {
                report.not_yet(element, &format!("`{name}`"));
            }
            _ => report.unknown(element),
        }
    }
    let process = only(&processes, root, report)?;
    Some(Value::Object(flow(process, named, report)))
}

/// The process that says something.
fn only<'x>(
    processes: &[&'x Element],
    root: &Element,
    report: &mut Report<'_>,
) -> Option<&'x Element> {
    let says = |process: &&&Element| process.first("startEvent").is_some();
    let mut saying = processes.iter().filter(says);
    let first = saying.next().or_else(|| processes.first()).copied();
    if first.is_none() {
        report.push("missing_key", root, "there is no `process`");
    }
    if let Some(second) = saying.next() {
        report.not_yet(second, "more than one process in a file");
    }
    first
}

fn flow<'x>(
    process: &'x Element,
    named: BTreeMap<&'x str, &'x Element>,
    report: &mut Report<'_>,
) -> Keys {
    let (_, mut rest) = extension::read(process, &["definition"], report);
    let id = process.get("id").unwrap_or_default();
    let key = id
        .strip_prefix("Process_")
        .map(|key| (key, names::key(key)));
    let key = match key {
        Some((written, key)) if written == key => key,
        _ => names::key(id),
    };
    let mut keys = Keys::new();
    for (name, value) in [("format", "signoff/v1"), ("kind", "flow"), ("key", &key)] {
        keys.insert(name.to_owned(), Value::from(value));
    }
    shown::labels(process, &key, &mut rest, &mut keys);
    let known = |name: &String| keys.contains_key(name) || name == "nodes";
    rest.retain(|name, _| !known(name));
    keys.extend(rest);
    let outline = Outline::of(process, report);
    let mut names = Names::default();
    let links = Links::of(&outline, &mut names, report);
    let flow = Flow::new(&outline, links, names, named, report);
    keys.insert("nodes".to_owned(), Value::Object(flow.nodes()));
    keys
}
