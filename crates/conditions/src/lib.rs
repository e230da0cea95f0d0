//! CEL conditions for Signoff.
//!
//! [`Cel`] implements [`Conditions`]: it compiles an expression of the Common Expression Language
//! once, and the compiled [`Condition`] is evaluated from any thread against JSON.
//!
//! ```
//! use serde_json::json;
//! use signoff_conditions::Cel;
//! use signoff_core::conditions::Conditions;
//!
//! # fn main() -> Result<(), signoff_core::conditions::ConditionError> {
//! let condition = Cel::new().compile("claim.amount > 10000 && claim.is_high_risk == true")?;
//! assert_eq!(condition.reads()[0], ["claim", "amount"]);
//!
//! let claim = json!({"amount": 12000, "is_high_risk": true});
//! let scope = serde_json::Map::from_iter([("claim".to_owned(), claim)]);
//! assert!(condition.holds(&scope)?);
//! # Ok(())
//! # }
//! ```
//!
//! # Values
//! A JSON integer that fits an i64 is an int, a larger one a uint, any other number a double; ints
//! and doubles compare by value. Only the paths that the expression reads are converted. Results
//! turn back into JSON: a timestamp into RFC 3339, a duration into ISO 8601, a decimal into its
//! text, keys of maps into sorted text. Bytes, types, NaN and infinities are errors.
//!
//! # Functions
//! The standard library of CEL with the macros `has`, `all`, `exists`, `exists_one`, `map` and
//! `filter`, and:
//! - `duration("P1DT2H")`: ISO 8601 besides the library's `"26h"`. `P1D` is 24 hours; months and
//!   years are refused, because they have no length without a calendar.
//! - `date("2026-03-01")`, of a day, a timestamp or its text: midnight of that day in UTC; with a
//!   second argument, of the day in that zone.
//! - `business_days(from, to)`: the working days from the one up to the day before the other; a
//!   third argument lists holidays, a fourth the days of the weekend (0 is Sunday; `[6, 0]`).
//! - `decimal("10.50")`, of text or a number: exact, at most 100 bytes of text. It compares with
//!   decimals, ints, uints and doubles, on either side of an operator that `decimal(…)` is written
//!   next to; anywhere else, as in `[1].map(x, decimal(x))[0] > 0`, it must stand on the left. A
//!   double counts as the shortest decimal that reads back as it. Decimals have no arithmetic.
//! - `has_role(person, role)`, whether the person is active and has the role, and
//!   `manager(person)`, the id of whoever leads the person, or null: what the scope does not know
//!   of them fails the evaluation and is [asked](signoff_core::conditions::Scope::ask).
//! - There is no `now()`: `now` is a variable with an RFC 3339 text, as in
//!   `timestamp(now) > timestamp(due)`.
//!
//! # Bounds
//! No expression can hang, abort or exhaust the process, whoever wrote it and whatever the data.
//! A source has at most 2048 bytes, 256 tokens, 16 nested brackets, a tree 48 deep and two nested
//! loops. An evaluation has a budget of 1,000,000 units of work; loops cost the nodes of their
//! body for every element, and what is converted, copied or searched costs what it measures.
//! Each is [`LimitExceeded`](signoff_core::conditions::ConditionErrorKind::LimitExceeded); one
//! that an operator such as `||` would absorb fails the evaluation all the same.
//!
//! # Known gaps
//! - Of the language: no optional values (`a.?b`), no `cel.bind`, no two-variable macros, no
//!   messages. `1.0 + 1` is an error, as the language has it: arithmetic does not mix types.
//! - A root variable cannot be named by a word that CEL reserves (`in`, `true`, `package`, …);
//!   `data["package"]` reaches it. A type name (`int`, `string`, `type`, …) means the variable
//!   where the scope has one, and is not among the reads.
//! - Indexing behind a loop's variable or a computed key is not among the reads; the whole value
//!   in front of it is.

mod bounds;
mod days;
mod decimal;
mod duration;
mod error;
mod explain;
mod functions;
mod inputs;
mod json;
mod meter;
mod paths;
mod pattern;
mod people;
mod program;
mod rewrite;
mod shape;
mod spans;
mod types;

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use cel_interpreter::Env;
use signoff_core::conditions::{Condition, ConditionError, Conditions, Purpose, Remark};

/// The one environment: building it takes as long as fifty evaluations.
static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let env = functions::environment();
    Arc::new(env.expect("the names of our functions are not the library's"))
});

/// Compiles CEL. Cheap to make and to clone; all share one environment.
#[derive(Clone)]
pub struct Cel {
    env: Arc<Env>,
}

impl Cel {
    /// A compiler with the standard library and the functions above.
    #[must_use]
    pub fn new() -> Self {
        Self {
            env: Arc::clone(&ENVIRONMENT),
        }
    }
}

impl Default for Cel {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cel").finish_non_exhaustive()
    }
}

impl Conditions for Cel {
    fn compile(&self, source: &str) -> Result<Arc<dyn Condition>, ConditionError> {
        let (condition, _) = self.compile_for(source, &Purpose::default())?;
        Ok(condition)
    }

    fn compile_for(
        &self,
        source: &str,
        purpose: &Purpose<'_>,
    ) -> Result<(Arc<dyn Condition>, Vec<Remark>), ConditionError> {
        let env = Arc::clone(&self.env);
        let (program, remarks) = program::Program::compile(env, source, purpose)?;
        Ok((Arc::new(program), remarks))
    }
}
