//! Lists of principals as written.

use serde_json::Value;

use crate::{
    document::reader::{Fields, Sink},
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
};

impl Fields<'_> {
    /// A list of `user:ID` and `role:ID`.
    pub(super) fn principals(&self, key: &str) -> Vec<Principal> {
        self.list(key)
            .into_iter()
            .filter_map(|(value, path)| one(value, path, self.sink()))
            .collect()
    }
}

/// `user:ID` or `role:ID`.
pub(super) fn one(value: &Value, path: Pointer, sink: &Sink) -> Option<Principal> {
    let Some(text) = value.as_str() else {
        sink.wrong_type(&path, "`user:ID` or `role:ID`", value);
        return None;
    };
    match text.parse() {
        Ok(principal) => Some(principal),
        Err(error) => {
            sink.push(Problem::error(
                "invalid_principal",
                path,
                crate::principal::NotAPrincipal::to_string(&error),
            ));
            None
        }
    }
}
