//! What somebody wants to happen.

mod migration;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use self::migration::{Migration, Removed};

use crate::{
    change::SubscriptionKind,
    facts::FunctionFailure,
    id::{
        ActivationId, DefinitionId, InstanceId, MessageId, NodeKey, PersonId, Subject, TaskId,
        TenantId,
    },
    instance::{ChildEnd, Parent, Task},
};

/// What somebody wants to happen to one instance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Opens one more branch of a split that is open, or one more child of a subprocess.
    AddBranch(NodeKey, Arc<Value>),
    /// Says yes to a task.
    Approve(TaskRef, Answer),
    /// Answers a question.
    Answer(TaskRef, String),
    /// Gives a task to a person; only managers do.
    Assign(TaskRef, HandOver),
    /// Stops the instance.
    Cancel {
        /// Why; required.
        reason: String,
    },
    /// Withdraws one activation, perhaps for a reason; the instance goes on.
    CancelTask(Place, Option<String>),
    /// Tells that a child has raised a code; only the engine does.
    ChildRaised(ActivationId, InstanceId, String),
    /// Takes an offered task.
    Claim(TaskRef),
    /// Says something about the instance, or about one of its tasks.
    Comment(Option<TaskRef>, String),
    /// Does a task of a flow, with the fields of its form.
    Complete(TaskRef, Answer),
    /// Hands a task over; vote and separation of duties stay the delegator's too.
    Delegate(TaskRef, HandOver),
    /// Brings a message or a signal to an activation that waits for it, or completes one that waits
    /// for the host.
    Deliver(Place, Delivery),
    /// Tells how a child ended; only the engine does.
    EndChild(ActivationId, InstanceId, ChildEnd),
    /// Gives a task to whoever leads the person who has it, perhaps for a reason.
    Escalate(TaskRef, String),
    /// Tells what a job node came to; only the engine does.
    FinishJob(ActivationId, Result<Value, FunctionFailure>),
    /// Moves a token to another node; the whole instance when no activation is named.
    Jump(Option<Place>, Return),
    /// Goes on by another version of the definition.
    Migrate(Box<Migration>),
    /// Says no to a task.
    Reject(TaskRef, Answer),
    /// Gives a claimed task back to the others.
    Release(TaskRef),
    /// Fires the earliest boundary timer of an activation that has come.
    Ring(ActivationId),
    /// Asks somebody something before a task is decided; the requester where nobody is named.
    RequestInfo(TaskRef, HandOver),
    /// Sends the instance back to a stage, which opens anew.
    Resubmit(TaskRef, Return),
    /// Tries a failed activation again.
    Retry(Place),
    /// Puts a failed activation's token, or a parked one, on its node anew.
    Revive(Place),
    /// Sets keys of the data.
    SetData(Map<String, Value>),
    /// Gives a step a status.
    SetStatus(TaskRef, StatusChange),
    /// Leaves an activation out: its token goes on as if it had completed.
    Skip(Place, String),
    /// Begins an instance.
    Start(Box<Start>),
    /// Hands a task over for good: the vote goes along.
    Transfer(TaskRef, HandOver),
    /// Takes a completed visit back; its token is parked on it.
    Undo(Place),
    /// Fires the earliest timer of a task that has come.
    Wake(TaskRef),
    /// Takes the request back.
    Withdraw {
        /// Why; required.
        reason: String,
    },
}

/// A task with its place, as the store keeps both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TaskRef {
    /// The task.
    pub task: TaskId,
    /// Its activation.
    pub activation: ActivationId,
    /// The entry of its node, from 0.
    pub entry: u16,
}

/// An activation: itself, or the latest on a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// That one.
    Activation(ActivationId),
    /// The latest on the node.
    Node(NodeKey),
}

impl From<ActivationId> for Place {
    fn from(activation: ActivationId) -> Self {
        Self::Activation(activation)
    }
}

impl From<&str> for Place {
    fn from(node: &str) -> Self {
        Self::Node(NodeKey::from(node))
    }
}

/// What is brought to an activation that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Which of the two.
    pub kind: SubscriptionKind,
    /// Its name; empty where the host completes a node that waits for it.
    pub name: String,
    /// The message that is consumed; none for a signal and for the host.
    pub message: Option<MessageId>,
    /// What it says.
    pub payload: Value,
}

/// What is said with a yes or a no.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// A remark.
    pub comment: Option<String>,
    /// Why; required for a no.
    pub reason: Option<String>,
    /// The filled form.
    pub form: Option<Arc<Value>>,
}

/// The status that a step gets, and what is said with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusChange {
    /// The key of the status.
    pub status: String,
    /// The step to go on to, where several are possible; the first whose condition holds when not
    /// given.
    pub to: Option<NodeKey>,
    /// Remark and form; a form goes with a completion status.
    pub answer: Answer,
}

/// To whom a task goes, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HandOver {
    /// Who gets it.
    pub to: Option<PersonId>,
    /// Why; required of a delegation.
    pub reason: String,
}

/// Where an instance is sent back to, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Return {
    /// The stage that opens anew; the task's own when not given.
    pub to: Option<NodeKey>,
    /// Why; required.
    pub reason: String,
}

/// A new instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The tenant that owns it.
    pub tenant: TenantId,
    /// What it runs.
    pub definition: DefinitionId,
    /// Its id; derived from the command when not given.
    pub instance: Option<InstanceId>,
    /// The business object that it is about.
    pub subject: Option<Subject>,
    /// Who asks for it; the person who starts it when not given.
    pub requester: Option<PersonId>,
    /// Its data, a JSON object; defaults of the schema are added.
    pub data: Arc<Value>,
    /// What the host notes.
    pub metadata: Arc<Value>,
    /// The way to start; the first one when not given.
    pub start: Option<NodeKey>,
    /// The instance that starts it.
    pub parent: Option<Parent>,
    /// What it is started on.
    pub seed: Option<Arc<Value>>,
    /// What it is to produce, as far as it is known.
    pub artifact: Option<Arc<Value>>,
    /// The message that starts it, which is consumed.
    pub message: Option<MessageId>,
}

impl Start {
    /// A start of `definition` with nothing said.
    #[must_use]
    pub fn new(tenant: TenantId, definition: DefinitionId) -> Self {
        Self {
            tenant,
            definition,
            instance: None,
            subject: None,
            requester: None,
            data: Arc::default(),
            metadata: Arc::default(),
            start: None,
            parent: None,
            seed: None,
            artifact: None,
            message: None,
        }
    }
}

impl From<&Task> for TaskRef {
    fn from(task: &Task) -> Self {
        Self {
            task: task.id,
            activation: task.activation,
            entry: task.entry,
        }
    }
}

impl Command {
    /// The task that it is about.
    #[must_use]
    pub fn task(&self) -> Option<TaskRef> {
        match self {
            Self::Answer(task, _)
            | Self::Approve(task, _)
            | Self::Assign(task, _)
            | Self::Claim(task)
            | Self::Comment(Some(task), _)
            | Self::Complete(task, _)
            | Self::Delegate(task, _)
            | Self::Escalate(task, _)
            | Self::Reject(task, _)
            | Self::Release(task)
            | Self::RequestInfo(task, _)
            | Self::Resubmit(task, _)
            | Self::SetStatus(task, _)
            | Self::Transfer(task, _)
            | Self::Wake(task) => Some(*task),
            _ => None,
        }
    }

    /// The activation that it is about, when it is about no task.
    #[must_use]
    pub const fn activation(&self) -> Option<ActivationId> {
        match self {
            Self::ChildRaised(activation, ..)
            | Self::EndChild(activation, ..)
            | Self::FinishJob(activation, _)
            | Self::Ring(activation) => Some(*activation),
            Self::CancelTask(place, _)
            | Self::Deliver(place, _)
            | Self::Retry(place)
            | Self::Revive(place)
            | Self::Skip(place, _)
            | Self::Undo(place)
            | Self::Jump(Some(place), _) => match place {
                Place::Activation(activation) => Some(*activation),
                Place::Node(_) => None,
            },
            _ => None,
        }
    }

    /// Whether it makes the instance.
    #[must_use]
    pub fn is_start(&self) -> bool {
        matches!(self, Self::Start(_))
    }

    /// The stable name, snake_case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AddBranch(..) => "add_branch",
            Self::Answer(..) => "answer",
            Self::Approve(..) => "approve",
            Self::Assign(..) => "assign",
            Self::Cancel { .. } => "cancel",
            Self::CancelTask(..) => "cancel_task",
            Self::ChildRaised(..) => "child_raised",
            Self::Claim(_) => "claim",
            Self::Comment(..) => "comment",
            Self::Complete(..) => "complete",
            Self::Delegate(..) => "delegate",
            Self::Deliver(..) => "deliver",
            Self::EndChild(..) => "end_child",
            Self::Escalate(..) => "escalate",
            Self::FinishJob(..) => "finish_job",
            Self::Jump(..) => "jump",
            Self::Migrate(_) => "migrate",
            Self::Reject(..) => "reject",
            Self::Release(_) => "release",
            Self::RequestInfo(..) => "request_info",
            Self::Resubmit(..) => "resubmit",
            Self::Retry(_) => "retry",
            Self::Revive(_) => "revive",
            Self::Ring(_) => "ring",
            Self::SetData(_) => "set_data",
            Self::SetStatus(..) => "set_status",
            Self::Skip(..) => "skip",
            Self::Start(_) => "start",
            Self::Transfer(..) => "transfer",
            Self::Undo(_) => "undo",
            Self::Wake(_) => "wake",
            Self::Withdraw { .. } => "withdraw",
        }
    }
}
