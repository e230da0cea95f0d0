//! Expressions as written.

use crate::{document::reader::Fields, pointer::Pointer};

/// A CEL expression as written, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expression {
    /// The source.
    pub source: String,
    /// Where it stands.
    pub path: Pointer,
}

impl Fields<'_> {
    /// A CEL expression; a bare `true`, `false` or number is one too.
    pub(super) fn expression(&self, key: &str) -> Option<Expression> {
        let value = self.get(key)?;
        let source = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => value.to_string(),
            other => {
                self.sink()
                    .wrong_type(&self.at(key), "an expression", other);
                return None;
            }
        };
        Some(Expression {
            source,
            path: self.at(key),
        })
    }
}
