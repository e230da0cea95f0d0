//! Reading a text.

use serde_json::Value;
use signoff_core::{
    pointer::Pointer,
    problem::{Position, Problem},
};

use crate::{format::Format, json, limits::MAX_TEXT_BYTES, positions::Positions, yaml};

/// A text that was read: its value and the places of its parts.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The value; mappings keep the order of the text.
    pub value: Value,
    /// Where in the text each part of the value stands.
    pub positions: Positions,
}

/// Reads `text` as one document.
///
/// The cost is bounded by [`limits`](crate::limits), whatever the text says; it is linear in the
/// size of the text plus that of its expanded aliases.
/// A byte order mark is skipped.
///
/// # Errors
/// Everything that is wrong with the form of `text`, each with its position; the codes are listed
/// in the [crate's documentation](crate).
/// After a syntax error or an exceeded limit nothing more is read.
pub fn parse(text: &str, format: Format) -> Result<Parsed, Vec<Problem>> {
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the text is larger than {MAX_TEXT_BYTES} bytes");
        return Err(vec![Problem {
            position: Some(Position { line: 1, column: 1 }),
            ..Problem::error("limit_exceeded", Pointer::root(), message)
        }]);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let builder = match format {
        Format::Json => json::read(text),
        Format::Yaml => yaml::read(text),
    };
    builder.finish()
}
