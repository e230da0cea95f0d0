//! Splits and joins.

use std::sync::Arc;

use crate::{
    conditions::Condition,
    graph::{ForEach, Way},
};

/// Opens a scope and gives each branch a token in it.
#[derive(Clone, Debug)]
pub struct SplitNode {
    /// The branches in file order; at least one.
    pub branches: Vec<Branch>,
}

/// One branch of a split.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Where it leads.
    pub way: Way,
    /// When false, the branch is not taken.
    pub when: Option<Arc<dyn Condition>>,
    /// Taken once for each item.
    pub each: Option<ForEach>,
}

impl Branch {
    /// A branch that is always taken.
    #[must_use]
    pub fn to(way: impl Into<Way>) -> Self {
        Self {
            way: way.into(),
            when: None,
            each: None,
        }
    }
}

/// Closes the scope of a split.
#[derive(Clone, Debug)]
pub struct JoinNode {
    /// What it waits for.
    pub need: JoinNeed,
    /// What becomes of the tokens that come after it has fired.
    pub rest: Rest,
}

impl JoinNode {
    /// A join that waits for every live token of its scope.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            need: JoinNeed::All,
            rest: Rest::Cancel,
        }
    }
}

/// What a join waits for, over the branches of its scope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JoinNeed {
    /// Every live token of the scope; ended and cancelled branches do not count.
    All,
    /// One.
    Any,
    /// So many, or all that can still arrive.
    Count(u32),
    /// ceil(branches·p/100), or all that can still arrive.
    Percent(u8),
    /// That this holds; it sees `branches.total`, `done`, `cancelled` and `failed`.
    When(Arc<dyn Condition>),
}

/// What becomes of the other tokens of a scope when a join fires before they have arrived.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rest {
    /// They go on, and end at the join.
    Absorb,
    /// The same, and until the last of them has ended the join does not fire for a later scope of
    /// the same split.
    Block,
    /// They are withdrawn.
    #[default]
    Cancel,
}
