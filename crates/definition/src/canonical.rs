//! The one form of a value that hashes are made of.

use serde_json::Value;

/// The canonical form of `value` (RFC 8785): no white space, keys in the order of their UTF-16
/// code units, numbers as ECMAScript writes them.
///
/// Every number is a double there: integers beyond ±2⁵³ that differ may have the same form.
#[must_use]
#[expect(
    clippy::missing_panics_doc,
    reason = "every JSON value has a canonical form"
)]
pub fn canonical_json(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value)
        .expect("a JSON value has only string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &Value, canonical: &str) {
        assert_eq!(canonical_json(value), canonical);
    }

    #[test]
    fn keys_are_sorted_by_utf16_code_units() {
        // The example of RFC 8785, section 3.2.3.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"
        });
        let canonical = canonical_json(&value);
        let places: Vec<_> = [
            "Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew",
        ]
        .iter()
        .map(|word| canonical.find(word).unwrap())
        .collect();
        assert!(places.is_sorted(), "{canonical}");
    }

    #[test]
    fn numbers_have_the_form_of_ecmascript() {
        check(
            &json!([
                333_333_333.333_333_3,
                1e30,
                4.50,
                2e-3,
                1e-27,
                10.0,
                -0.0,
                12
            ]),
            "[333333333.3333333,1e+30,4.5,0.002,1e-27,10,0,12]",
        );
    }

    #[test]
    fn strings_escape_only_what_they_must() {
        check(
            &json!({"b": "\u{f}\n\"\\/é", "a": []}),
            r#"{"a":[],"b":"\u000f\n\"\\/é"}"#,
        );
    }

    #[test]
    fn the_order_of_keys_in_the_text_does_not_matter() {
        let one = json!({"a": {"x": 1, "y": 2}, "b": null});
        let other = json!({"b": null, "a": {"y": 2, "x": 1}});
        assert_eq!(canonical_json(&one), canonical_json(&other));
    }
}
