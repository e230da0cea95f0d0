//! The static paths of an expression.

use cel_interpreter::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

/// Names that mean a type where the scope has no variable of that name.
pub(crate) const TYPES: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];

/// Types whose names are paths.
const QUALIFIED_TYPES: [[&str; 3]; 2] = [
    ["google", "protobuf", "Duration"],
    ["google", "protobuf", "Timestamp"],
];

/// The path that `expr` spells: a variable and the fields or constant string keys after it, as
/// long as the variable is not one of `bound`, the variables of the loops around it.
pub(crate) fn static_path(expr: &Expr, bound: &[String]) -> Option<Vec<String>> {
    match expr {
        // A leading dot skips the loops' variables.
        Expr::Ident(name) => match name.strip_prefix('.') {
            Some(absolute) => Some(vec![absolute.to_owned()]),
            None if bound.contains(name) => None,
            None => Some(vec![name.clone()]),
        },
        Expr::Select(select) if !select.test => {
            let mut path = static_path(&select.operand.expr, bound)?;
            path.push(select.field.clone());
            Some(path)
        }
        Expr::Call(call) => {
            let (target, key) = constant_index(call)?;
            let mut path = static_path(&target.expr, bound)?;
            path.push(key.to_owned());
            Some(path)
        }
        _ => None,
    }
}

/// The parts of `target["key"]`.
fn constant_index(call: &CallExpr) -> Option<(&IdedExpr, &str)> {
    if call.func_name != operators::INDEX {
        return None;
    }
    match call.args.as_slice() {
        [target, key] => constant_text(key).map(|key| (target, key)),
        _ => None,
    }
}

/// The text of a string literal.
pub(crate) fn constant_text(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Whether the path is the name of a type that no variable can bear.
pub(crate) fn is_qualified_type(path: &[String]) -> bool {
    QUALIFIED_TYPES.iter().any(|name| path == name.as_slice())
}
