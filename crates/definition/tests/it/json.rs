//! JSON: strict, and as well placed as YAML.

use serde_json::json;
use signoff_core::pointer::Pointer;
use signoff_definition::{Format, parse};

use crate::check_problem;

#[test]
fn json_is_read_with_places() {
    let text = "\u{feff}{\r\n  \"é\": [1, -2.5e3, \"a\\\"]\\u00e9\"],\r\n  \"~/\": {}\n}\n";
    let parsed = parse(text, Format::Json).unwrap();
    assert_eq!(parsed.value, json!({"é": [1, -2500.0, "a\"]é"], "~/": {}}));
    let place = |path: &str| {
        let path = Pointer::from_encoded(path);
        let at = parsed.positions.value_at(&path)?;
        Some((at.line, at.column))
    };
    assert_eq!(place(""), Some((1, 1)));
    assert_eq!(place("/é"), Some((2, 8)));
    assert_eq!(place("/é/1"), Some((2, 12)));
    assert_eq!(place("/é/2"), Some((2, 20)));
    assert_eq!(place("/~0~1"), Some((3, 9)));
    assert_eq!(place("/é/3"), None);
}

#[test]
fn numbers_keep_their_kind() {
    let text = "[0, -0, 1.0, 18446744073709551615, -9223372036854775808, 1e2]";
    let parsed = parse(text, Format::Json).unwrap();
    assert_eq!(
        parsed.value.to_string(),
        "[0,-0.0,1.0,18446744073709551615,-9223372036854775808,100.0]"
    );
}

#[test]
fn problems_have_code_and_place() {
    for (text, code, place) in [
        ("", "syntax", (1, 1)),
        ("  \n ", "syntax", (2, 1)),
        ("a: 1", "syntax", (1, 1)),
        ("{a: 1}", "syntax", (1, 2)),
        ("{'a': 1}", "syntax", (1, 2)),
        ("{\"a\": 1,}", "syntax", (1, 9)),
        ("[1, 2,\n]", "syntax", (2, 1)),
        ("{\"a\": 1} x", "syntax", (1, 10)),
        ("{\"a\": 1\n", "syntax", (1, 8)),
        ("// no\n{}", "syntax", (1, 1)),
        ("{\n# no\n}", "syntax", (2, 1)),
        ("[01]", "syntax", (1, 3)),
        ("[.5]", "syntax", (1, 2)),
        ("[NaN]", "syntax", (1, 2)),
        ("[\"é\t\"]", "syntax", (1, 3)),
        ("[\"\\ud800\"]", "syntax", (1, 2)),
        ("{\"a\": {\"b\": 1, \"b\": 2}}", "duplicate_key", (1, 16)),
        ("{\"a\": 1, \"\\u0061\": 2}", "duplicate_key", (1, 10)),
        ("[99999999999999999999]", "invalid_number", (1, 2)),
        ("[1e999]", "invalid_number", (1, 2)),
        ("[&a 1, *a]", "syntax", (1, 2)),
        ("{\"a\": !!str 1}", "syntax", (1, 7)),
    ] {
        check_problem(text, Format::Json, code, place);
    }
}

#[test]
fn yaml_in_a_json_file_is_pointed_out() {
    for (text, help) in [
        ("a: 1", "YAML"),
        ("{\"a\": no}", "YAML"),
        ("{\"a\": 1} # x", "comments"),
        ("{'a': 1}", "double quotes"),
        ("[1,]", "comma"),
    ] {
        let problems = parse(text, Format::Json).unwrap_err();
        let told = problems[0].help.as_deref().unwrap_or_default();
        assert!(told.contains(help), "{text}: {problems:?}");
    }
}
