//! The larger events, and what a command leaves of them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    actor::By,
    event::Event,
    id::{
        ActivationId, CommandId, DefinitionId, InstanceId, MessageId, NodeKey, PersonId, ScopeId,
        Subject, TaskId, TenantId,
    },
    instance::{Given, Item, Outcome, Parent, Parked, Question, Timers},
    principal::Principal,
    text::Text,
};

/// One accepted command in the history of an instance.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The version of the instance after it, from 1.
    pub version: u64,
    /// The command.
    pub command: CommandId,
    /// When it was accepted.
    pub at: Timestamp,
    /// Who acted.
    pub by: By,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// An instance began.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct InstanceStarted {
    /// The tenant that owns it.
    pub tenant: TenantId,
    /// Its id.
    pub instance: InstanceId,
    /// What it runs.
    pub definition: DefinitionId,
    /// Its title for people.
    pub title: Text,
    /// The business object that it is about.
    pub subject: Option<Subject>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// Its data, defaults included.
    pub data: Arc<Value>,
    /// What the host noted.
    pub metadata: Arc<Value>,
    /// Whether the subject may have no other running instance of the workflow.
    pub exclusive: bool,
    /// What the host knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_key: Option<String>,
    /// Whether no other instance of the workflow may have its business key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// Whether it goes on by the newest version at each command, where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows: bool,
    /// The way to start that was taken, where it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<NodeKey>,
    /// The instance that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// What it was started on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Arc<Value>>,
    /// What it is to produce, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Arc<Value>>,
    /// The message that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
}

/// A token came to a node.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NodeEntered {
    /// The new activation.
    pub activation: ActivationId,
    /// The node.
    pub node: NodeKey,
    /// The scope of the token.
    pub scope: Option<ScopeId>,
    /// The last approval node on the token's way.
    pub from: Option<NodeKey>,
    /// How many entries the node has; 0 where people are not asked.
    pub entries: u16,
    /// The activation that the token came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ActivationId>,
    /// The items of the branches that it is in, the innermost last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What the visit is given.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// The `first` whose token it shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<ActivationId>,
    /// Whether no way leads from here to a join of its scope any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stray: bool,
}

/// A scope is open again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ScopeReopened {
    /// The scope.
    pub scope: ScopeId,
    /// Its split.
    pub split: NodeKey,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// The last approval node on the way to the split.
    pub from: Option<NodeKey>,
    /// The items of the split's token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// How many branches it had.
    pub branches: u32,
}

/// A token was taken out of its way.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TokenParked {
    /// The activation that it was on.
    pub activation: ActivationId,
    /// What is needed to put it back.
    pub token: Parked,
    /// The join that it had arrived at; it has not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<NodeKey>,
}

/// A person has something to do.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TaskOpened {
    /// The task.
    pub task: TaskId,
    /// Its activation.
    pub activation: ActivationId,
    /// The node of that activation.
    pub node: NodeKey,
    /// The entry of that node, from 0.
    pub entry: u16,
    /// Its number within the instance, from 1.
    pub number: u32,
    /// Whose vote it carries.
    pub duty: Option<PersonId>,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// Who may take it.
    pub candidates: Vec<Principal>,
    /// What happens when nobody answers.
    pub timers: Timers,
    /// What is asked, of a task that is answered and not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// What a person said of a task; it closes the task.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Decision {
    /// The task.
    pub task: TaskId,
    /// Its activation.
    pub activation: ActivationId,
    /// Its node.
    pub node: NodeKey,
    /// The entry of its node, from 0.
    pub entry: u16,
    /// Who decided.
    pub by: By,
    /// For whom, when the vote is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
    /// What was said.
    pub outcome: Outcome,
    /// Said with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Why, for a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The filled form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Arc<Value>>,
    /// Whether a completed task keeps the form as its own, instead of filling fields of the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_form: bool,
}

impl Decision {
    /// Whether the form is kept under `forms`.
    #[must_use]
    pub fn keeps_form(&self) -> bool {
        self.outcome == Outcome::Approved || self.own_form
    }
}
