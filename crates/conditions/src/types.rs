//! What an expression is certain to come to, and what it is certain to fail at, before it runs.
//!
//! Types come from literals, functions and the declared schemas; where neither says anything, any
//! type may come, and nothing is remarked. Along the way what a schema declares a decimal becomes
//! one.

mod calls;
mod ty;

use cel_interpreter::{
    IdedExpr,
    common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue, SelectExpr},
};
use serde_json::Value;
use signoff_core::{
    conditions::{Declared, Remark, Wanted},
    problem::{Severity, nearest, shown},
};

use crate::{functions::DECLARED, paths::TYPES, rewrite::function};
use ty::Type;

/// A remark and the node that it is about.
pub(crate) type Placed = (u64, Remark);

/// Makes declared decimals of `root` and remarks on the rest.
pub(crate) fn check(root: &mut IdedExpr, declared: &dyn Declared, wanted: Wanted) -> Vec<Placed> {
    let mut checker = Checker {
        declared,
        bound: Vec::new(),
        remarks: Vec::new(),
    };
    let found = checker.infer(root);
    let expected = match wanted {
        Wanted::Boolean if !found.may_be(&Type::Bool) => "a boolean",
        Wanted::List if !matches!(found, Type::Any | Type::List(_)) => "a list",
        Wanted::Anything | Wanted::Boolean | Wanted::List => return checker.remarks,
    };
    let message = format!("expected {expected}, this is of type {}", found.name());
    checker.error(root.id, message);
    checker.remarks
}

struct Checker<'a> {
    declared: &'a dyn Declared,
    /// The variables of the loops around.
    bound: Vec<(String, Type<'a>)>,
    remarks: Vec<Placed>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, node: u64, message: impl Into<String>) {
        let remark = Remark {
            code: "condition_type",
            severity: Severity::Error,
            message: message.into(),
            help: None,
            offset: None,
        };
        self.remarks.push((node, remark));
    }

    fn warning(&mut self, node: u64, message: impl Into<String>, help: Option<String>) {
        let remark = Remark {
            code: "condition_type",
            severity: Severity::Warning,
            message: message.into(),
            help,
            offset: None,
        };
        self.remarks.push((node, remark));
    }

    fn infer(&mut self, node: &mut IdedExpr) -> Type<'a> {
        let id = node.id;
        let (found, schema) = match &mut node.expr {
            Expr::Literal(literal) => (literal_type(literal), None),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => self.select(id, select),
            Expr::List(list) => {
                let items: Vec<Type<'a>> = list
                    .elements
                    .iter_mut()
                    .map(|item| self.infer(item))
                    .collect();
                (Type::list_of(items), None)
            }
            Expr::Map(map) => {
                for entry in &mut map.entries {
                    if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                        self.infer(&mut entry.key);
                        self.infer(&mut entry.value);
                    }
                }
                (Type::Map, None)
            }
            Expr::Comprehension(parts) => (self.comprehension(id, parts), None),
            Expr::Call(call) => self.call(id, call),
            Expr::Struct(_) | Expr::Unspecified => (Type::Any, None),
        };
        if schema.is_some_and(ty::is_decimal) {
            let inner = std::mem::take(node);
            *node = function(id, DECLARED, vec![inner]);
        }
        found
    }

    fn variable(&self, name: &str) -> (Type<'a>, Option<&'a Value>) {
        let bound = self.bound.iter().rev().find(|(bound, _)| bound == name);
        if let Some((_, found)) = bound {
            return match found {
                Type::Item(schema) => (Type::of(schema), Some(schema)),
                other => (other.clone(), None),
            };
        }
        match self.declared.schema(name.strip_prefix('.').unwrap_or(name)) {
            Some(schema) => (Type::of(schema), Some(schema)),
            None if TYPES.contains(&name) => (Type::Kind, None),
            None => (Type::Any, None),
        }
    }

    fn select(&mut self, id: u64, select: &mut SelectExpr) -> (Type<'a>, Option<&'a Value>) {
        let is_root = matches!(&select.operand.expr, Expr::Ident(name) if name == "data");
        let operand = self.infer(&mut select.operand);
        if select.test {
            self.must_have_fields(id, &operand, &select.field);
            return (Type::Bool, None);
        }
        self.field(id, &operand, &select.field, is_root)
    }

    fn must_have_fields(&mut self, id: u64, operand: &Type<'a>, field: &str) -> bool {
        let has = matches!(operand, Type::Any | Type::Map | Type::Object(_));
        if !has {
            let found = operand.name();
            self.error(
                id,
                format!("a value of type {found} has no field `{field}`"),
            );
        }
        has
    }

    /// The field of an object. Whoever asks for a key of the data itself is told by the compiler.
    fn field(
        &mut self,
        id: u64,
        operand: &Type<'a>,
        field: &str,
        is_root: bool,
    ) -> (Type<'a>, Option<&'a Value>) {
        if !self.must_have_fields(id, operand, field) {
            return (Type::Any, None);
        }
        let Type::Object(schema) = operand else {
            return (Type::Any, None);
        };
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return (Type::Any, None);
        };
        if let Some(schema) = properties.get(field) {
            return (Type::of(schema), Some(schema));
        }
        let open = schema
            .get("additionalProperties")
            .is_some_and(|more| *more != Value::Bool(false))
            || schema.get("patternProperties").is_some();
        if !is_root && !open {
            let shown = shown(field);
            let near = nearest(field, properties.keys().map(String::as_str));
            let remark = Remark {
                code: "unknown_field",
                severity: Severity::Warning,
                message: format!("the data declare no field `{shown}` here"),
                help: near.map(|near| format!("did you mean `{near}`?")),
                offset: None,
            };
            self.remarks.push((id, remark));
        }
        (Type::Any, None)
    }

    fn comprehension(&mut self, id: u64, parts: &mut ComprehensionExpr) -> Type<'a> {
        let item = match self.infer(&mut parts.iter_range) {
            Type::List(item) => *item,
            Type::Map | Type::Object(_) => Type::Text,
            Type::Any => Type::Any,
            other => {
                let found = other.name();
                self.error(
                    id,
                    format!("a loop takes a list or an object, not a {found}"),
                );
                Type::Any
            }
        };
        let result = self.infer(&mut parts.accu_init);
        let n_bound = self.bound.len();
        self.bound.push((parts.iter_var.clone(), item));
        let accumulator = match &result {
            Type::List(_) => Type::List(Box::new(Type::Any)),
            other => other.clone(),
        };
        self.bound.push((parts.accu_var.clone(), accumulator));
        self.infer(&mut parts.loop_cond);
        let step = self.infer(&mut parts.loop_step);
        let found = self.infer(&mut parts.result);
        self.bound.truncate(n_bound);
        // `map` and `filter` give what they add; the others what they end with.
        match (&result, step) {
            (Type::List(_), list @ Type::List(_)) => list,
            (Type::List(_), _) => Type::List(Box::new(Type::Any)),
            _ => found,
        }
    }
}

fn literal_type<'a>(literal: &LiteralValue) -> Type<'a> {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::Text,
        LiteralValue::UInt(_) => Type::Uint,
    }
}
