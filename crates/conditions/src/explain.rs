//! Why an expression came to what it came to: the results of its parts.

use std::collections::BTreeMap;

use cel_interpreter::{
    IdedExpr,
    common::ast::{EntryExpr, Expr, operators},
};
use serde_json::Value;
use signoff_core::conditions::{ConditionError, Explanation, Scope};

use crate::{
    functions::DECLARED, meter::BUDGET, paths::static_path, program::Program, spans::Spans,
};

/// The most parts that are told.
const MOST: usize = 100;

/// Evaluates the parts of `program` one by one; together they may take as much as the whole.
pub(crate) fn explain(program: &Program, scope: &dyn Scope) -> Explanation {
    let whole = program.run(scope, BUDGET).0;
    let mut teller = Teller {
        program,
        scope,
        spans: Spans::new(program.text(), &program.places),
        n_left: MOST,
        budget: BUDGET,
    };
    let parts = teller.parts(&program.tree, &whole);
    let mut told = teller.told(&program.tree, whole, parts);
    program.text().clone_into(&mut told.source);
    told.offset = 0;
    told
}

struct Teller<'a> {
    program: &'a Program,
    scope: &'a dyn Scope,
    spans: Spans<'a>,
    n_left: usize,
    budget: u64,
}

type Outcome = Result<Value, ConditionError>;

impl Teller<'_> {
    fn told(&self, node: &IdedExpr, outcome: Outcome, parts: Vec<Explanation>) -> Explanation {
        let span = self.spans.span(node);
        let is_path = static_path(&node.expr, &[]).is_some();
        let place = if is_path {
            span.start
        } else {
            self.spans.place(node)
        };
        Explanation {
            source: self
                .program
                .text()
                .get(span.clone())
                .unwrap_or_default()
                .to_owned(),
            offset: span.start,
            place,
            outcome,
            parts,
        }
    }

    fn part(&mut self, node: &IdedExpr) -> Option<Explanation> {
        self.n_left = self.n_left.checked_sub(1)?;
        let (outcome, left) = self.program.run_part(node, self.scope, self.budget);
        self.budget = left;
        let parts = self.parts(node, &outcome);
        Some(self.told(node, outcome, parts))
    }

    fn all<'n>(&mut self, nodes: impl IntoIterator<Item = &'n IdedExpr>) -> Vec<Explanation> {
        let mut parts = Vec::new();
        for node in nodes {
            if !is_constant(node) {
                parts.extend(self.part(node));
            }
        }
        parts
    }

    fn parts(&mut self, node: &IdedExpr, outcome: &Outcome) -> Vec<Explanation> {
        if static_path(&node.expr, &[]).is_some() {
            return Vec::new();
        }
        match &node.expr {
            Expr::Call(call) if call.func_name == DECLARED => Vec::new(),
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (name @ (operators::LOGICAL_AND | operators::LOGICAL_OR), _) => {
                    let mut sides = Vec::new();
                    flatten(node, name, &mut sides);
                    self.all(sides)
                }
                (operators::CONDITIONAL, [when, then, other]) => {
                    let mut parts = self.all([when]);
                    let chosen = match parts.first().map(|when| &when.outcome) {
                        Some(Ok(Value::Bool(true))) => Some(then),
                        Some(Ok(Value::Bool(false))) => Some(other),
                        _ => None,
                    };
                    parts.extend(self.all(chosen));
                    parts
                }
                _ => self.all(call.target.as_deref().into_iter().chain(&call.args)),
            },
            // What is asked for is in the text already.
            Expr::Select(select) if static_path(&select.operand.expr, &[]).is_some() => Vec::new(),
            Expr::Select(select) => self.all([&*select.operand]),
            Expr::Comprehension(parts) => self.all([&parts.iter_range]),
            // What a list is made of matters when it could not be made.
            Expr::List(list) if outcome.is_err() => self.all(&list.elements),
            Expr::Map(map) if outcome.is_err() => {
                let entries = map.entries.iter().flat_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                    EntryExpr::StructField(_) => Vec::new(),
                });
                let entries: Vec<&IdedExpr> = entries.collect();
                self.all(entries)
            }
            _ => Vec::new(),
        }
    }
}

/// The sides of `a && b && c`, which the parser nests.
fn flatten<'n>(node: &'n IdedExpr, name: &str, sides: &mut Vec<&'n IdedExpr>) {
    match &node.expr {
        Expr::Call(call) if call.func_name == name => {
            for side in &call.args {
                flatten(side, name, sides);
            }
        }
        _ => sides.push(node),
    }
}

/// Whether it says what it is: a literal, or a list of literals.
fn is_constant(node: &IdedExpr) -> bool {
    match &node.expr {
        Expr::Literal(_) => true,
        Expr::List(list) => list.elements.iter().all(is_constant),
        _ => false,
    }
}

/// The bytes at which the parser has its nodes.
pub(crate) type Places = BTreeMap<u64, usize>;
