//! Steps: nodes whose task is a status, and the transitions that a completion status takes.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::{
    conditions::Condition,
    graph::{EntrySpec, Fills, Unit, Who},
    id::{NodeKey, RoleId},
    principal::Principal,
    text::Text,
};

/// A node whose task is a status: setting a completion status leaves it by a transition.
#[derive(Clone, Debug)]
pub struct StepNode {
    /// Who may set its status, by when, and what is filled with a completion status.
    pub entry: EntrySpec,
    /// What its form fills.
    pub fills: Fills,
    /// Its statuses by key, in file order.
    pub statuses: IndexMap<String, Status>,
    /// Whether a completion status ends the instance.
    pub last: bool,
    /// The ways on, as they are tried: by descending priority, then in file order.
    pub transitions: Vec<Transition>,
    /// The approval node that a completion status of a last step goes through.
    pub gate: Option<NodeKey>,
}

impl StepNode {
    /// The status that it begins with.
    #[must_use]
    pub fn default_status(&self) -> Option<&str> {
        self.find(|status| status.default)
    }

    /// The status that it has while the instance is on hold.
    #[must_use]
    pub fn hold_status(&self) -> Option<&str> {
        self.find(|status| status.role == StatusRole::Hold)
    }

    /// The status that it has when the instance is cancelled there.
    #[must_use]
    pub fn cancellation_status(&self) -> Option<&str> {
        self.find(|status| status.role == StatusRole::Cancellation)
    }

    fn find(&self, fits: impl Fn(&Status) -> bool) -> Option<&str> {
        let found = self.statuses.iter().find(|(_, status)| fits(status));
        found.map(|(key, _)| key.as_str())
    }
}

/// A status of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// The title for people.
    pub title: Text,
    /// What setting it means.
    pub role: StatusRole,
    /// Whether the step begins with it.
    pub default: bool,
    /// The kind of status that it is for people, such as `waiting`.
    pub category: Option<String>,
    /// A display color such as `#3498db`.
    pub color: Option<String>,
    /// The name of a display icon.
    pub icon: Option<String>,
    /// Fields of the author's own, which nothing in the engine reads.
    pub meta: Option<Map<String, Value>>,
}

/// What setting a status means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatusRole {
    /// Given when the instance is cancelled at the step.
    Cancellation,
    /// Leaves the step.
    Completion,
    /// Given while the instance is on hold at the step.
    Hold,
    /// Nothing but itself.
    Open,
}

impl StatusRole {
    /// The word as written in definitions; none for a status that is only itself.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancellation => "cancellation",
            Self::Completion => "completion",
            Self::Hold => "hold",
            Self::Open => "open",
        }
    }
}

/// A way from a step to another.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The step that it leads to.
    pub to: NodeKey,
    /// The approval node that it goes through.
    pub gate: Option<NodeKey>,
    /// When it may be taken; always when `None`.
    pub when: Option<Arc<dyn Condition>>,
    /// What people read while that does not hold.
    pub reason: Option<Text>,
    /// Tried by descending priority; 0.
    pub priority: i64,
    /// Who may take it; whoever may set the status when empty.
    pub by: Vec<Taker>,
    /// The keys of the instance's metadata that must be there.
    pub required: Vec<String>,
    /// The host's function that must agree, inside the transaction.
    pub validate: Option<String>,
    /// Fields of the author's own, which nothing in the engine reads.
    pub meta: Option<Map<String, Value>>,
}

/// Who may take a transition.
#[derive(Clone, Debug)]
pub enum Taker {
    /// Whoever has the task of the step.
    Assignee,
    /// Whoever belongs to the department or team of that name.
    Member(Unit, String),
    /// Whoever has done something in the instance before.
    Participant,
    /// Whoever has the permission that is called after the transition: a role.
    Permission(RoleId),
    /// A person or a role.
    Principal(Principal),
    /// Whom an entry could name.
    Who(Who),
}

impl Transition {
    /// The node that its token goes to.
    #[must_use]
    pub fn next(&self) -> &NodeKey {
        self.gate.as_ref().unwrap_or(&self.to)
    }
}
