//! Values of the data that instances are found by.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::graph::Indexed;

/// Letters of a text that are compared; those behind them are not looked at.
const LETTERS: usize = 200;

/// The row of a value that an instance is found by.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FieldRow {
    /// The place in the data: keys with dots between them.
    pub name: String,
    /// The value as [`field_key`] gives it.
    pub key: String,
}

/// The value as a text that compares as values do: truths before numbers before texts.
///
/// Numbers compare as doubles, texts by their first 200 letters. Lists, objects and null have none.
#[must_use]
pub fn field_key(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(format!("b{}", u8::from(*value))),
        Value::Number(number) => number.as_f64().map(number_key),
        Value::String(text) => Some(text_key(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The bits of a double in an order that is that of the numbers.
fn number_key(number: f64) -> String {
    const SIGN: u64 = 1 << 63;
    // There are two zeros.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    format!("n{ordered:016x}")
}

/// The two lowest letters are for the bounds of ranges.
fn text_key(text: &str) -> String {
    let letters = text.chars().take(LETTERS).map(|c| match c {
        '\u{0}' | '\u{1}' => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    std::iter::once('t').chain(letters).collect()
}

/// What is found of the data, in the order of `fields`.
pub(super) fn rows(fields: &[Indexed], data: &Value) -> Vec<FieldRow> {
    let row = |field: &Indexed| {
        let mut keys = field.path.keys().iter();
        let value = keys.try_fold(data, |value, key| value.get(key))?;
        let decimal = value.as_str().filter(|_| field.is_decimal);
        let decimal = decimal.and_then(|text| text.parse().ok());
        Some(FieldRow {
            name: field.path.to_string(),
            key: decimal.map_or_else(|| field_key(value), |number| Some(number_key(number)))?,
        })
    };
    fields.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_compare_as_values_do() {
        let values = [
            json!(false),
            json!(true),
            json!(-1e300),
            json!(-2),
            json!(-1.5),
            json!(0),
            json!(0.25),
            json!(9),
            json!(10),
            json!(u64::MAX),
            json!(""),
            json!("10"),
            json!("9"),
            json!("a"),
            json!("a b"),
            json!("ab"),
            json!("ليلى"),
        ];
        let keys: Vec<String> = values.iter().filter_map(field_key).collect();
        assert_eq!(keys.len(), values.len());
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(field_key(&json!(-0.0)), field_key(&json!(0)));
        assert_eq!(field_key(&json!(1)), field_key(&json!(1.0)));
        for none in [json!(null), json!([1]), json!({"a": 1})] {
            assert_eq!(field_key(&none), None);
        }
        let long = "ة".repeat(1000);
        assert_eq!(
            field_key(&json!(long)).map(|key| key.chars().count()),
            Some(201)
        );
    }
}
