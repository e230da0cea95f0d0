//! What operators and functions take and give.

use cel_interpreter::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};
use serde_json::Value;

use super::{Checker, ty::Type};
use crate::{
    days::{BUSINESS_DAYS, DATE},
    functions::DECIMAL,
    people::{HAS_ROLE, MANAGER},
};

/// The types that an argument may have; none for any.
type Takes = &'static [Type<'static>];

const TEXT: Takes = &[Type::Text];
const TIMES: Takes = &[Type::Time, Type::Span];
const DAYS: Takes = &[Type::Time, Type::Text];

/// A function: its name, what each argument takes (the one before the dot first), how many it needs
/// at least, and what it gives.
const FUNCTIONS: [(&str, &[Takes], usize, Type<'static>); 28] = [
    ("bool", &[&[Type::Bool, Type::Text]], 1, Type::Bool),
    ("bytes", &[&[Type::Bytes, Type::Text]], 1, Type::Bytes),
    (BUSINESS_DAYS, &[DAYS, DAYS, &[], &[]], 2, Type::Int),
    ("contains", &[TEXT, TEXT], 2, Type::Bool),
    (DATE, &[DAYS, TEXT], 1, Type::Time),
    (
        DECIMAL,
        &[&[
            Type::Text,
            Type::Number,
            Type::Int,
            Type::Double,
            Type::Uint,
            Type::Decimal,
        ]],
        1,
        Type::Decimal,
    ),
    (
        "double",
        &[&[
            Type::Text,
            Type::Number,
            Type::Int,
            Type::Double,
            Type::Uint,
            Type::Decimal,
        ]],
        1,
        Type::Double,
    ),
    ("duration", &[&[Type::Text, Type::Span]], 1, Type::Span),
    ("dyn", &[&[]], 1, Type::Any),
    ("endsWith", &[TEXT, TEXT], 2, Type::Bool),
    ("getDate", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getDayOfMonth", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getDayOfWeek", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getDayOfYear", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getFullYear", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getHours", &[TIMES, TEXT], 1, Type::Int),
    ("getMilliseconds", &[TIMES, TEXT], 1, Type::Int),
    ("getMinutes", &[TIMES, TEXT], 1, Type::Int),
    ("getMonth", &[&[Type::Time], TEXT], 1, Type::Int),
    ("getSeconds", &[TIMES, TEXT], 1, Type::Int),
    (
        "int",
        &[&[
            Type::Text,
            Type::Number,
            Type::Int,
            Type::Double,
            Type::Uint,
            Type::Time,
        ]],
        1,
        Type::Int,
    ),
    (HAS_ROLE, &[TEXT, TEXT], 2, Type::Bool),
    (MANAGER, &[TEXT], 1, Type::Any),
    ("matches", &[TEXT, TEXT], 2, Type::Bool),
    ("startsWith", &[TEXT, TEXT], 2, Type::Bool),
    (
        "timestamp",
        &[&[Type::Text, Type::Int, Type::Time]],
        1,
        Type::Time,
    ),
    ("type", &[&[]], 1, Type::Kind),
    (
        "uint",
        &[&[
            Type::Text,
            Type::Number,
            Type::Int,
            Type::Double,
            Type::Uint,
        ]],
        1,
        Type::Uint,
    ),
];

impl<'a> Checker<'a> {
    pub(super) fn call(&mut self, id: u64, call: &mut CallExpr) -> (Type<'a>, Option<&'a Value>) {
        let name = call.func_name.clone();
        let mut args: Vec<Type<'a>> = Vec::new();
        for arg in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
            args.push(self.infer(arg));
        }
        let found = match (name.as_str(), args.as_slice()) {
            (operators::INDEX, [operand, key]) => {
                return self.index(id, operand, key, call.args.get(1));
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, _) => {
                let sign = name.trim_matches('_');
                self.booleans(id, &format!("`{sign}` takes booleans"), &args);
                Type::Bool
            }
            (operators::NOT_STRICTLY_FALSE, _) => Type::Bool,
            (operators::CONDITIONAL, [when, then, other]) => {
                self.booleans(id, "`?` takes a boolean", std::slice::from_ref(when));
                if then == other {
                    then.clone()
                } else {
                    Type::Any
                }
            }
            (operators::NEGATE, [operand]) => self.negated(id, operand),
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
                if !a.may_equal(b) {
                    self.never_equal(id, a, b);
                }
                Type::Bool
            }
            (operators::IN, [value, container]) => {
                self.contained(id, value, container);
                Type::Bool
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [a, b],
            ) => {
                if !a.may_compare(b) {
                    self.no_overload(id, &name, &args);
                }
                Type::Bool
            }
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [a, b],
            ) => self.arithmetic(id, &name, a, b),
            _ => self.function(id, &name, &args),
        };
        (found, None)
    }

    fn function(&mut self, id: u64, name: &str, args: &[Type<'a>]) -> Type<'a> {
        match (name, args) {
            ("size", args) => {
                let sized = matches!(
                    args,
                    [Type::Any
                        | Type::Text
                        | Type::Bytes
                        | Type::List(_)
                        | Type::Map
                        | Type::Object(_)]
                );
                if !sized {
                    self.no_overload(id, name, args);
                }
                return Type::Int;
            }
            ("string", args) => {
                let no_text = matches!(
                    args,
                    [Type::Null | Type::List(_) | Type::Map | Type::Object(_)]
                );
                if no_text || args.len() != 1 {
                    self.no_overload(id, name, args);
                }
                return Type::Text;
            }
            _ => {}
        }
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let Some((_, takes, least, gives)) = known else {
            return Type::Any;
        };
        let fits = (*least..=takes.len()).contains(&args.len())
            && takes.iter().zip(args).all(|(takes, found)| {
                takes.is_empty() || *found == Type::Any || takes.contains(found)
            });
        if !fits {
            self.no_overload(id, name, args);
        }
        gives.clone()
    }

    fn no_overload(&mut self, id: u64, name: &str, args: &[Type<'a>]) {
        let names: Vec<&str> = args.iter().map(Type::name).collect();
        let sign = name.trim_matches(['_', '@']);
        let message = format!("`{sign}` does not take ({})", names.join(", "));
        self.error(id, message);
        let texts = args.contains(&Type::Text) && args.contains(&Type::Time);
        if texts && let Some((_, remark)) = self.remarks.last_mut() {
            remark.help = Some("make a time of the text: `timestamp(…)`, or `date(…)`".to_owned());
        }
    }

    fn booleans(&mut self, id: u64, what: &str, args: &[Type<'a>]) {
        if let Some(other) = args.iter().find(|arg| !arg.may_be(&Type::Bool)) {
            self.error(id, format!("{what}, not a {}", other.name()));
        }
    }

    fn negated(&mut self, id: u64, operand: &Type<'a>) -> Type<'a> {
        match operand {
            Type::Int | Type::Double | Type::Number | Type::Any => operand.clone(),
            _ => {
                self.no_overload(id, operators::NEGATE, std::slice::from_ref(operand));
                Type::Any
            }
        }
    }

    fn never_equal(&mut self, id: u64, a: &Type<'a>, b: &Type<'a>) {
        let message = format!("a {} is never equal to a {}", a.name(), b.name());
        let decimal = [a, b].contains(&&Type::Decimal) && [a, b].contains(&&Type::Text);
        let help = decimal.then(|| "compare it with a number, or `decimal(\"10.50\")`".to_owned());
        self.warning(id, message, help);
    }

    fn contained(&mut self, id: u64, value: &Type<'a>, container: &Type<'a>) {
        match container {
            Type::List(item) => {
                let item = item.as_ref().clone().plain();
                if !value.may_equal(&item) {
                    self.never_equal(id, value, &item);
                }
            }
            Type::Any | Type::Map | Type::Object(_) => {}
            _ => self.no_overload(id, operators::IN, &[value.clone(), container.clone()]),
        }
    }

    fn arithmetic(&mut self, id: u64, name: &str, a: &Type<'a>, b: &Type<'a>) -> Type<'a> {
        let plus = name == operators::ADD;
        let minus = name == operators::SUBSTRACT;
        match (a, b) {
            (Type::Any, _) | (_, Type::Any) => Type::Any,
            (Type::Int, Type::Int) => Type::Int,
            (Type::Uint, Type::Uint) => Type::Uint,
            (Type::Double, Type::Double) if name != operators::MODULO => Type::Double,
            (Type::Number, Type::Number | Type::Int | Type::Double)
            | (Type::Int | Type::Double, Type::Number) => {
                let sign = name.trim_matches('_');
                self.warning(
                    id,
                    format!("`{sign}` takes two ints or two doubles, and a number may be either"),
                    Some("make doubles of both: `double(a) * 1.5`".to_owned()),
                );
                Type::Number
            }
            (Type::Text, Type::Text) if plus => Type::Text,
            (Type::Bytes, Type::Bytes) if plus => Type::Bytes,
            (Type::List(one), Type::List(other)) if plus => {
                // What a loop adds to its accumulator, of which nothing is known.
                let both = if one == other || **one == Type::Any {
                    other
                } else {
                    &Box::new(Type::Any)
                };
                Type::List(both.clone())
            }
            (Type::Time, Type::Span) if plus || minus => Type::Time,
            (Type::Span, Type::Time) if plus => Type::Time,
            (Type::Time, Type::Time) if minus => Type::Span,
            (Type::Span, Type::Span) if plus || minus => Type::Span,
            _ => {
                self.no_overload(id, name, &[a.clone(), b.clone()]);
                Type::Any
            }
        }
    }

    fn index(
        &mut self,
        id: u64,
        operand: &Type<'a>,
        key: &Type<'a>,
        literal: Option<&IdedExpr>,
    ) -> (Type<'a>, Option<&'a Value>) {
        match (operand, key) {
            (Type::Object(_), _) => {
                if let Some(Expr::Literal(LiteralValue::String(field))) =
                    literal.map(|key| &key.expr)
                {
                    // Keys of the data itself are the compiler's to remark on.
                    return self.field(id, operand, field.inner(), true);
                }
                (Type::Any, None)
            }
            (
                Type::List(item),
                Type::Any | Type::Int | Type::Uint | Type::Double | Type::Number,
            ) => match item.as_ref() {
                Type::Item(schema) => (Type::of(schema), Some(schema)),
                other => (other.clone(), None),
            },
            (Type::Any | Type::Map, _) => (Type::Any, None),
            _ => {
                self.no_overload(id, "[]", &[operand.clone(), key.clone()]);
                (Type::Any, None)
            }
        }
    }
}
