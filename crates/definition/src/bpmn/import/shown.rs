//! Titles, descriptions and expressions, as they are shown.

use serde_json::Value;
use signoff_core::{problem::shown, text::Text};

use super::report::Report;
use crate::bpmn::{
    CEL,
    exact::{self, Keys},
    xml::Element,
};

/// Writes title and description of `element` to `keys`, from what it shows and the exact in `rest`.
pub(super) fn labels(element: &Element, key: &str, rest: &mut Keys, keys: &mut Keys) {
    let name = element.get("name").unwrap_or_default();
    let exact = rest.shift_remove("title");
    let exact =
        exact.filter(|title| exact::shown(Text::from(title.clone()).for_locale("en")) == name);
    let made = Text::from_key(key);
    if let Some(title) = exact {
        keys.insert("title".to_owned(), title);
    } else if !name.is_empty() && made.for_locale("en") != name {
        keys.insert("title".to_owned(), Value::from(name));
    }
    if let Some(documentation) = element.first("documentation") {
        let description = exact::give(rest, "description", &documentation.text);
        keys.insert("description".to_owned(), description);
    }
}

/// The source of an expression. One without a language is taken for CEL, out of the `${}` that other
/// engines put around it.
pub(super) fn expression(element: &Element, report: &mut Report<'_>) -> String {
    match element.get("language") {
        Some(CEL) => element.text.clone(),
        Some(language) => {
            let language = shown(language);
            report.not_yet(element, &format!("an expression in `{language}`"));
            String::new()
        }
        None => {
            let text = element.text.trim();
            let inner = text
                .strip_prefix("${")
                .or_else(|| text.strip_prefix("#{"))
                .and_then(|inner| inner.strip_suffix('}'));
            inner.unwrap_or(text).trim().to_owned()
        }
    }
}
