//! What instances and tasks are found by.

use jiff::Timestamp;
use signoff_core::{
    id::{InstanceId, Subject},
    instance::{InstanceStatus, TaskState},
    problem::shown,
};
use signoff_store::{Choice, InstanceFilter, InstanceOrder, TaskFilter, Whose};

use super::{
    Asked, Field,
    asked::{malformed, moment},
};
use crate::error::Error;

/// What instances are found by.
pub const INSTANCE_FIELDS: &[Field] = &[
    Field::choice("status"),
    Field::choice("workflow"),
    Field::one("business_key"),
    Field::one("subject_type"),
    Field::one("subject_id"),
    Field::one("requester"),
    Field::one("parent"),
    Field::one("search"),
    Field::moment("started_at"),
    Field::moment("ended_at"),
    Field::there("incidents"),
];

/// What tasks are found by.
pub const TASK_FIELDS: &[Field] = &[
    Field::choice("workflow"),
    Field::one("instance"),
    Field::one("node"),
    Field::choice("state"),
    // `true` or `false`.
    Field::one("open"),
    Field::one("subject_type"),
    Field::one("business_key"),
    Field::one("requester"),
    // What was said: `approved`, `rejected` …
    Field::one("outcome"),
    Field::moment("opened_at"),
    Field::moment("closed_at"),
    Field::moment("due_at"),
    Field::one("due_before"),
    // Only those whose moment has passed.
    Field::one("overdue"),
    Field::one("search"),
];

impl Asked {
    /// Which instances; `data.…` by the fields that definitions index.
    ///
    /// # Errors
    /// `Request` when a value is not what its field takes, or there is no such order.
    pub fn instances(&self) -> Result<InstanceFilter, Error> {
        let text = |field| self.text(field).map(str::to_owned);
        let subject = match (text("subject_type"), text("subject_id")) {
            (Some(kind), Some(id)) => Some(Subject { kind, id }),
            (None, Some(_)) => {
                return Err(malformed("`subject_id` needs `subject_type` beside it"));
            }
            (_, None) => None,
        };
        self.check_words("status", &InstanceStatus::WORDS)?;
        Ok(InstanceFilter {
            status: self.choice("status"),
            workflow: self.choice("workflow"),
            subject,
            subject_type: text("subject_type"),
            requester: text("requester").map(Into::into),
            parent: self.instance("parent")?,
            business_key: text("business_key"),
            search: text("search").filter(|part| !part.is_empty()),
            started: self.period("started_at")?,
            ended: self.period("ended_at")?,
            incidents: self.truth("incidents")?,
            fields: self.data()?,
            order: self.order()?,
        })
    }

    /// Which tasks of somebody, or of all: then only open ones, unless it asks for others. What is
    /// overdue is due before `now`.
    ///
    /// # Errors
    /// `Request` when a value is not what its field takes, or they do not come in the order that is
    /// asked for.
    pub fn tasks(&self, whose: Whose, now: Timestamp) -> Result<TaskFilter, Error> {
        let text = |field| self.text(field).map(str::to_owned);
        self.check_words("state", &TaskState::ALL.map(|state| state.as_str()))?;
        let open = match (self.open()?, &whose) {
            (None, Whose::All) if !self.has("state") => Some(true),
            (open, _) => open,
        };
        let mut due = self.period("due_at")?;
        let before = self.text("due_before");
        let before = before.map(|text| moment("due_before", text)).transpose()?;
        let passed = self.truth("overdue")?.unwrap_or_default();
        let ends = [due.before, before, passed.then_some(now)];
        due.before = ends.into_iter().flatten().min();
        let reversed = self.is_reversed(&whose, open)?;
        Ok(TaskFilter {
            whose,
            instance: self.instance("instance")?,
            open,
            workflow: self.choice("workflow"),
            node: text("node"),
            state: self.choice("state"),
            opened: self.period("opened_at")?,
            closed: self.period("closed_at")?,
            subject_type: text("subject_type"),
            outcome: text("outcome"),
            due,
            business_key: text("business_key"),
            requester: text("requester").map(Into::into),
            search: text("search").filter(|part| !part.is_empty()),
            fields: self.data()?,
            reversed,
        })
    }

    /// Whether it asks for open tasks or for closed ones; `None` when it does not say, or for both.
    fn open(&self) -> Result<Option<bool>, Error> {
        if let Some(open) = self.truth("open")? {
            return Ok(Some(open));
        }
        if self.has("closed_at") {
            return Ok(Some(false));
        }
        let Choice::OneOf(words) = self.choice("state") else {
            return Ok(None);
        };
        let states = words.iter().filter_map(|word| {
            let mut states = TaskState::ALL.into_iter();
            states.find(|state| state.as_str() == word)
        });
        let mut open = states.map(TaskState::is_open);
        let first = open.next();
        Ok(first.filter(|first| open.all(|one| one == *first)))
    }

    /// Open tasks come by opening, the earliest first, and closed ones by closing, the latest first:
    /// whether it asks for the other way.
    fn is_reversed(&self, whose: &Whose, open: Option<bool>) -> Result<bool, Error> {
        let Some(sort) = self.sort() else {
            return Ok(false);
        };
        let (usual, other) = match (whose, open) {
            (Whose::DoneBy(_), _) | (Whose::All, Some(false)) => ("-closed_at", "closed_at"),
            (Whose::All | Whose::AvailableTo(_) | Whose::HeldBy(_), _) => {
                ("opened_at", "-opened_at")
            }
        };
        if sort == usual || sort == other {
            return Ok(sort == other);
        }
        let found = shown(sort);
        Err(malformed(format!(
            "this list of tasks is sorted by `{usual}` or by `{other}`, not by `{found}`"
        )))
    }

    /// `started_at` or a field of the data; `-` puts the latest or greatest first.
    fn order(&self) -> Result<InstanceOrder, Error> {
        let Some(sort) = self.sort() else {
            return Ok(InstanceOrder::Started);
        };
        let name = sort.strip_prefix('-').unwrap_or(sort);
        match name.strip_prefix("data.") {
            Some(name) => Ok(InstanceOrder::Field {
                name: name.to_owned(),
                descending: sort.starts_with('-'),
            }),
            None if sort == "-started_at" => Ok(InstanceOrder::Started),
            None if sort == "started_at" => Ok(InstanceOrder::Earliest),
            None => {
                let found = shown(sort);
                Err(malformed(format!(
                    "expected `-started_at`, `started_at`, `data.…` or `-data.…`, found `{found}`"
                )))
            }
        }
    }

    fn instance(&self, field: &str) -> Result<Option<InstanceId>, Error> {
        let id = self.text(field).map(|id| id.parse().map(InstanceId::new));
        id.transpose()
            .map_err(|_| malformed(format!("expected the id of an instance for `{field}`")))
    }
}
