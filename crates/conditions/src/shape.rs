//! The bounds on the parsed expression, and what it may be made of.

use cel_interpreter::{
    IdedExpr,
    common::ast::{ComprehensionExpr, EntryExpr, Expr},
};
use signoff_core::conditions::ConditionError;

use crate::{error, functions::CALLABLE};

/// The deepest tree. Interpreting recurses with it.
pub(crate) const DEPTH: usize = 48;
/// The deepest nesting of `all`, `exists`, `map` and the like.
pub(crate) const COMPREHENSIONS: usize = 2;

/// Why a node is refused.
#[derive(Debug)]
pub(crate) struct Flaw {
    /// The node, for its place in the source.
    pub(crate) node: u64,
    pub(crate) error: ConditionError,
}

/// Refuses a tree that is too deep, loops too deep, calls what does not exist, or builds a message.
pub(crate) fn check(root: &IdedExpr) -> Result<(), Flaw> {
    visit(root, DEPTH, COMPREHENSIONS)
}

fn visit(node: &IdedExpr, depth: usize, loops: usize) -> Result<(), Flaw> {
    let flaw = |error| Flaw {
        node: node.id,
        error,
    };
    let Some(depth) = depth.checked_sub(1) else {
        let message = format!("the expression is nested deeper than {DEPTH}");
        return Err(flaw(error::limit(message)));
    };
    let below = |children: &[IdedExpr]| {
        children
            .iter()
            .try_for_each(|child| visit(child, depth, loops))
    };
    match &node.expr {
        Expr::Ident(_) | Expr::Literal(_) => Ok(()),
        Expr::Select(select) => visit(&select.operand, depth, loops),
        Expr::List(list) => below(&list.elements),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => {
                visit(&entry.key, depth, loops)?;
                visit(&entry.value, depth, loops)
            }
            EntryExpr::StructField(_) => Err(flaw(error::syntax("not the entry of a map"))),
        }),
        Expr::Call(call) => {
            let name = call.func_name.as_str();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_name && !CALLABLE.contains(&name) {
                let hint = match name {
                    "now" => "; `now` is a variable, as in `timestamp(now)`",
                    _ => "",
                };
                let message = format!("unknown function `{name}`{hint}");
                return Err(flaw(error::syntax(message)));
            }
            if let Some(target) = &call.target {
                visit(target, depth, loops)?;
            }
            below(&call.args)
        }
        Expr::Comprehension(comprehension) => {
            let Some(inner) = loops.checked_sub(1) else {
                let message =
                    format!("`all`, `map` and the like are nested deeper than {COMPREHENSIONS}");
                return Err(flaw(error::limit(message)));
            };
            visit_comprehension(comprehension, depth, loops, inner)
        }
        Expr::Struct(_) => Err(flaw(error::syntax("messages cannot be built here"))),
        Expr::Unspecified => Err(flaw(error::syntax("an incomplete expression"))),
    }
}

fn visit_comprehension(
    comprehension: &ComprehensionExpr,
    depth: usize,
    outside: usize,
    inside: usize,
) -> Result<(), Flaw> {
    for part in [&comprehension.iter_range, &comprehension.accu_init] {
        visit(part, depth, outside)?;
    }
    for part in [
        &comprehension.loop_cond,
        &comprehension.loop_step,
        &comprehension.result,
    ] {
        visit(part, depth, inside)?;
    }
    Ok(())
}

/// Visits every node.
pub(crate) fn each(node: &IdedExpr, visit: &mut impl FnMut(&IdedExpr)) {
    visit(node);
    for child in children(node) {
        each(child, visit);
    }
}

/// How many nodes there are.
pub(crate) fn count(node: &IdedExpr) -> i64 {
    1 + children(node).into_iter().map(count).sum::<i64>()
}

/// How many levels there are.
pub(crate) fn depth(node: &IdedExpr) -> usize {
    1 + children(node).into_iter().map(depth).max().unwrap_or(0)
}

/// The nodes right below.
pub(crate) fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => Vec::new(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => {
            let entries = map.entries.iter().flat_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                EntryExpr::StructField(field) => vec![&field.value],
            });
            entries.collect()
        }
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Comprehension(parts) => vec![
            &parts.iter_range,
            &parts.accu_init,
            &parts.loop_cond,
            &parts.loop_step,
            &parts.result,
        ],
    }
}
