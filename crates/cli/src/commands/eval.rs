//! `signoff eval`: tries a condition on data.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use signoff::{
    Problem,
    core::{
        conditions::{
            ConditionError, Conditions as _, Declared, Explanation, Purpose, Remark, Scope, Wanted,
        },
        machine::Variables,
        pointer::Pointer,
        problem::Position,
    },
    definition,
};
use signoff_conditions::Cel;

use crate::{
    args::{Eval, Output},
    exit::{Exit, Failure},
    output,
};

/// What problems call the expression, which has no file.
const NAME: &str = "expression";

pub(crate) fn run(args: &Eval) -> Result<Exit, Failure> {
    let data = match &args.data {
        None => Value::Object(Map::new()),
        Some(path) => match read(path)? {
            Ok(data) => data,
            Err(exit) => return Ok(exit),
        },
    };
    let schema = match &args.definition {
        None => None,
        Some(path) => match read(path)? {
            Ok(definition) => definition.get("data").cloned(),
            Err(exit) => return Ok(exit),
        },
    };
    let variables = Tried {
        data,
        named: named(args)?,
    };
    let declared = Schema(schema);
    let purpose = Purpose {
        declared: &declared,
        wanted: Wanted::Anything,
    };
    let source = &args.expression;
    let (condition, remarks) = match Cel::new().compile_for(source, &purpose) {
        Ok(compiled) => compiled,
        Err(error) => return Ok(told(args, "invalid_condition", &error, error.offset)),
    };
    // Without a definition they say no more than the evaluation does.
    if declared.0.is_some() {
        let problems: Vec<Problem> = remarks
            .into_iter()
            .map(|remark| problem(source, remark))
            .collect();
        eprint!("{}", definition::render(NAME, source, &problems));
    }
    let explained = condition.explain(&variables);
    match &explained.outcome {
        Ok(value) => {
            match args.output {
                Output::Json if args.explain => outln!("{}", as_json(&explained)),
                Output::Json | Output::Text => outln!("{value}"),
            }
            if args.explain && args.output == Output::Text {
                parts(&explained, 1);
            }
            Ok(Exit::Ok)
        }
        Err(error) => {
            let place = explained.culprit().map(|part| part.place);
            let exit = told(args, "evaluation_failed", error, place);
            if args.explain && args.output == Output::Text {
                parts(&explained, 1);
            }
            Ok(exit)
        }
    }
}

/// A file's value; its problems are told here.
fn read(path: &std::path::Path) -> Result<Result<Value, Exit>, Failure> {
    let (text, format) = output::read(path)?;
    Ok(definition::parse(&text, format)
        .map(|parsed| parsed.value)
        .map_err(|problems| output::tell(path, &text, &problems)))
}

/// The variables of `--var`, and the moment.
fn named(args: &Eval) -> Result<Map<String, Value>, Failure> {
    let mut named = Map::new();
    let now = args.now.unwrap_or_else(jiff::Timestamp::now);
    named.insert("now".to_owned(), Value::from(now.to_string()));
    for var in &args.vars {
        let Some((name, value)) = var.split_once('=') else {
            let message = format!("`{var}` is not `NAME=JSON`");
            return Err(Failure::failed("malformed_request", message).exit(Exit::Usage));
        };
        // What is no JSON is text.
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        named.insert(name.to_owned(), value);
    }
    Ok(named)
}

/// What an expression sees: what was named, then the keys of the data.
#[derive(Debug)]
struct Tried {
    data: Value,
    named: Map<String, Value>,
}

impl Scope for Tried {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some(value) = self.named.get(name) {
            return Some(Cow::Borrowed(value));
        }
        match name {
            "data" => Some(Cow::Borrowed(&self.data)),
            // The engine's own, which the data cannot give.
            name if Variables::NAMES.contains(&name) => None,
            name => self.data.get(name).map(Cow::Borrowed),
        }
    }
}

#[derive(Debug)]
struct Schema(Option<Value>);

impl Declared for Schema {
    fn schema(&self, name: &str) -> Option<&Value> {
        let schema = self.0.as_ref()?;
        match name {
            "data" => Some(schema),
            name if Variables::NAMES.contains(&name) => None,
            name => schema.get("properties")?.get(name),
        }
    }
}

fn problem(source: &str, remark: Remark) -> Problem {
    Problem {
        severity: remark.severity,
        position: remark.offset.map(|offset| position(source, offset)),
        help: remark.help,
        ..Problem::error(remark.code, Pointer::root(), remark.message)
    }
}

/// Tells an error with a caret, or as data.
fn told(args: &Eval, code: &'static str, error: &ConditionError, place: Option<usize>) -> Exit {
    let source = &args.expression;
    let position = place.map(|place| position(source, place));
    let problem = Problem {
        position: Some(position.unwrap_or(Position { line: 1, column: 1 })),
        ..Problem::error(code, Pointer::root(), error.message.clone())
    };
    match args.output {
        Output::Text => eprint!("{}", definition::render(NAME, source, &[problem])),
        Output::Json => {
            let told = json!({
                "code": code,
                "message": error.message,
                "line": position.map(|at| at.line),
                "column": position.map(|at| at.column),
            });
            outln!("{}", json!({"error": told}));
        }
    }
    Exit::Failed
}

/// The line and column of a byte.
fn position(source: &str, offset: usize) -> Position {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position {
        line: number(line),
        column: number(column),
    }
}

/// The parts of an expression, a line each, what they are made of below them.
fn parts(explained: &Explanation, depth: usize) {
    for part in &explained.parts {
        let found = match &part.outcome {
            Ok(value) => shortened(&value.to_string()),
            Err(error) => format!("error: {error}"),
        };
        let text = part.source.split_whitespace().collect::<Vec<_>>().join(" ");
        outln!("{}{text} => {found}", "  ".repeat(depth));
        parts(part, depth + 1);
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn as_json(explained: &Explanation) -> Value {
    let parts: Vec<Value> = explained.parts.iter().map(as_json).collect();
    let mut told = json!({"source": explained.source, "parts": parts});
    match &explained.outcome {
        Ok(value) => told["result"] = value.clone(),
        Err(error) => told["error"] = json!(error.message),
    }
    told
}
