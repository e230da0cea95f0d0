//! The rows that a change writes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    change::{FieldRow, JobRow},
    id::{ActivationId, IncidentId, InstanceId, JobId, MessageId, PersonId, TenantId},
    instance::{ActivationRow, InstanceRow, TaskRow},
    principal::Principal,
};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowOp {
    /// It is new.
    Insert,
    /// It exists and is replaced.
    Update,
    /// It exists and goes.
    Delete,
}

/// What becomes of the row of a task, which no command deletes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TaskOp {
    /// It is new.
    Insert,
    /// It exists and is replaced.
    Update {
        /// The candidates as stored; those of the new row take their place.
        candidates: Vec<Principal>,
    },
}

/// The row operations of a [`Change`](crate::change::Change).
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The version that the stored instance row must have; 0 when there must be none.
    pub before: u64,
    /// The instance row.
    pub instance: InstanceRow,
    /// Of a new instance: the newest version that its workflow must still have, and it must be active,
    /// else the whole change conflicts; not looked at when `None`.
    pub newest: Option<u32>,
    /// The history row.
    pub history: HistoryRow,
    /// Task rows to insert or update.
    pub tasks: Vec<(TaskOp, TaskRow)>,
    /// Activation rows to insert or update.
    pub activations: Vec<(RowOp, ActivationRow)>,
    /// Activation rows to delete.
    pub dropped_activations: Vec<ActivationId>,
    /// Job rows to insert, or to replace where the id exists.
    pub jobs: Vec<JobRow>,
    /// Job rows to delete, if they exist.
    pub dropped_jobs: Vec<JobId>,
    /// Incident rows to insert.
    pub incidents: Vec<IncidentRow>,
    /// Incident rows to delete, if they exist: they are resolved.
    pub resolved_incidents: Vec<IncidentId>,
    /// Subscription rows to insert.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Activations whose subscription rows are deleted, if they exist.
    pub dropped_subscriptions: Vec<ActivationId>,
    /// Messages that the change consumes: each must be there and not consumed yet, else the whole
    /// change conflicts.
    pub consumed: Vec<MessageId>,
    /// What the instance is found by from now on; as before when `None`.
    pub fields: Option<Vec<FieldRow>>,
    /// The request that the change answers, when its sender named it: the whole change conflicts when
    /// one of this id was answered before.
    pub request: Option<RequestRow>,
}

/// A request that its sender named, so that it is done once however often it is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestRow {
    /// Which request; at most 64 letters of ASCII.
    pub id: String,
    /// What was asked: a repetition asks the same, another request of this id does not.
    pub hash: String,
    /// The notices that it was answered with.
    pub notices: Vec<String>,
}

/// The row of an activation that waits for something from outside its instance.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SubscriptionRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The instance.
    pub instance: InstanceId,
    /// The activation that waits.
    pub activation: ActivationId,
    /// What it waits for.
    pub kind: SubscriptionKind,
    /// The name of the message or signal.
    pub name: String,
    /// Which message of that name; empty where one is as good as another.
    pub key: String,
    /// Since when it waits.
    pub since: Timestamp,
}

/// What an activation waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionKind {
    /// A message: kept until it is consumed, by one activation.
    Message,
    /// A signal: heard by all who wait at that moment, and lost where nobody does.
    Signal,
}

impl SubscriptionKind {
    /// The word as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Signal => "signal",
        }
    }
}

/// The row of a message that was sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MessageRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id that its sender gave it.
    pub id: MessageId,
    /// Its name.
    pub name: String,
    /// Which receiver it is meant for; empty where any will do.
    pub key: String,
    /// What it says, as JSON.
    pub payload: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// From when on nobody gets it any more; never when `None`.
    pub expires_at: Option<Timestamp>,
}

/// The row of a history entry.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HistoryRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The instance.
    pub instance: InstanceId,
    /// The version of the instance after it.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Which person acted.
    pub person: Option<PersonId>,
    /// The entry as JSON.
    pub body: String,
}

/// The row of an incident.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IncidentRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: IncidentId,
    /// The instance.
    pub instance: InstanceId,
    /// The stable code.
    pub code: String,
    /// What it is about.
    pub message: String,
    /// The node that it happened at.
    pub node: Option<String>,
    /// When.
    pub opened_at: Timestamp,
}
