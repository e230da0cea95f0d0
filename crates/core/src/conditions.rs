//! The port to the expression language of conditions.
//!
//! Core never parses an expression. A compiler hands sources to [`Conditions`] once per definition
//! and keeps the [`Condition`]s in the graph; the machine evaluates them inline, because evaluation
//! is pure.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use serde_json::Value;

use crate::{
    id::{PersonId, RoleId},
    problem::Severity,
};

/// Compiles expressions.
pub trait Conditions: fmt::Debug + Send + Sync {
    /// Compiles `source`.
    ///
    /// # Errors
    /// When `source` is not an expression, or is larger than the language's bounds.
    fn compile(&self, source: &str) -> Result<Arc<dyn Condition>, ConditionError>;

    /// Compiles `source` for what it is meant for, and says what its author should look at.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    fn compile_for(
        &self,
        source: &str,
        purpose: &Purpose<'_>,
    ) -> Result<(Arc<dyn Condition>, Vec<Remark>), ConditionError> {
        let _ = purpose;
        Ok((self.compile(source)?, Vec::new()))
    }
}

/// What an expression is meant for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// What is declared of its variables.
    pub declared: &'a dyn Declared,
    /// What must come of it.
    pub wanted: Wanted,
}

impl Default for Purpose<'_> {
    /// Nothing is declared, and anything may come of it.
    fn default() -> Self {
        Self {
            declared: &Undeclared,
            wanted: Wanted::Anything,
        }
    }
}

/// What must come of an expression.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// Any value.
    Anything,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
}

/// What is declared of the root variables.
pub trait Declared: fmt::Debug {
    /// The JSON Schema of the root variable `name`; `None` when nothing is declared of it.
    fn schema(&self, name: &str) -> Option<&Value>;
}

/// Nothing is declared.
#[derive(Clone, Copy, Debug)]
pub struct Undeclared;

impl Declared for Undeclared {
    fn schema(&self, _: &str) -> Option<&Value> {
        None
    }
}

/// What the author of an expression should look at before it runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// The code of the problem that it becomes.
    pub code: &'static str,
    /// An error when it is certain to fail.
    pub severity: Severity,
    /// A lowercase fragment.
    pub message: String,
    /// A way out, where one is known.
    pub help: Option<String>,
    /// The byte in the source, when known.
    pub offset: Option<usize>,
}

/// What an expression, or a part of it, came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The text of the part.
    pub source: String,
    /// The byte of the whole source at which it begins.
    pub offset: usize,
    /// The byte to point at: its operator, or where it begins.
    pub place: usize,
    /// What it came to.
    pub outcome: Result<Value, ConditionError>,
    /// The parts that decide it, in order; constants are none.
    pub parts: Vec<Self>,
}

impl Explanation {
    /// The smallest part that fails as the whole does; `None` when it does not fail.
    #[must_use]
    pub fn culprit(&self) -> Option<&Self> {
        let error = self.outcome.as_ref().err()?;
        let same = |part: &&Self| {
            part.outcome
                .as_ref()
                .err()
                .is_some_and(|e| e.message == error.message)
        };
        let part = self.parts.iter().find(same);
        part.and_then(Self::culprit).or(Some(self))
    }
}

/// One compiled expression; pure and shared between threads.
pub trait Condition: fmt::Debug + Send + Sync {
    /// The text that it was compiled from.
    fn source(&self) -> &str;

    /// What it may read, each as the path from a root variable: `claim.amount` is
    /// `["claim", "amount"]`. A path ends where the access stops being static.
    fn reads(&self) -> &[Vec<String>];

    /// The paths that it asks for with a test of presence, which it may therefore read safely.
    fn tested(&self) -> &[Vec<String>] {
        &[]
    }

    /// Whether it asks about people, who may have to be asked of the directory first.
    fn asks(&self) -> bool {
        false
    }

    /// Evaluates it with its parts, to tell why it came to what it came to. Much slower than
    /// [`evaluate`](Self::evaluate): for people.
    fn explain(&self, scope: &dyn Scope) -> Explanation {
        Explanation {
            source: self.source().to_owned(),
            offset: 0,
            place: 0,
            outcome: self.evaluate(scope),
            parts: Vec::new(),
        }
    }

    /// Evaluates it to any JSON value.
    ///
    /// # Errors
    /// When a variable or field is missing, types do not fit, or the budget runs out.
    fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ConditionError>;

    /// Evaluates it to a boolean; any other type is an error.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate), and when the result is not a boolean.
    fn holds(&self, scope: &dyn Scope) -> Result<bool, ConditionError> {
        match self.evaluate(scope)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(ConditionError::new(
                ConditionErrorKind::NotBoolean,
                format!("expected a boolean, found {}", json_type(&other)),
            )),
        }
    }
}

/// The root variables that an expression sees.
pub trait Scope {
    /// The value of the root variable `name`, or `None` when there is none of that name.
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// What is known of people so far.
    fn people(&self) -> People {
        People::default()
    }

    /// Notes what an evaluation needed and was not known: it failed, and is tried again with it.
    fn ask(&self, _about: &AboutPerson) {}
}

/// What is known of people: who is not here is not known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct People {
    /// The roles of active persons; none of others.
    pub roles: BTreeMap<PersonId, BTreeSet<RoleId>>,
    /// Who leads whom.
    pub managers: BTreeMap<PersonId, Option<PersonId>>,
}

/// What a condition asks of the directory.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum AboutPerson {
    /// Who leads the person.
    Manager(PersonId),
    /// Which roles the person has.
    Roles(PersonId),
}

impl Scope for serde_json::Map<String, Value> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.get(name).map(Cow::Borrowed)
    }
}

/// Why an expression did not compile or evaluate; coarse, made for branching.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConditionErrorKind {
    /// The source is not an expression.
    Syntax,
    /// The source or the work it would take is beyond a bound.
    LimitExceeded,
    /// A variable or field that it reads does not exist.
    Missing,
    /// An operator or function does not take these types or values.
    Type,
    /// A boolean was needed and something else came out.
    NotBoolean,
}

/// Why an expression did not compile or evaluate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// The kind, for branching.
    pub kind: ConditionErrorKind,
    /// A lowercase fragment that names what was expected and found.
    pub message: String,
    /// The byte offset in the source, when known.
    pub offset: Option<usize>,
}

impl ConditionError {
    /// An error without a known offset.
    #[must_use]
    pub fn new(kind: ConditionErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            offset: None,
        }
    }

    /// The same error at a byte offset of the source.
    #[must_use]
    pub fn at(self, offset: usize) -> Self {
        Self {
            offset: Some(offset),
            ..self
        }
    }
}

/// The JSON name of the type of `value`.
#[must_use]
pub fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
