//! The stored form of an instance, its activations and tasks.
//!
//! An activation with open tasks lives in the row of the first of them, the others in rows of their
//! own: most commands then write one row less, and no row grows with the number of live branches.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    actor::By,
    id::{ActivationId, InstanceId, PersonId, TaskId, TenantId},
    instance::{Activation, Closing, Instance, Task},
    principal::Principal,
};

/// The row of an instance.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InstanceRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: InstanceId,
    /// The version after the change.
    pub version: u64,
    /// The key of the workflow.
    pub workflow: String,
    /// The version of the definition.
    pub definition: u32,
    /// `running`, `completed` …
    pub status: String,
    /// The title, as JSON.
    pub title: String,
    /// The type of the subject.
    pub subject_type: Option<String>,
    /// The id of the subject.
    pub subject_id: Option<String>,
    /// Until the instance ends, where its subject may have no other one: workflow and subject. Unique.
    pub exclusive: Option<String>,
    /// What the host knows it by.
    pub business_key: Option<String>,
    /// The business key, where no other instance of the workflow may have it. Unique with the workflow.
    pub unique_key: Option<String>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// The instance that started it.
    pub parent: Option<InstanceId>,
    /// When it started, or was attached to be started later.
    pub started_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Everything else, as JSON.
    pub state: String,
    /// The data as JSON; `None` when the change leaves it as it was.
    pub data: Option<String>,
    /// The forms as JSON; `None` when the change leaves them as they were.
    pub forms: Option<String>,
}

/// The row of an activation that has no open task.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ActivationRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: ActivationId,
    /// The instance.
    pub instance: InstanceId,
    /// The node's key.
    pub node: String,
    /// The activation as JSON.
    pub body: String,
}

/// The row of a task.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TaskRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: TaskId,
    /// The instance.
    pub instance: InstanceId,
    /// The activation.
    pub activation: ActivationId,
    /// The node's key.
    pub node: String,
    /// The number within the instance.
    pub number: u32,
    /// `ready`, `assigned`, `in_progress`, `snoozed`, `suspended`, `completed`, `cancelled`.
    pub state: String,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// While it is open and nobody has it: who may take it.
    pub candidates: Vec<Principal>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// Which person closed it.
    pub closed_by: Option<PersonId>,
    /// What was said.
    pub outcome: Option<String>,
    /// The task as JSON.
    pub body: String,
    /// The activation as JSON, when this is the first of its open tasks.
    pub activation_body: Option<String>,
}

impl Instance {
    /// The instance row as of `at`; `data` and `forms` say whether they are written.
    pub(crate) fn row(&self, at: Timestamp, data: bool, forms: bool) -> InstanceRow {
        let header = &self.header;
        let exclusive = header
            .subject
            .as_ref()
            .filter(|_| header.exclusive && !header.status.is_over())
            .map(|subject| to_json(&(&header.definition.workflow, &subject.kind, &subject.id)));
        InstanceRow {
            tenant: header.tenant.clone(),
            id: header.id,
            version: self.version,
            workflow: header.definition.workflow.as_str().to_owned(),
            definition: header.definition.version,
            status: header.status.as_str().to_owned(),
            title: to_json(&header.title),
            subject_type: header.subject.as_ref().map(|subject| subject.kind.clone()),
            subject_id: header.subject.as_ref().map(|subject| subject.id.clone()),
            exclusive,
            business_key: header.business_key.clone(),
            unique_key: header.business_key.clone().filter(|_| header.unique),
            requester: header.requester.clone(),
            parent: header.parent.as_ref().map(|parent| parent.instance),
            started_at: header.attached_at.unwrap_or(header.started_at),
            changed_at: at,
            ended_at: header.status.ended_at(),
            state: to_json(header),
            data: data.then(|| self.data.to_string()),
            forms: forms.then(|| self.forms.to_string()),
        }
    }

    /// The open task that carries the row of `activation`.
    pub(crate) fn carrier(&self, activation: ActivationId) -> Option<TaskId> {
        self.tasks_of(activation).map(|task| task.id).next()
    }

    /// The same with the version of the change that made it.
    pub(crate) fn at_version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }
}

impl Activation {
    pub(crate) fn row(&self, instance: &Instance) -> ActivationRow {
        ActivationRow {
            tenant: instance.tenant().clone(),
            id: self.id,
            instance: instance.id(),
            node: self.node.as_str().to_owned(),
            body: to_json(self),
        }
    }
}

impl Task {
    /// Who may take it: nobody, unless it is open and nobody has it.
    pub(crate) fn offered_to(&self) -> &[Principal] {
        match (&self.closing, &self.assignee) {
            (None, None) => &self.candidates,
            _ => &[],
        }
    }

    pub(crate) fn row(&self, instance: &Instance, activation: Option<&Activation>) -> TaskRow {
        let (closed_at, closed_by, outcome) = match &self.closing {
            None => (None, None, None),
            Some(Closing::Cancelled { at }) => (Some(*at), None, None),
            Some(Closing::Completed { by, at, outcome }) => {
                let person = match by {
                    By::Person(id) => Some(id.clone()),
                    By::Engine | By::Host => None,
                };
                (Some(*at), person, Some(outcome.as_str().to_owned()))
            }
        };
        TaskRow {
            tenant: instance.tenant().clone(),
            id: self.id,
            instance: instance.id(),
            activation: self.activation,
            node: self.node.as_str().to_owned(),
            number: self.number,
            state: self.state().as_str().to_owned(),
            assignee: self.assignee.clone(),
            candidates: self.offered_to().to_vec(),
            opened_at: self.opened_at,
            due_at: self.timers.due,
            closed_at,
            closed_by,
            outcome,
            body: to_json(self),
            activation_body: activation.map(to_json),
        }
    }
}

/// JSON text of a stored form.
#[expect(
    clippy::expect_used,
    reason = "stored forms have string keys only and no failing serializer"
)]
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a stored form serializes to JSON")
}
