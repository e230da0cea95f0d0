//! One compiled expression.

use std::{borrow::Cow, fmt, sync::Arc};

use cel_interpreter::{Context, Env, ExecutionError, IdedExpr, ParseErrors, Program as Parsed};
use serde_json::Value;
use signoff_core::conditions::{Condition, ConditionError, Scope};

use crate::{
    bounds, error,
    inputs::{Inputs, Slot},
    json, meter,
    pattern::Pattern,
    rewrite::Rewriter,
    shape::{self, Flaw},
};

/// Parsing a source within the bounds takes less than this.
const PARSE_STACK: usize = 16 << 20;
/// Evaluating takes less than this per level of the tree: 38 KiB measured in debug builds, where
/// the interpreter's frames are largest; 2 KiB in release builds.
const LEVEL_STACK: usize = 48 << 10;
/// What else an evaluation needs: walking data 128 deep, matching, the way back to the host.
const BASE_STACK: usize = 512 << 10;

/// The tree that is evaluated and all that it refers to.
pub(crate) struct Program {
    source: String,
    reads: Vec<Vec<String>>,
    roots: Vec<String>,
    slots: Vec<Slot>,
    patterns: Vec<Pattern>,
    expr: IdedExpr,
    /// The stack that evaluating may take; a deep tree gets one of its own.
    stack: usize,
    env: Arc<Env>,
}

impl Program {
    pub(crate) fn compile(env: Arc<Env>, source: &str) -> Result<Self, ConditionError> {
        bounds::check(source)?;
        stacker::maybe_grow(PARSE_STACK, PARSE_STACK, || Self::parse(env, source))
    }

    fn parse(env: Arc<Env>, source: &str) -> Result<Self, ConditionError> {
        let parsed = Parsed::compile(source).map_err(|errors| unreadable(source, &errors))?;
        let placed = |flaw: Flaw| match parsed.source_info().offset_for(flaw.node) {
            Some((start, _)) => flaw.error.at(byte_offset(source, start)),
            None => flaw.error,
        };
        shape::check(parsed.expression()).map_err(placed)?;
        let mut rewriter = Rewriter::default();
        let expr = rewriter
            .rewrite(parsed.expression().clone())
            .map_err(placed)?;
        Ok(Self {
            source: source.to_owned(),
            reads: rewriter.reads,
            roots: rewriter.roots,
            slots: rewriter.slots,
            patterns: rewriter.patterns,
            stack: BASE_STACK + shape::depth(&expr) * LEVEL_STACK,
            expr,
            env,
        })
    }

    fn run(&self, scope: &dyn Scope) -> Result<Value, ConditionError> {
        let roots: Vec<Option<Cow<'_, Value>>> =
            self.roots.iter().map(|name| scope.variable(name)).collect();
        let inputs = Inputs::new(&self.slots, &roots, &self.patterns);
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(&inputs);
        let outcome = cel_interpreter::Value::resolve_val(&self.expr, &context);
        // An absorbed overdraft is still one.
        if inputs.meter.is_spent() {
            return Err(error::limit(meter::spent()));
        }
        match outcome {
            Ok(value) => json::from_cel(value.as_ref()),
            Err(error) => Err(self.explain(&error, &roots)),
        }
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

impl Condition for Program {
    fn source(&self) -> &str {
        &self.source
    }

    fn reads(&self) -> &[Vec<String>] {
        &self.reads
    }

    fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ConditionError> {
        stacker::maybe_grow(self.stack, self.stack, || self.run(scope))
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("source", &self.source)
            .field("reads", &self.reads)
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
