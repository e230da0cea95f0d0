//! Approval nodes: who decides, how many, how.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    calendar::Period,
    conditions::Condition,
    id::{NodeKey, PersonId, RoleId},
    schemas::Schema,
};

/// A node where people decide.
#[derive(Clone, Debug)]
pub struct ApprovalNode {
    /// The entries in list order; at least one.
    pub entries: Vec<EntrySpec>,
    /// Whether entries open one after another or together.
    pub opening: Opening,
}

/// Whether the entries of a node open one after another or together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Opening {
    /// Each when the one before has completed.
    #[default]
    InOrder,
    /// All as the node is entered.
    Together,
}

/// One entry: who decides, how many of them, how.
#[derive(Clone, Debug)]
pub struct EntrySpec {
    /// Who is asked.
    pub who: Who,
    /// How many must agree, and who gets a task.
    pub duty: Duty,
    /// What a decision needs.
    pub behaviour: Behaviour,
    /// The form that is filled.
    pub form: Option<FormSpec>,
    /// Who may not decide.
    pub exclude: Vec<Exclusion>,
    /// Whether those of several who are asked change with the directory; offers always do.
    pub live: bool,
    /// Whether somebody with a role above the one that is asked may decide instead.
    pub allow_higher_level: bool,
    /// Rejections that do not yet reject the entry; 0.
    pub reject_tolerance: u32,
    /// What happens when the entry rejects.
    pub on_reject: OnReject,
    /// From opening until the task is overdue.
    pub due: Option<Period>,
    /// Before the task is due: when to remind; longest first.
    pub remind: Vec<Period>,
    /// Who gets the task when nobody answers.
    pub escalate: Option<Escalate>,
    /// What happens to a task that is due and still open; it stays as it is when `None`.
    pub when_due: Option<WhenDue>,
    /// Fields of the author's own, which nothing in the engine reads.
    pub meta: Option<Map<String, Value>>,
}

impl EntrySpec {
    /// An entry with every default: anyone of `who`, `approve`, no form, no deadline.
    #[must_use]
    pub const fn new(who: Who) -> Self {
        Self {
            who,
            duty: Duty::Offer,
            behaviour: Behaviour::Approve,
            form: None,
            exclude: Vec::new(),
            live: false,
            allow_higher_level: false,
            reject_tolerance: 0,
            on_reject: OnReject::Reject,
            due: None,
            remind: Vec::new(),
            escalate: None,
            when_due: None,
            meta: None,
        }
    }
}

impl EntrySpec {
    /// Whether levels are asked one after another.
    #[must_use]
    pub const fn is_one_by_one(&self) -> bool {
        matches!(self.duty, Duty::Hierarchy(rule) if matches!(rule.order, Order::OneByOne))
    }
}

/// A form by name.
#[derive(Clone)]
pub struct FormSpec {
    /// The form's key in the document.
    pub key: String,
    /// The schema as written.
    pub source: Arc<Value>,
    /// The schema, compiled.
    pub schema: Arc<dyn Schema>,
}

impl fmt::Debug for FormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormSpec")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Who is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Who {
    /// Whoever decided at another node last.
    ActorOf(NodeKey),
    /// Any active person.
    Anyone,
    /// Whom the expression gives: a person's id, `user:ID`, `role:ID`, or a list of those.
    From(Arc<dyn Condition>),
    /// Who leads the requester's department or team.
    HeadOf(Unit),
    /// Who leads them, so many levels up; 1 is the manager.
    ManagerOf(Led, u32),
    /// The person who asked for the instance.
    Requester,
    /// Whoever has the role.
    Role(RoleId),
    /// One person.
    User(PersonId),
}

/// Whose manager is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Led {
    /// Whoever decided at a node last.
    ActorOf(NodeKey),
    /// Whoever has the task.
    Assignee,
    /// The person who asked for the instance.
    Requester,
}

/// What a person belongs to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Unit {
    /// The department.
    Department,
    /// The team.
    Team,
}

impl Unit {
    /// The word as written and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Team => "team",
        }
    }
}

/// Those above somebody, level by level.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hierarchy {
    /// How many levels are climbed, from 1.
    pub levels: u32,
    /// Whether the levels are asked together or one after another.
    pub order: Order,
    /// What leads from level to level.
    pub via: Via,
}

/// Whether levels are asked together or one after another.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// The next when all of the one before have agreed.
    OneByOne,
    /// All at once.
    #[default]
    Together,
}

/// What leads from level to level.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Via {
    /// Managers of persons.
    #[default]
    Manager,
    /// Parents of roles, and whoever has those.
    Role,
}

/// How tasks are given and how many of those asked must agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Duty {
    /// One task each, and so many must agree.
    Each(Need),
    /// One task each for those above whoever is named, and all must agree.
    Hierarchy(Hierarchy),
    /// One task offered to all: the first decides.
    Offer,
    /// One task for the one who had the fewest turns, ties by id.
    RoundRobin,
}

/// How many of `n` must agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Need {
    /// All.
    All,
    /// More than half: floor(n/2) + 1.
    Majority,
    /// ceil(n·p/100), within 1..n.
    Percent(u8),
    /// Exactly so many; more than n is `no_approver`.
    Quorum(u32),
}

impl Need {
    /// How many of `n` must agree; `None` when `n` are too few.
    #[must_use]
    pub fn of(self, n: u32) -> Option<u32> {
        if n == 0 {
            return None;
        }
        match self {
            Self::All => Some(n),
            Self::Majority => Some(n / 2 + 1),
            Self::Percent(p) => {
                let needed = (u64::from(n) * u64::from(p)).div_ceil(100);
                u32::try_from(needed).ok().map(|needed| needed.clamp(1, n))
            }
            Self::Quorum(q) => (q <= n).then_some(q.max(1)),
        }
    }
}

/// What a decision needs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Behaviour {
    /// A form is optional.
    #[default]
    Approve,
    /// The first decision records the check-in, the second approves.
    CheckInVerify,
    /// Any form or data is refused.
    Move,
    /// The form must be filled.
    Submit,
}

/// Who may not decide.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Exclusion {
    /// Whoever decided at another node.
    ActorOf(NodeKey),
    /// The person who asked for the instance.
    Requester,
}

/// What happens when an entry rejects.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum OnReject {
    /// The instance is cancelled.
    Cancel,
    /// The instance goes to one of the nodes, as whoever says no chooses; to the first where nobody
    /// could.
    Choose(Vec<NodeKey>),
    /// The instance goes to the node.
    GoTo(NodeKey),
    /// The instance is rejected.
    #[default]
    Reject,
    /// The node opens anew.
    Resubmit,
    /// The instance goes back to the step, which has the status that it had before.
    Stay(NodeKey),
}

impl OnReject {
    /// The nodes among which whoever says no chooses one; empty where there is no choice.
    #[must_use]
    pub fn choices(&self) -> &[NodeKey] {
        match self {
            Self::Choose(several) => several,
            _ => &[],
        }
    }
}

/// Who gets a task that nobody answers.
#[derive(Clone, Debug)]
pub struct Escalate {
    /// Level k fires at k times this, from opening; only when the task is due where `None`.
    pub after: Option<Period>,
    /// Who gets the task.
    pub to: Who,
    /// The last level; 3.
    pub levels: u32,
}

/// What happens to a task that is due and still open.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WhenDue {
    /// The engine approves.
    Approve,
    /// It is handed to somebody else, who decides for the one who had it.
    Delegate(Who),
    /// It goes to whom `escalate` names.
    Escalate,
    /// The engine rejects.
    Reject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_of_n() {
        for (need, n, expected) in [
            (Need::All, 3, Some(3)),
            (Need::All, 0, None),
            (Need::Majority, 4, Some(3)),
            (Need::Majority, 5, Some(3)),
            (Need::Percent(50), 3, Some(2)),
            (Need::Percent(0), 3, Some(1)),
            (Need::Percent(255), 3, Some(3)),
            (Need::Quorum(2), 3, Some(2)),
            (Need::Quorum(4), 3, None),
            (Need::Quorum(0), 3, Some(1)),
        ] {
            assert_eq!(need.of(n), expected, "{need:?} of {n}");
        }
    }
}
