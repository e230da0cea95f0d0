//! What the interpreter's errors mean to the port, in words that never carry a whole value.

use cel_interpreter::ExecutionError;
use signoff_core::conditions::{ConditionError, ConditionErrorKind};

/// The function that errors of the budget name, so that they can be told apart.
pub(crate) const BUDGET: &str = "@budget";

pub(crate) fn syntax(message: impl Into<String>) -> ConditionError {
    ConditionError::new(ConditionErrorKind::Syntax, message)
}

pub(crate) fn limit(message: impl Into<String>) -> ConditionError {
    ConditionError::new(ConditionErrorKind::LimitExceeded, message)
}

pub(crate) fn wrong_type(message: impl Into<String>) -> ConditionError {
    ConditionError::new(ConditionErrorKind::Type, message)
}

pub(crate) fn missing(message: impl Into<String>) -> ConditionError {
    ConditionError::new(ConditionErrorKind::Missing, message)
}

/// An error of one of our own functions, as the interpreter carries it.
pub(crate) fn function(name: &str, message: impl Into<String>) -> ExecutionError {
    ExecutionError::FunctionError {
        function: name.to_owned(),
        message: message.into(),
    }
}

/// Translates what the interpreter says; undeclared slots are the caller's to explain.
pub(crate) fn translate(error: &ExecutionError) -> ConditionError {
    use ExecutionError as E;
    match error {
        E::NoSuchKey(key) => missing(format!("no such field: {}", shortened(key))),
        E::UndeclaredReference(name) => missing(format!("no such variable: {name}")),
        E::IndexOutOfBounds(index) => missing(format!("no such element: {}", brief(index))),
        E::FunctionError { function, message } if function == BUDGET => limit(message.as_str()),
        E::FunctionError { function, message } => {
            let name = function.trim_start_matches('@');
            wrong_type(format!("`{name}`: {}", shortened(message)))
        }
        E::NoSuchOverload(overload) => wrong_type(format!(
            "`{}` does not take ({})",
            symbol(overload.function()),
            overload.argument_types().join(", ")
        )),
        E::UnsupportedBinaryOperator(operator, left, right) => wrong_type(format!(
            "`{}` does not take ({}, {})",
            symbol(operator),
            left.type_of(),
            right.type_of()
        )),
        E::ValuesNotComparable(left, right) => wrong_type(format!(
            "cannot compare {} with {}",
            left.type_of(),
            right.type_of()
        )),
        E::UnexpectedType { got, want } => wrong_type(format!("expected {want}, found {got}")),
        E::UnsupportedKeyType(key) => {
            wrong_type(format!("a {} cannot be the key of a map", key.type_of()))
        }
        E::UnsupportedIndex(index, _) => {
            wrong_type(format!("a {} cannot index a list", index.type_of()))
        }
        E::DivisionByZero(_) | E::RemainderByZero(_) => wrong_type("division by zero"),
        E::Overflow(operator, ..) => wrong_type(format!("`{}` overflows", symbol(operator))),
        E::DuplicateKey(key) => wrong_type(format!("repeated key: {}", brief(key))),
        E::InvalidArgumentCount { expected, actual } => {
            wrong_type(format!("expected {expected} arguments, found {actual}"))
        }
        E::InternalError(message) => wrong_type(shortened(message)),
        _ => wrong_type("the expression cannot be evaluated with these values"),
    }
}

/// An operator as it is written, from the name that the interpreter gives it.
fn symbol(name: &str) -> &str {
    match name {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        "_[_]" => "[]",
        "_._" => ".",
        _ => name.trim_matches(['_', '@']),
    }
}

fn brief(value: &cel_interpreter::Value) -> String {
    use cel_interpreter::Value as V;
    match value {
        V::Int(number) => number.to_string(),
        V::UInt(number) => number.to_string(),
        V::String(text) => shortened(text),
        V::Bool(truth) => truth.to_string(),
        other => other.type_of().to_string(),
    }
}

/// The first characters of `text`: data may be long, a message may not.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
