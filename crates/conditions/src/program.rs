//! One compiled expression.

use std::{borrow::Cow, fmt, sync::Arc};

use cel_interpreter::{
    Context, Env, ExecutionError, IdedExpr, ParseErrors, Program as Parsed, common::ast::Expr,
};
use serde_json::Value;
use signoff_core::conditions::{
    AboutPerson, Condition, ConditionError, Explanation, Purpose, Remark, Scope,
};

use crate::{
    bounds, error,
    explain::{self, Places},
    inputs::{Inputs, Slot},
    json,
    meter::{self, Asked},
    paths::static_path,
    pattern::Pattern,
    rewrite::Rewriter,
    shape::{self, Flaw},
    types,
};

/// Parsing a source within the bounds takes less than this.
const PARSE_STACK: usize = 16 << 20;
/// Evaluating takes less than this per level of the tree: 38 KiB measured in debug builds, where
/// the interpreter's frames are largest; 2 KiB in release builds.
const LEVEL_STACK: usize = 48 << 10;
/// What else an evaluation needs: walking data 128 deep, matching, the way back to the host.
const BASE_STACK: usize = 512 << 10;

/// One expression.
pub(crate) struct Program {
    source: String,
    /// The expression as it was written, with the decimals that schemas declare.
    pub(crate) tree: IdedExpr,
    pub(crate) places: Places,
    tested: Vec<Vec<String>>,
    code: Code,
    env: Arc<Env>,
}

/// The tree that is evaluated and all that it refers to.
struct Code {
    reads: Vec<Vec<String>>,
    roots: Vec<String>,
    slots: Vec<Slot>,
    patterns: Vec<Pattern>,
    expr: IdedExpr,
    /// Whether it asks about people.
    asks: bool,
    /// The stack that evaluating may take; a deep tree gets one of its own.
    stack: usize,
}

impl Code {
    fn new(tree: IdedExpr) -> Result<Self, Flaw> {
        let mut rewriter = Rewriter::default();
        let expr = rewriter.rewrite(tree)?;
        Ok(Self {
            reads: rewriter.reads,
            roots: rewriter.roots,
            slots: rewriter.slots,
            patterns: rewriter.patterns,
            asks: rewriter.asks,
            stack: BASE_STACK + shape::depth(&expr) * LEVEL_STACK,
            expr,
        })
    }

    /// What it comes to, and what is left of the budget.
    fn run(
        &self,
        env: &Arc<Env>,
        scope: &dyn Scope,
        budget: u64,
    ) -> (Result<Value, ConditionError>, u64) {
        let roots: Vec<Option<Cow<'_, Value>>> =
            self.roots.iter().map(|name| scope.variable(name)).collect();
        let people = match self.asks {
            true => Asked::new(scope.people()),
            false => Asked::default(),
        };
        let inputs = Inputs::new(&self.slots, &roots, &self.patterns, budget, people);
        let mut context = Context::with_env(Arc::clone(env));
        context.set_variable_resolver(&inputs);
        let outcome = cel_interpreter::Value::resolve_val(&self.expr, &context);
        // An absorbed overdraft is still one.
        let outcome = if inputs.meter.is_spent() {
            Err(error::limit(meter::spent()))
        } else if let Some(error) = unknown(scope, inputs.meter.people()) {
            Err(error)
        } else {
            match outcome {
                Ok(value) => json::from_cel(value.as_ref()),
                Err(error) => Err(self.explain(&error, &roots)),
            }
        };
        (outcome, inputs.meter.left())
    }

    fn explain(&self, error: &ExecutionError, roots: &[Option<Cow<'_, Value>>]) -> ConditionError {
        if let ExecutionError::UndeclaredReference(name) = error {
            let slot = self.slots.iter().find(|slot| slot.name == **name);
            if let Some(slot) = slot {
                return slot.explain(roots);
            }
        }
        error::translate(error)
    }
}

impl Program {
    pub(crate) fn compile(
        env: Arc<Env>,
        source: &str,
        purpose: &Purpose<'_>,
    ) -> Result<(Self, Vec<Remark>), ConditionError> {
        bounds::check(source)?;
        stacker::maybe_grow(PARSE_STACK, PARSE_STACK, || {
            Self::parse(env, source, purpose)
        })
    }

    fn parse(
        env: Arc<Env>,
        source: &str,
        purpose: &Purpose<'_>,
    ) -> Result<(Self, Vec<Remark>), ConditionError> {
        let parsed = Parsed::compile(source).map_err(|errors| unreadable(source, &errors))?;
        let place = |node: u64| {
            // In bytes, while the positions of syntax errors count characters.
            let (start, _) = parsed.source_info().offset_for(node)?;
            let start = usize::try_from(start).ok()?;
            source.is_char_boundary(start).then_some(start)
        };
        let placed = |flaw: Flaw| match place(flaw.node) {
            Some(offset) => flaw.error.at(offset),
            None => flaw.error,
        };
        shape::check(parsed.expression()).map_err(placed)?;
        let mut tree = parsed.expression().clone();
        let remarks = types::check(&mut tree, purpose.declared, purpose.wanted);
        let remarks = remarks.into_iter().map(|(node, remark)| Remark {
            offset: place(node),
            ..remark
        });
        let mut places = Places::new();
        let mut tested = Vec::new();
        shape::each(&tree, &mut |node| {
            places.extend(place(node.id).map(|place| (node.id, place)));
            tested.extend(tested_path(node));
        });
        let program = Self {
            source: source.to_owned(),
            code: Code::new(tree.clone()).map_err(placed)?,
            tree,
            places,
            tested,
            env,
        };
        Ok((program, remarks.collect()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.source
    }

    /// What it comes to, and what is left of the budget.
    pub(crate) fn run(
        &self,
        scope: &dyn Scope,
        budget: u64,
    ) -> (Result<Value, ConditionError>, u64) {
        let run = || self.code.run(&self.env, scope, budget);
        stacker::maybe_grow(self.code.stack, self.code.stack, run)
    }

    /// What a part of the tree comes to, and what is left of the budget.
    pub(crate) fn run_part(
        &self,
        part: &IdedExpr,
        scope: &dyn Scope,
        budget: u64,
    ) -> (Result<Value, ConditionError>, u64) {
        let run = || match Code::new(part.clone()) {
            Ok(code) => code.run(&self.env, scope, budget),
            Err(flaw) => (Err(flaw.error), budget),
        };
        stacker::maybe_grow(self.code.stack, self.code.stack, run)
    }
}

/// Tells the scope what is not known of people, and why nothing came of the evaluation.
fn unknown(scope: &dyn Scope, people: &Asked) -> Option<ConditionError> {
    let unknown = people.unknown();
    unknown.iter().for_each(|about| scope.ask(about));
    let (AboutPerson::Manager(person) | AboutPerson::Roles(person)) = unknown.first()?;
    let message = format!("what the directory says of `{person}` is not known here");
    Some(error::missing(message))
}

/// The path that `has()` asks for.
fn tested_path(node: &IdedExpr) -> Option<Vec<String>> {
    let Expr::Select(select) = &node.expr else {
        return None;
    };
    let mut path = static_path(&select.operand.expr, &[]).filter(|_| select.test)?;
    path.push(select.field.clone());
    Some(path)
}

impl Condition for Program {
    fn source(&self) -> &str {
        &self.source
    }

    fn reads(&self) -> &[Vec<String>] {
        &self.code.reads
    }

    fn tested(&self) -> &[Vec<String>] {
        &self.tested
    }

    fn asks(&self) -> bool {
        self.code.asks
    }

    fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ConditionError> {
        self.run(scope, meter::BUDGET).0
    }

    fn explain(&self, scope: &dyn Scope) -> Explanation {
        explain::explain(self, scope)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("source", &self.source)
            .field("reads", &self.code.reads)
            .finish_non_exhaustive()
    }
}

/// The first thing that the parser could not read.
fn unreadable(source: &str, errors: &ParseErrors) -> ConditionError {
    let Some(first) = errors.errors.first() else {
        return error::syntax("not an expression");
    };
    let message = first.msg.trim_start_matches("Syntax error: ");
    // The list of all that could have come instead helps nobody.
    let message = message.split(" expecting ").next().unwrap_or(message);
    let message = match message {
        // A choice inside a choice, without brackets.
        _ if message.starts_with("Incomplete") => "incomplete, or a `?` that needs brackets",
        _ => message,
    };
    let error = error::syntax(error::shortened(message));
    let (line, column) = first.pos;
    match (usize::try_from(line), usize::try_from(column)) {
        (Ok(line @ 1..), Ok(column @ 1..)) => error.at(position(source, line, column)),
        _ => error,
    }
}

/// The byte of a line and column, both counted from one, columns in characters.
fn position(source: &str, line: usize, column: usize) -> usize {
    let before: usize = source
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = source.get(before..).unwrap_or_default();
    before + byte_offset(rest, u32::try_from(column - 1).unwrap_or(u32::MAX))
}

/// The byte of the character at `index`.
fn byte_offset(source: &str, index: u32) -> usize {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    source
        .char_indices()
        .nth(index)
        .map_or(source.len(), |(byte, _)| byte)
}
