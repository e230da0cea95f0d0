//! What BPMN has no place for.

use serde_json::Value;

use super::report::Report;
use crate::{
    Format,
    bpmn::{
        exact::Keys,
        xml::{Element, Ns},
    },
    parse,
};

/// The name of the extension of an element, and what it says. One of `known`, if there is one.
pub(super) fn read<'x>(
    element: &'x Element,
    known: &[&str],
    report: &mut Report<'_>,
) -> (Option<&'x str>, Keys) {
    let mut extensions = element
        .all("extensionElements")
        .flat_map(|element| &element.children)
        .filter(|element| element.ns == Ns::Signoff);
    let Some(first) = extensions.next() else {
        return (None, Keys::new());
    };
    for further in extensions {
        report.unknown(further);
    }
    if !known.contains(&first.name.as_str()) {
        report.unknown(first);
        return (None, Keys::new());
    }
    (Some(&first.name), json(first, report))
}

/// The mapping in the text of an element; empty without text.
pub(super) fn json(element: &Element, report: &mut Report<'_>) -> Keys {
    if element.text.trim().is_empty() {
        return Keys::new();
    }
    match parse(&element.text, Format::Json) {
        Ok(parsed) => {
            if let Value::Object(keys) = parsed.value {
                return keys;
            }
            let message = format!("`{}` is no mapping in JSON", element.name);
            report.push("syntax", element, message);
        }
        Err(problems) => {
            for problem in problems {
                report.add(element, problem);
            }
        }
    }
    Keys::new()
}
