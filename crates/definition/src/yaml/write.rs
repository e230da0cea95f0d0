//! Values as YAML.

use serde_json::Value;

/// `value` as YAML in block style, which [`parse`](crate::parse) reads as the same value.
///
/// Mappings keep their order. Comments are no part of a value.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "every JSON value can be written")]
pub fn to_yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).expect("a JSON value has only string keys and finite numbers")
}
