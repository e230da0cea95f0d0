//! Properties over generated texts and values.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value};
use signoff_core::problem::Position;
use signoff_definition::{Format, Positions, canonical_json, parse, render, to_yaml};

/// The characters that mean something in YAML or JSON are frequent.
fn text() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("\n".to_owned()),
        Just("  ".to_owned()),
        "[\\[\\]{}:,?&*!|>'\"%@`#~<. \t\r\n-]{1,4}",
        "[a-z0-9]{1,3}",
        Just(": ".to_owned()),
        Just("- ".to_owned()),
        Just("&a ".to_owned()),
        Just("*a ".to_owned()),
        Just("!!str ".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("\\u".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// A definition with a few characters replaced.
fn mutated() -> impl Strategy<Value = String> {
    const TEXT: &str = "key: leave\ntitle: {en: Leave, ar: إجازة}\nstages: &s\n  - key: a\n    when: 'x > 1'\n  - {key: b, form: [c, \"d\"]}\nnote: |\n  one\n  two\nagain: *s\n";
    let cut = (any::<prop::sample::Index>(), 0_usize..4, text());
    prop::collection::vec(cut, 1..4).prop_map(|cuts| {
        let mut chars: Vec<char> = TEXT.chars().collect();
        for (at, n_removed, put) in cuts {
            let start = at.index(chars.len() + 1);
            let end = (start + n_removed).min(chars.len());
            chars.splice(start..end, put.chars().take(3));
        }
        chars.into_iter().collect()
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z0-9.:#' -]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let key = prop_oneof![any::<String>(), "[a-z_]{1,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Block YAML with strings in the escapes of JSON, save the pairs of surrogates.
fn yaml(value: &Value, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _infallible = write!(text, "\n{margin}-");
                yaml(item, indent + 2, text);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                let key = Value::from(key.as_str());
                let _infallible = write!(text, "\n{margin}? {key}\n{margin}:");
                yaml(member, indent + 2, text);
            }
        }
        scalar => {
            let _infallible = write!(text, " {scalar}");
        }
    }
}

fn is_inside(text: &str, at: Position) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let line = text.split('\n').nth(at.line as usize - 1);
    line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&(at.column as usize)))
}

/// Checks the places of all parts of `value`.
fn check_places(
    text: &str,
    value: &Value,
    positions: &Positions,
    path: &signoff_core::pointer::Pointer,
) {
    let at = positions.value_at(path).expect("every value has a place");
    assert!(is_inside(text, at), "{at:?} of {path} in {text:?}");
    match value {
        Value::Array(items) => {
            for (idx, item) in items.iter().enumerate() {
                check_places(text, item, positions, &path.index(idx));
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let path = path.key(key);
                let at = positions.key_at(&path).expect("every key has a place");
                assert!(is_inside(text, at), "{at:?} of the key {path} in {text:?}");
                check_places(text, member, positions, &path);
            }
        }
        _ => {}
    }
}

fn check_any(text: &str) {
    for format in [Format::Yaml, Format::Json] {
        match parse(text, format) {
            Ok(parsed) => {
                let root = signoff_core::pointer::Pointer::root();
                check_places(text, &parsed.value, &parsed.positions, &root);
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                for problem in &problems {
                    let at = problem.position.expect("every problem of form has a place");
                    assert!(is_inside(text, at), "{problem:?} in {text:?}");
                }
                assert!(render("a", text, &problems).starts_with("a:"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_text_is_read_or_refused_in_place(text in text()) {
        check_any(&text);
    }

    #[test]
    fn a_mutated_definition_is_read_or_refused_in_place(text in mutated()) {
        check_any(&text);
    }

    #[test]
    fn json_is_read_back(value in value()) {
        for text in [value.to_string(), format!("{value:#}")] {
            let parsed = parse(&text, Format::Json).unwrap();
            prop_assert_eq!(&parsed.value, &value);
        }
    }

    #[test]
    fn yaml_is_read_back(value in value()) {
        let mut text = "---".to_owned();
        yaml(&value, 0, &mut text);
        text.push('\n');
        let parsed = parse(&text, Format::Yaml);
        prop_assert!(parsed.is_ok(), "{}\n{:?}", text, parsed);
        prop_assert_eq!(&parsed.unwrap().value, &value, "{}", text);
    }

    #[test]
    fn the_canonical_form_is_its_own(value in value()) {
        let canonical = canonical_json(&value);
        let parsed: Value = serde_json::from_str(&canonical).unwrap();
        prop_assert_eq!(canonical_json(&parsed), canonical);
    }

    #[test]
    fn what_is_written_as_yaml_reads_as_it_was(value in value()) {
        let parsed = parse(&to_yaml(&value), Format::Yaml);
        prop_assert_eq!(parsed.map(|parsed| parsed.value), Ok(value));
    }
}
