//! The examples of docs/conditions.md.

use serde_json::{Map, Value};

use crate::evaluate;

const PAGE: &str = include_str!("../../../../docs/conditions.md");

/// The data that the page names, as variables.
fn data() -> Map<String, Value> {
    let (_, rest) = PAGE.split_once("The data of these is `").unwrap();
    let (text, _) = rest.split_once("}`.").unwrap();
    let data: Value = serde_json::from_str(&format!("{text}}}")).unwrap();
    let mut scope = data.as_object().cloned().unwrap_or_default();
    scope.insert("data".to_owned(), data);
    scope
}

#[test]
fn the_page_says_what_expressions_come_to() {
    let (_, rest) = PAGE.split_once("```text\n").unwrap();
    let (examples, _) = rest.split_once("```").unwrap();
    let mut n_examples = 0;
    for line in examples.lines() {
        let (source, expected) = line.rsplit_once(" => ").unwrap();
        n_examples += 1;
        match (
            evaluate(source.trim(), &data()),
            expected.strip_prefix("error: "),
        ) {
            (Err(error), Some(message)) => assert_eq!(error.message, message, "{line}"),
            (found, _) => {
                let expected: Value = serde_json::from_str(expected).unwrap();
                assert_eq!(found, Ok(expected), "{line}");
            }
        }
    }
    assert!(n_examples > 10);
}
