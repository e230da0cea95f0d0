//! A unit of work for a person.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    actor::By,
    id::{ActivationId, IncidentId, NodeKey, PersonId, TaskId},
    instance::Outcome,
    principal::Principal,
};

/// The code of the incident of a task whose assignee has left.
pub(crate) const PERSON_LEFT: &str = "person_left";

/// A unit of work that one person, or one of several candidates, does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Task {
    /// Its id; the job that wakes it has the same.
    pub id: TaskId,
    /// The activation that owns it.
    pub activation: ActivationId,
    /// The node of that activation.
    pub node: NodeKey,
    /// The entry of the node that it belongs to, from 0.
    pub entry: u16,
    /// Its number within the instance, from 1; never used again.
    pub number: u32,
    /// Whose vote it carries; `None` for an offer until somebody decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<PersonId>,
    /// Who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PersonId>,
    /// Who may take it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Principal>,
    /// How it was delegated since its duty began, first to last; no delegator is a candidate of it
    /// any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegations: Vec<Delegation>,
    /// How often it was escalated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub escalated: u32,
    /// What is asked, of a task that is answered and not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The first of two decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<CheckIn>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// Since when `assignee` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<Timestamp>,
    /// The incident that says that `assignee` has left, and that nobody was found to take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<IncidentId>,
    /// Since when `assignee` works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Since when nobody may act on it; its clock stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// What `assignee` has filled of the form so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Arc<Value>>,
    /// What happens when nobody answers.
    #[serde(default, skip_serializing_if = "Timers::is_empty")]
    pub timers: Timers,
    /// How it ended; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
}

/// What whoever has a task asks somebody before deciding it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Question {
    /// The task that it is about; its clock stands still until the answer.
    pub about: TaskId,
    /// Who asks.
    pub by: By,
    /// What.
    pub text: String,
}

/// One link of the chain in which a task was delegated.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Delegation {
    /// Who gave it.
    pub from: PersonId,
    /// Who got it.
    pub to: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// The first of two decisions of a task that is checked in and then verified.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CheckIn {
    /// Who checked in.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// How a task ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// It was not needed any more.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Somebody decided.
    Completed {
        /// Who.
        by: By,
        /// When.
        at: Timestamp,
        /// What was said.
        outcome: Outcome,
    },
}

impl Closing {
    /// When it ended.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Cancelled { at } | Self::Completed { at, .. } => *at,
        }
    }
}

/// The state of a task as stored and shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(test, derive(Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TaskState {
    /// Somebody has it.
    Assigned,
    /// It was not needed any more.
    Cancelled,
    /// Somebody decided.
    Completed,
    /// Somebody works on it.
    InProgress,
    /// It is offered.
    Ready,
    /// Whoever has it does not want to see it for a while.
    Snoozed,
    /// Nobody may act on it for now.
    Suspended,
}

impl TaskState {
    /// Every one of them, those of open tasks first.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Assigned,
        Self::InProgress,
        Self::Suspended,
        Self::Snoozed,
        Self::Completed,
        Self::Cancelled,
    ];

    /// Whether the task waits for somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Completed)
    }

    /// The word as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::InProgress => "in_progress",
            Self::Ready => "ready",
            Self::Snoozed => "snoozed",
            Self::Suspended => "suspended",
        }
    }
}

impl Task {
    pub(super) fn assign(&mut self, assignee: Option<PersonId>, at: Timestamp) {
        self.assigned_at = assignee.is_some().then_some(at);
        self.assignee = assignee;
        self.left = None;
        self.started_at = None;
        self.timers.snoozed = None;
    }

    /// Begins the work on it, by whoever has it.
    pub(super) fn start(&mut self, at: Timestamp) {
        self.started_at = Some(at);
        self.timers.snoozed = None;
    }

    /// Who delegated it, first to last; none of them is a candidate of it any more.
    pub fn delegators(&self) -> impl Iterator<Item = &PersonId> {
        self.delegations.iter().map(|link| &link.from)
    }

    /// Whether the person has delegated it.
    #[must_use]
    pub fn was_delegated_by(&self, person: &PersonId) -> bool {
        self.delegators().any(|delegator| delegator == person)
    }

    /// Whether it can still be decided.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> TaskState {
        match (&self.closing, &self.assignee) {
            (Some(Closing::Cancelled { .. }), _) => TaskState::Cancelled,
            (Some(Closing::Completed { .. }), _) => TaskState::Completed,
            (None, _) if self.suspended_at.is_some() => TaskState::Suspended,
            (None, None) => TaskState::Ready,
            (None, Some(_)) if self.timers.snoozed.is_some() => TaskState::Snoozed,
            (None, Some(_)) if self.started_at.is_some() => TaskState::InProgress,
            (None, Some(_)) => TaskState::Assigned,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What happens to a task when nobody answers.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Timers {
    /// When the task is due; stays after it has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Whether the overdue moment has fired.
    #[serde(default)]
    pub overdue: bool,
    /// When to remind, earliest first; what has fired is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remind: Vec<Timestamp>,
    /// When it goes to somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Since when its clock stands still, because an answer is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
    /// When whoever has the task wants to see it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<Timestamp>,
}

/// When a task goes to somebody else.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Escalation {
    /// When the next level fires.
    pub at: Timestamp,
    /// The next level, from 1.
    pub level: u32,
    /// The last level.
    pub levels: u32,
    /// When the levels after it fire, earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Timestamp>,
}

/// One of the timers of a task, in the order in which those due at one moment fire.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// It is to be seen again.
    Snooze,
    /// It will be due soon.
    Remind,
    /// It is due.
    Due,
    /// It goes to somebody else.
    Escalate,
    /// A boundary of its node, in file order from 0.
    Boundary(u16),
    /// The moment that its node waits for.
    Own,
}

impl Timers {
    /// Whether nothing will happen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The earliest that has not fired.
    #[must_use]
    pub fn next(&self) -> Option<(Timestamp, Timer)> {
        if self.stopped.is_some() {
            return None;
        }
        let remind = self.remind.first().map(|at| (*at, Timer::Remind));
        let due = self
            .due
            .filter(|_| !self.overdue)
            .map(|at| (at, Timer::Due));
        let escalate = self
            .escalation
            .as_ref()
            .map(|next| (next.at, Timer::Escalate));
        let snoozed = self.snoozed.map(|at| (at, Timer::Snooze));
        [snoozed, remind, due, escalate].into_iter().flatten().min()
    }

    /// Moves what has not fired by the time that the clock stood still; what a person chose stays.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        let later = |at: Timestamp| at.checked_add(by).unwrap_or(Timestamp::MAX);
        if !self.overdue {
            self.due = self.due.map(later);
        }
        for at in &mut self.remind {
            *at = later(*at);
        }
        if let Some(escalation) = &mut self.escalation {
            escalation.at = later(escalation.at);
            for at in &mut escalation.later {
                *at = later(*at);
            }
        }
        // What stood still for another reason has not stood still twice.
        self.stopped = self.stopped.map(later);
    }

    /// Its clock stands still from now on.
    pub(super) fn stop(&mut self, at: Timestamp) {
        self.stopped.get_or_insert(at);
    }

    /// Its clock goes on: what has not fired moves by the time that it stood.
    pub(super) fn go_on(&mut self, at: Timestamp) {
        let Some(since) = self.stopped.take() else {
            return;
        };
        self.shift(at.duration_since(since).max(SignedDuration::ZERO));
    }

    /// The same with the earliest of kind `timer` fired.
    pub(super) fn fired(&mut self, timer: Timer) {
        match timer {
            Timer::Boundary(_) | Timer::Own => {}
            Timer::Due => self.overdue = true,
            Timer::Snooze => self.snoozed = None,
            Timer::Remind => {
                if !self.remind.is_empty() {
                    self.remind.remove(0);
                }
            }
            Timer::Escalate => self.escalation = self.escalation.take().and_then(Escalation::next),
        }
    }
}

impl Escalation {
    fn next(mut self) -> Option<Self> {
        if self.level >= self.levels || self.later.is_empty() {
            return None;
        }
        Some(Self {
            at: self.later.remove(0),
            level: self.level + 1,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::variants;

    #[test]
    fn all_are_all_states_by_their_words() {
        let mut words = TaskState::ALL.map(TaskState::as_str);
        words.sort_unstable();
        assert_eq!(variants::words::<TaskState>(json!("?")), words);
        for state in TaskState::ALL {
            let read: TaskState = serde_json::from_value(json!(state.as_str())).unwrap();
            assert_eq!(read, state);
        }
    }
}
