//! Turns a parsed expression into the one that is evaluated.
//!
//! Static paths become slots, so that only what is read is converted. Whatever can take more time
//! or memory than a node of the tree (the rounds of a loop, copies into lists and sums, the
//! operands of a loop's body) goes through a function that charges the meter first.

use cel_interpreter::{
    IdedExpr,
    common::ast::{
        CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, operators,
    },
};

use crate::{
    duration, error,
    functions::{DECIMAL, DECLARED, INDEX, ISO, MATCHES, MILLIS, RANGE, SCAN, USE, WITHIN},
    inputs::{METER, Slot, Wanted},
    paths::{TYPES, constant_text, is_qualified_type, static_path},
    pattern::Pattern,
    people::{HAS_ROLE, MANAGER},
    shape::{self, Flaw},
};

/// What the rewriting collects.
#[derive(Debug, Default)]
pub(crate) struct Rewriter {
    /// The root variables that the slots start from.
    pub(crate) roots: Vec<String>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) patterns: Vec<Pattern>,
    /// What the expression reads, for the port.
    pub(crate) reads: Vec<Vec<String>>,
    /// Whether it asks about people.
    pub(crate) asks: bool,
    bound: Vec<String>,
    n_loops: usize,
}

type Rewritten = Result<IdedExpr, Flaw>;

impl Rewriter {
    /// Rewrites a whole expression.
    pub(crate) fn rewrite(&mut self, node: IdedExpr) -> Rewritten {
        if let Some(path) = static_path(&node.expr, &self.bound) {
            return Ok(self.read(node, path));
        }
        let id = node.id;
        let expr = match node.expr {
            Expr::Select(mut select) => {
                let operand = static_path(&select.operand.expr, &self.bound);
                match operand {
                    Some(mut path) if select.test => {
                        path.push(select.field);
                        self.note(path.clone());
                        Expr::Ident(self.slot(path, Wanted::Presence, None))
                    }
                    _ => {
                        select.operand = Box::new(self.rewrite(*select.operand)?);
                        Expr::Select(select)
                    }
                }
            }
            Expr::Call(call) => return self.call(id, call),
            Expr::List(list) => Expr::List(ListExpr {
                elements: self.each(list.elements, Self::charged)?,
                optional_indices: list.optional_indices,
            }),
            Expr::Map(map) => Expr::Map(self.map(map)?),
            Expr::Comprehension(parts) => {
                Expr::Comprehension(Box::new(self.comprehension(*parts)?))
            }
            other => other,
        };
        Ok(IdedExpr { id, expr })
    }

    /// A static path becomes a slot, unless it names a type.
    fn read(&mut self, node: IdedExpr, path: Vec<String>) -> IdedExpr {
        if is_qualified_type(&path) {
            return node;
        }
        let type_name = match path.as_slice() {
            [name] if TYPES.contains(&name.as_str()) => Some(name.clone()),
            _ => None,
        };
        if type_name.is_none() {
            self.note(path.clone());
        }
        let name = self.slot(path, Wanted::Value, type_name);
        IdedExpr {
            id: node.id,
            expr: Expr::Ident(name),
        }
    }

    fn note(&mut self, path: Vec<String>) {
        if !self.reads.contains(&path) {
            self.reads.push(path);
        }
    }

    /// The name of the slot for `path`, which is `name` when the interpreter must find a type by it.
    fn slot(&mut self, path: Vec<String>, wanted: Wanted, name: Option<String>) -> String {
        let known = |slot: &&Slot| slot.path == path && slot.wanted == wanted;
        if let Some(slot) = self.slots.iter().find(known) {
            return slot.name.clone();
        }
        let root_name = path.first().cloned().unwrap_or_default();
        let root = match self.roots.iter().position(|root| *root == root_name) {
            Some(root) => root,
            None => {
                self.roots.push(root_name);
                self.roots.len() - 1
            }
        };
        let name = name.unwrap_or_else(|| format!("@{}", self.slots.len()));
        self.slots.push(Slot {
            name: name.clone(),
            root,
            path,
            wanted,
        });
        name
    }

    fn each(
        &mut self,
        nodes: Vec<IdedExpr>,
        mut rewrite: impl FnMut(&mut Self, IdedExpr) -> Rewritten,
    ) -> Result<Vec<IdedExpr>, Flaw> {
        nodes.into_iter().map(|node| rewrite(self, node)).collect()
    }

    /// An operand whose whole value is copied or walked.
    fn charged(&mut self, node: IdedExpr) -> Rewritten {
        let node = self.rewrite(node)?;
        Ok(if self.is_cheap(&node.expr) {
            node
        } else {
            metered(USE, node)
        })
    }

    /// An operand of something that takes time in proportion to it: harmless once, not in a loop.
    fn operand(&mut self, node: IdedExpr) -> Rewritten {
        if self.n_loops == 0 {
            self.rewrite(node)
        } else {
            self.charged(node)
        }
    }

    /// Whether the value is bounded by the source, or was charged when it was made.
    fn is_cheap(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Literal(_) | Expr::List(_) | Expr::Map(_) => true,
            // A loop's accumulator; its growth is charged where it grows.
            Expr::Ident(name) => name == "@result" || self.is_presence(name),
            Expr::Call(call) => gives_scalar(&call.func_name),
            _ => false,
        }
    }

    fn is_presence(&self, name: &str) -> bool {
        let number = name
            .strip_prefix('@')
            .and_then(|number| number.parse().ok());
        number
            .and_then(|at: usize| self.slots.get(at))
            .is_some_and(|slot| slot.wanted == Wanted::Presence)
    }

    fn map(&mut self, map: MapExpr) -> Result<MapExpr, Flaw> {
        let mut entries = map.entries;
        for entry in &mut entries {
            if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                entry.key = self.charged(std::mem::take(&mut entry.key))?;
                entry.value = self.charged(std::mem::take(&mut entry.value))?;
            }
        }
        Ok(MapExpr { entries })
    }

    fn comprehension(&mut self, parts: ComprehensionExpr) -> Result<ComprehensionExpr, Flaw> {
        let weight = shape::count(&parts.loop_cond) + shape::count(&parts.loop_step);
        let range = self.rewrite(parts.iter_range)?;
        let iter_range = metered_with(RANGE, range, Some(weight));
        let accu_init = self.rewrite(parts.accu_init)?;

        let n_bound = self.bound.len();
        self.bound.push(parts.iter_var.clone());
        self.bound.extend(parts.iter_var2.clone());
        self.bound.push(parts.accu_var.clone());
        self.n_loops += 1;
        let loop_cond = self.rewrite(parts.loop_cond)?;
        let loop_step = self.rewrite(parts.loop_step)?;
        self.n_loops -= 1;
        let result = self.rewrite(parts.result)?;
        self.bound.truncate(n_bound);

        Ok(ComprehensionExpr {
            iter_range,
            accu_init,
            loop_cond,
            loop_step,
            result,
            ..parts
        })
    }

    fn call(&mut self, id: u64, mut call: CallExpr) -> Rewritten {
        match (call.func_name.as_str(), call.args.len()) {
            ("matches", n_args) if n_args + usize::from(call.target.is_some()) == 2 => {
                return self.matches(id, call);
            }
            ("duration", 1) if call.target.is_none() => {
                call.args = self.each(call.args, Self::duration)?;
            }
            (HAS_ROLE, 2) | (MANAGER, 1) if call.target.is_none() => {
                self.asks = true;
                let meter = ident(id, METER.to_owned());
                let args = self.each(call.args, Self::operand)?;
                let args = std::iter::once(meter).chain(args).collect();
                return Ok(function(id, &format!("@{}", call.func_name), args));
            }
            ("getMilliseconds", 0) => {
                if let Some(moment) = call.target {
                    let moment = self.operand(*moment)?;
                    return Ok(function(id, MILLIS, vec![moment]));
                }
            }
            (
                operators::CONDITIONAL
                | operators::LOGICAL_AND
                | operators::LOGICAL_OR
                | operators::LOGICAL_NOT
                | operators::NOT_STRICTLY_FALSE,
                _,
            ) => call.args = self.each(call.args, Self::rewrite)?,
            (operators::ADD, 2) => call.args = self.each(call.args, Self::charged)?,
            (operators::INDEX, 2) => call.args = self.pair(call.args, Self::rewrite, Self::key)?,
            (operators::IN, 2) => {
                let args = self.pair(call.args, Self::operand, Self::container)?;
                let meter = ident(id, METER.to_owned());
                let args = std::iter::once(meter).chain(args).collect();
                return Ok(function(id, WITHIN, args));
            }
            (name, 2) if is_comparison(name) => {
                decimal_first(&mut call);
                literal_last(&mut call);
                let by_constant = call.args.iter().any(is_scalar_literal)
                    && matches!(
                        call.func_name.as_str(),
                        operators::EQUALS | operators::NOT_EQUALS
                    );
                let rewrite = if by_constant {
                    Self::rewrite
                } else {
                    Self::operand
                };
                call.args = self.each(call.args, rewrite)?;
            }
            _ => {
                if let Some(target) = call.target.take() {
                    call.target = Some(Box::new(self.operand(*target)?));
                }
                call.args = self.each(call.args, Self::operand)?;
            }
        }
        Ok(IdedExpr {
            id,
            expr: Expr::Call(call),
        })
    }

    fn pair(
        &mut self,
        args: Vec<IdedExpr>,
        first: impl FnOnce(&mut Self, IdedExpr) -> Rewritten,
        second: impl FnOnce(&mut Self, IdedExpr) -> Rewritten,
    ) -> Result<Vec<IdedExpr>, Flaw> {
        let mut args = args.into_iter();
        let left = first(self, args.next().unwrap_or_default())?;
        let right = second(self, args.next().unwrap_or_default())?;
        Ok(vec![left, right])
    }

    fn key(&mut self, node: IdedExpr) -> Rewritten {
        let node = self.rewrite(node)?;
        Ok(
            if matches!(node.expr, Expr::Literal(LiteralValue::Int(_))) {
                node
            } else {
                metered(INDEX, node)
            },
        )
    }

    fn container(&mut self, node: IdedExpr) -> Rewritten {
        let node = self.rewrite(node)?;
        Ok(if self.n_loops == 0 || self.is_cheap(&node.expr) {
            node
        } else {
            metered(SCAN, node)
        })
    }

    /// A constant pattern is compiled here, once.
    fn matches(&mut self, id: u64, call: CallExpr) -> Rewritten {
        let both = call
            .target
            .map(|target| *target)
            .into_iter()
            .chain(call.args);
        let args = self.pair(both.collect(), Self::rewrite, |this, node| {
            let Some(pattern) = constant_text(&node) else {
                return this.rewrite(node);
            };
            let pattern = Pattern::new(pattern).map_err(|why| Flaw {
                node: node.id,
                error: error::syntax(why),
            })?;
            this.patterns.push(pattern);
            Ok(ident(node.id, format!("@r{}", this.patterns.len() - 1)))
        })?;
        let meter = ident(id, METER.to_owned());
        let args = std::iter::once(meter).chain(args).collect();
        Ok(function(id, MATCHES, args))
    }

    fn duration(&mut self, node: IdedExpr) -> Rewritten {
        match constant_text(&node).and_then(duration::to_cel) {
            Some(Ok(text)) => Ok(IdedExpr {
                id: node.id,
                expr: Expr::Literal(LiteralValue::String(text.into())),
            }),
            Some(Err(why)) => Err(Flaw {
                node: node.id,
                error: error::syntax(why),
            }),
            None if constant_text(&node).is_some() => Ok(node),
            None => {
                let id = node.id;
                let text = self.operand(node)?;
                Ok(function(id, ISO, vec![text]))
            }
        }
    }
}

/// Whether the function gives a number, a boolean or another value of fixed size.
fn gives_scalar(name: &str) -> bool {
    let copies = [
        operators::ADD,
        operators::CONDITIONAL,
        operators::INDEX,
        "bytes",
        "dyn",
        "string",
        ISO,
        USE,
    ];
    !copies.contains(&name)
}

fn is_comparison(name: &str) -> bool {
    flipped(name).is_some()
}

/// The comparison that says the same with its operands swapped.
fn flipped(name: &str) -> Option<&'static str> {
    Some(match name {
        operators::EQUALS => operators::EQUALS,
        operators::NOT_EQUALS => operators::NOT_EQUALS,
        operators::LESS => operators::GREATER,
        operators::LESS_EQUALS => operators::GREATER_EQUALS,
        operators::GREATER => operators::LESS,
        operators::GREATER_EQUALS => operators::LESS_EQUALS,
        _ => return None,
    })
}

/// The left operand decides how to compare, and only a decimal knows decimals.
fn decimal_first(call: &mut CallExpr) {
    let is_decimal = |node: &IdedExpr| matches!(&node.expr, Expr::Call(call) if [DECIMAL, DECLARED].contains(&call.func_name.as_str()) && call.target.is_none());
    if let [left, right] = call.args.as_mut_slice()
        && is_decimal(right)
        && !is_decimal(left)
        && let Some(name) = flipped(&call.func_name)
    {
        std::mem::swap(left, right);
        call.func_name = name.to_owned();
    }
}

/// A number on the left tells that it is not equal by a copy of what is on the right.
fn literal_last(call: &mut CallExpr) {
    let is_equality = [operators::EQUALS, operators::NOT_EQUALS].contains(&call.func_name.as_str());
    if let [left, right] = call.args.as_mut_slice()
        && is_equality
        && is_scalar_literal(left)
        && !is_scalar_literal(right)
    {
        std::mem::swap(left, right);
    }
}

fn is_scalar_literal(node: &IdedExpr) -> bool {
    matches!(node.expr, Expr::Literal(_))
}

fn metered(name: &str, node: IdedExpr) -> IdedExpr {
    metered_with(name, node, None)
}

fn metered_with(name: &str, node: IdedExpr, weight: Option<i64>) -> IdedExpr {
    let id = node.id;
    let mut args = vec![ident(id, METER.to_owned()), node];
    args.extend(weight.map(|weight| IdedExpr {
        id,
        expr: Expr::Literal(LiteralValue::Int(weight.into())),
    }));
    function(id, name, args)
}

fn ident(id: u64, name: String) -> IdedExpr {
    IdedExpr {
        id,
        expr: Expr::Ident(name),
    }
}

/// A call of a function.
pub(crate) fn function(id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    IdedExpr {
        id,
        expr: Expr::Call(CallExpr {
            func_name: name.to_owned(),
            target: None,
            args,
        }),
    }
}
