//! What a change orders to be done after the commit.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    actor::By,
    graph::{ActionEvent, OnFailure, Retry},
    id::{ActivationId, DefinitionId, InstanceId, JobId, PersonId, TaskId, TenantId},
    instance::{ChildEnd, Given, Parent},
    text::Text,
};

/// The row of a job.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JobRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id; of a wake-up, that of its task.
    pub id: JobId,
    /// The instance.
    pub instance: InstanceId,
    /// When it is due.
    pub due_at: Timestamp,
    /// What it does.
    pub work: JobWork,
}

/// What a job does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum JobWork {
    /// Runs the actions of one event, in order.
    Actions(Box<ActionsJob>),
    /// Stops a child whose parent does not wait for it any more.
    CancelChild {
        /// The child.
        child: InstanceId,
        /// Why.
        reason: String,
    },
    /// Tells the parent that a child has ended.
    EndChild {
        /// The parent.
        parent: InstanceId,
        /// Its activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// How it ended.
        end: ChildEnd,
    },
    /// Runs the host's function for a job node.
    Node(Box<NodeJob>),
    /// Tells the parent that a child has raised a code.
    Raise {
        /// The parent.
        parent: InstanceId,
        /// Its activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// The code.
        code: String,
    },
    /// Looks whether a message that an activation begins to wait for was sent before.
    Receive {
        /// The activation.
        activation: ActivationId,
        /// The name of the message.
        name: String,
        /// Which one of that name.
        key: String,
    },
    /// Fires the earliest timer of an activation: its own or one of its boundaries.
    Ring {
        /// The activation.
        activation: ActivationId,
    },
    /// Tells all who wait for a signal.
    Signal {
        /// Its name.
        name: String,
        /// What it says.
        payload: Value,
        /// When it was thrown: who begins to wait later does not hear it, however late it is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thrown_at: Option<Timestamp>,
    },
    /// Starts a child.
    StartChild(Box<ChildJob>),
    /// Fires the earliest timer of a task.
    Wake {
        /// The task.
        task: TaskId,
        /// Its activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
    },
}

/// A call of the host's function for a job node, after the commit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NodeJob {
    /// The activation that waits.
    pub activation: ActivationId,
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Value,
    /// How often and when it is tried again.
    pub retry: Retry,
    /// How long one attempt may take; as long as it likes when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<SignedDuration>,
}

/// A child to start.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ChildJob {
    /// Its id.
    pub child: InstanceId,
    /// What it runs.
    pub definition: DefinitionId,
    /// Its data and seed.
    pub given: Given,
    /// Who starts it.
    pub parent: Parent,
    /// Who asked for the parent.
    pub requester: Option<PersonId>,
}

/// The actions of one event: one job, in order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ActionsJob {
    /// The event.
    pub event: ActionEvent,
    /// What templates and handlers are told.
    pub context: ActionContext,
    /// The actions that are left, in order.
    pub actions: Vec<ResolvedAction>,
}

/// What templates and handlers are told about an event.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ActionContext {
    /// The workflow's key.
    pub workflow: String,
    /// The workflow's title.
    pub workflow_title: Text,
    /// The node that it happened at.
    pub node: Option<String>,
    /// That node's title.
    pub node_title: Option<Text>,
    /// The instance's title.
    pub title: Text,
    /// The instance's status after the command.
    pub status: String,
    /// The type of the subject.
    pub subject_type: Option<String>,
    /// The id of the subject.
    pub subject_id: Option<String>,
    /// Who asked for the instance.
    pub requester: Option<PersonId>,
    /// Who acted.
    pub actor: By,
    /// The task that it is about.
    pub task: Option<TaskId>,
    /// The `meta` of that task's entry, else of the node's first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
    /// Why.
    pub reason: Option<String>,
    /// Said with it.
    pub comment: Option<String>,
    /// When the task is due.
    pub due: Option<Timestamp>,
    /// Where it goes: a node or a person.
    pub to: Option<String>,
}

/// One action with everything worked out that only the instance knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ResolvedAction {
    /// Its place in the list of its event, from 0: part of its idempotency key.
    pub index: u16,
    /// What it does.
    pub call: ActionCall,
    /// What a final failure means for the actions after it.
    pub on_failure: OnFailure,
    /// How often and when it is tried again.
    pub retry: Retry,
    /// Whether it failed for good while others are still tried.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gave_up: bool,
}

/// What a resolved action does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ActionCall {
    /// Sends mail.
    Mail {
        /// The template's name.
        template: String,
        /// A subject in place of the template's.
        subject: Option<String>,
        /// Who gets it; each address once.
        to: Vec<Addressee>,
        /// Who gets a copy.
        cc: Vec<Addressee>,
        /// More values for the template.
        with: Value,
    },
    /// Runs the host's function.
    Run {
        /// The name that the host registered.
        name: String,
        /// What it is given.
        with: Value,
    },
}

impl ActionCall {
    /// The name as `expect: actions` shows it: the function's, or `mail`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Run { name, .. } => name,
        }
    }
}

/// Who gets a mail: a person whose address the directory knows, or an address.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// A fixed address.
    Address(String),
    /// A person.
    Person(PersonId),
}
