//! Any text and any expression comes to a value or an error.

use proptest::prelude::*;

use crate::{evaluate, scope};

/// Literals, variables and fields of the shared scope.
fn leaf() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "1",
        "-1",
        "0",
        "2.5",
        "3u",
        "true",
        "false",
        "null",
        "'a'",
        "''",
        "b'x'",
        "r'\\d'",
        "[]",
        "{}",
        "claim",
        "claim.amount",
        "claim.note",
        "claim.nothing",
        "nobody",
        "items",
        "list",
        "limits",
        "data['any key'].x",
        "now",
        "text",
        "zero",
        "int",
        "string",
        "x",
        "x.y",
        "9223372036854775807",
        "1e308",
        "'P1D'",
        "'2026-01-01T00:00:00Z'",
        "'('",
        "claim.big",
    ])
    .prop_map(str::to_owned)
}

/// Whole expressions: operators, macros, calls and literals that mostly parse.
fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(5, 40, 3, |inner| {
        let binary = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in",
        ]);
        let function = prop::sample::select(vec![
            "size",
            "int",
            "uint",
            "double",
            "string",
            "bytes",
            "bool",
            "type",
            "dyn",
            "duration",
            "timestamp",
            "decimal",
            "has",
            "!",
            "-",
        ]);
        let method = prop::sample::select(vec![
            "startsWith",
            "endsWith",
            "contains",
            "matches",
            "getHours",
            "size",
        ]);
        let walk = prop::sample::select(vec!["all", "exists", "exists_one", "map", "filter"]);
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), binary).prop_map(|((a, b), op)| format!("({a} {op} {b})")),
            (inner.clone(), function).prop_map(|(a, name)| format!("{name}({a})")),
            (pair.clone(), method).prop_map(|((a, b), name)| format!("{a}.{name}({b})")),
            (pair.clone(), walk).prop_map(|((a, b), name)| format!("{a}.{name}(x, {b})")),
            pair.clone().prop_map(|(a, b)| format!("{a}[{b}]")),
            pair.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            pair.clone().prop_map(|(a, b)| format!("{{{a}: {b}}}")),
            (pair, inner.clone()).prop_map(|((a, b), c)| format!("({a} ? {b} : {c})")),
            inner.prop_map(|a| format!("{a}.amount")),
        ]
    })
}

/// Expressions with a few characters replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), "[ -~é]{0,2}"), 1..4);
    (expression(), edits).prop_map(|(source, edits)| {
        let mut chars: Vec<String> = source.chars().map(String::from).collect();
        for (index, text) in edits {
            let at = index.index(chars.len());
            chars[at] = text;
        }
        chars.concat()
    })
}

fn comes_to_something(source: &str) -> Result<(), TestCaseError> {
    if let Err(error) = evaluate(source, &scope()) {
        prop_assert!(!error.message.is_empty() && error.message.len() < 600);
        prop_assert!(
            error.offset.is_none_or(|at| at <= source.len()),
            "{:?}",
            error
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions_come_to_a_value_or_an_error(source in expression()) {
        comes_to_something(&source)?;
        // And to the same one every time.
        let again = || evaluate(&source, &scope());
        prop_assert_eq!(again(), again());
    }

    #[test]
    fn mutated_expressions_come_to_a_value_or_an_error(source in mutated()) {
        comes_to_something(&source)?;
    }

    #[test]
    fn any_text_comes_to_a_value_or_an_error(source in "\\PC{0,60}") {
        comes_to_something(&source)?;
    }
}
