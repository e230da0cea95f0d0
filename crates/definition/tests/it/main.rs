//! Tests of the crate as its users see it.

mod bpmn;
mod diagram;
mod draft;
mod examples;
mod extends;
mod generated;
mod json;
mod limits;
mod positions;
mod render;
mod schema;
mod schema_limits;
mod shown;
mod yaml;

use signoff_core::problem::Problem;
use signoff_definition::{Format, parse};

/// The problems of `text` as `line:column: code` and message.
fn problems(text: &str, format: Format) -> Vec<String> {
    let problems = parse(text, format).expect_err("the text has problems");
    problems.iter().map(Problem::to_string).collect()
}

/// Checks code and place of the only problem of `text`.
#[track_caller]
fn check_problem(text: &str, format: Format, code: &str, place: (u32, u32)) {
    let problems = parse(text, format).expect_err("the text has a problem");
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let at = problem.position.expect("every problem of form has a place");
            (problem.code, (at.line, at.column))
        })
        .collect();
    let shown: String = text.chars().take(200).collect();
    assert_eq!(found, [(code, place)], "{shown}\n{problems:?}");
}
