//! The language as its specification has it, by a table of cases.

use serde_json::Value;
use signoff_core::conditions::ConditionErrorKind;

use crate::{evaluate, scope};

const TABLE: &str = include_str!("../cases/language.txt");

/// What a case expects, or the kind of error.
type Expected = Result<Value, ConditionErrorKind>;

fn kind(name: &str) -> ConditionErrorKind {
    match name {
        "syntax" => ConditionErrorKind::Syntax,
        "type" => ConditionErrorKind::Type,
        "missing" => ConditionErrorKind::Missing,
        "limit" => ConditionErrorKind::LimitExceeded,
        other => panic!("no kind of error: {other}"),
    }
}

/// The cases with their groups.
fn cases() -> Vec<(&'static str, String, Expected)> {
    let mut group = "";
    let mut cases = Vec::new();
    for line in TABLE.lines() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix("== ") {
            group = title;
        } else if let Some((source, expected)) = line.rsplit_once("=> ") {
            let expected = match expected.strip_prefix("! ") {
                Some(name) => Err(kind(name.trim())),
                None => Ok(serde_json::from_str(expected).unwrap()),
            };
            cases.push((group, source.trim_end().replace('¶', "\n"), expected));
        }
    }
    cases
}

#[test]
fn the_language_is_the_specification_s() {
    let cases = cases();
    assert!(cases.len() >= 400, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(group, source, expected)| {
            let found = evaluate(source, &scope());
            let kind = found.as_ref().map_err(|error| error.kind);
            let wanted = expected.as_ref().map_err(|kind| *kind);
            (kind != wanted).then(|| format!("{group}: {source}: {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
