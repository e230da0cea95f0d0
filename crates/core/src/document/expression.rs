//! Expressions as written.

use serde_json::Value;

use crate::{
    document::reader::{Fields, Sink},
    pointer::Pointer,
};

/// A CEL expression as written, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expression {
    /// The source.
    pub source: String,
    /// Where it stands.
    pub path: Pointer,
}

/// A CEL expression; a bare `true`, `false` or number is one too.
pub(super) fn read(value: &Value, path: Pointer, sink: &Sink) -> Option<Expression> {
    let source = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        other => {
            sink.wrong_type(&path, "an expression", other);
            return None;
        }
    };
    Some(Expression { source, path })
}

impl Fields<'_> {
    /// A CEL expression.
    pub(super) fn expression(&self, key: &str) -> Option<Expression> {
        read(self.get(key)?, self.at(key), self.sink())
    }
}
