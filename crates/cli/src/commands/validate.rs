//! `signoff validate`: every problem of definitions, with its place.

use serde_json::json;
use signoff::{Problem, definition};

use crate::{
    args::{Output, Validate},
    exit::{Exit, Failure},
    output,
};

pub(crate) fn run(args: &Validate) -> Result<Exit, Failure> {
    let mut wrong = false;
    let mut listed = Vec::new();
    let read: Result<Vec<_>, Failure> = args.files.iter().map(|path| output::read(path)).collect();
    let read = read?;
    let sources: Vec<_> = read
        .iter()
        .map(|(text, format)| (text.as_str(), *format))
        .collect();
    let checked = signoff::validate_together(&sources);
    for ((path, (text, _)), problems) in args.files.iter().zip(&read).zip(checked) {
        let name = path.display().to_string();
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        wrong |= errors > 0;
        match args.output {
            Output::Text => {
                out!("{}", definition::render(&name, text, &problems));
                let warnings = problems.len() - errors;
                outln!("{name}: {errors} errors, {warnings} warnings");
            }
            Output::Json => listed.push(json!({
                "file": name,
                "problems": problems.iter().map(problem).collect::<Vec<_>>(),
            })),
        }
    }
    if args.output == Output::Json {
        outln!("{:#}", serde_json::Value::from(listed));
    }
    Ok(if wrong { Exit::Failed } else { Exit::Ok })
}

pub(super) fn problem(problem: &Problem) -> serde_json::Value {
    json!({
        "code": problem.code,
        "severity": if problem.is_error() { "error" } else { "warning" },
        "path": problem.path.as_str(),
        "line": problem.position.map(|position| position.line),
        "column": problem.position.map(|position| position.column),
        "message": problem.message,
        "help": problem.help,
    })
}
