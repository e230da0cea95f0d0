//! What somebody wants to happen.

mod migration;
mod one_off;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use self::{
    migration::{Migration, Removed},
    one_off::OneOff,
};

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
    /// Asks one person more.
    AddApprover(TaskRef, HandOver),
    /// Opens one more branch of a split that is open, or one more child of a subprocess.
    AddBranch(NodeKey, Arc<Value>),
    /// Says yes to a task.
    Approve(TaskRef, Answer),
    /// Answers a question.
    Answer(TaskRef, String),
    /// Gives a task to a person; only managers do.
    Assign(TaskRef, HandOver),
    /// Begins an instance that was attached before.
    Begin,
    /// Stops the instance.
    Cancel {
        /// Why; required.
        reason: String,
        /// Whether somebody may be in the middle of a task.
        force: Force,
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
    /// Asks the directory again who is asked, where the members are live.
    FollowMembers(TaskRef),
    /// Stops the clock of the instance, and everything in it, perhaps for a reason.
    Hold(Option<String>),
    /// Moves a token to another node; the whole instance when no activation is named.
    Jump(Option<Place>, Return),
    /// Goes on by another version of the definition.
    Migrate(Box<Migration>),
    /// Gives the task of somebody who has left the organization to somebody else.
    PersonLeft(TaskRef, PersonId),
    /// Says no to a task.
    Reject(TaskRef, Answer),
    /// Gives a claimed task back to the others.
    Release(TaskRef),
    /// Asks one person less.
    RemoveApprover(TaskRef, HandOver),
    /// Fires the earliest boundary timer of an activation that has come.
    Ring(ActivationId),
    /// Asks somebody something before a task is decided; the requester where nobody is named.
    RequestInfo(TaskRef, HandOver),
    /// Sends the instance back to a stage, which opens anew.
    Resubmit(TaskRef, Return),
    /// Lets an instance on hold go on.
    Resume,
    /// Lets a suspended task go on.
    ResumeTask(TaskRef),
    /// Gives a stage back to the requester, for a reason; it opens anew once they have corrected
    /// what they asked for.
    Return(TaskRef, String),
    /// Tries a failed activation again.
    Retry(Place),
    /// Puts a failed activation's token, or a parked one, on its node anew.
    Revive(Place),
    /// Runs an action once, beside what the definition says.
    RunAction(OneOff),
    /// Keeps what is filled of the form of a task, or drops it.
    SaveDraft(TaskRef, Option<Arc<Value>>),
    /// Sets keys of the data.
    SetData(Map<String, Value>),
    /// Gives a step a status.
    SetStatus(TaskRef, StatusChange),
    /// Sets keys of the metadata; those that are null go.
    SetMetadata(Map<String, Value>),
    /// Leaves an activation out: its token goes on as if it had completed.
    Skip(Place, String),
    /// Puts a task out of sight until a moment.
    Snooze(TaskRef, Option<Timestamp>),
    /// Begins an instance.
    Start(Box<Start>),
    /// Hands a task over for good: the vote goes along.
    Transfer(TaskRef, HandOver),
    /// Begins to work on a task.
    StartWork(TaskRef),
    /// Stops the clock of a task, on which nobody may act then, perhaps for a reason.
    Suspend(TaskRef, Option<String>),
    /// Takes a completed visit back; its token is parked on it.
    Undo(Place),
    /// Puts a snoozed task in sight before its moment.
    Unsnooze(TaskRef),
    /// Fires the earliest timer of a task that has come.
    Wake(TaskRef),
    /// Takes the request back.
    Withdraw {
        /// Why; required.
        reason: String,
    },
}

/// Whether an instance may be stopped while somebody works on a task of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Force {
    /// It may not.
    #[default]
    No,
    /// It may.
    Yes,
}

/// When a new instance begins.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Begins {
    /// At once.
    #[default]
    AtOnce,
    /// When somebody says so.
    Later,
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
    /// Where a no sends the instance, where the definition leaves the choice.
    pub to: Option<NodeKey>,
}

/// The status that a step gets, and what is said with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusChange {
    /// The key of the status.
    pub status: String,
    /// The step to go on to, where several are possible; the first whose condition holds when not
    /// given.
    pub to: Option<NodeKey>,
    /// Keys of the instance's metadata to set; only those that a transition of the step requires.
    pub metadata: Map<String, Value>,
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
    /// What the host knows it by, an invoice's number for instance.
    pub business_key: Option<String>,
    /// Who asks for it; the person who starts it when not given.
    pub requester: Option<PersonId>,
    /// Whom the host says the subject is from: who made it, else who began it. The requester when
    /// none is given, whoever starts.
    pub from: Option<PersonId>,
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
    /// Whether it begins at once.
    pub begins: Begins,
    /// Whether it goes on by the newest version at each command, where it can.
    pub follows: bool,
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
            business_key: None,
            requester: None,
            from: None,
            data: Arc::default(),
            metadata: Arc::default(),
            start: None,
            parent: None,
            seed: None,
            artifact: None,
            message: None,
            begins: Begins::AtOnce,
            follows: false,
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
            Self::AddApprover(task, _)
            | Self::Answer(task, _)
            | Self::Approve(task, _)
            | Self::Assign(task, _)
            | Self::Claim(task)
            | Self::Comment(Some(task), _)
            | Self::Complete(task, _)
            | Self::Delegate(task, _)
            | Self::Escalate(task, _)
            | Self::FollowMembers(task)
            | Self::PersonLeft(task, _)
            | Self::Reject(task, _)
            | Self::Release(task)
            | Self::RemoveApprover(task, _)
            | Self::RequestInfo(task, _)
            | Self::Resubmit(task, _)
            | Self::Return(task, _)
            | Self::SetStatus(task, _)
            | Self::Transfer(task, _)
            | Self::ResumeTask(task)
            | Self::SaveDraft(task, _)
            | Self::Snooze(task, _)
            | Self::StartWork(task)
            | Self::Suspend(task, _)
            | Self::Unsnooze(task)
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

    /// Whether the instance begins with it: now, or when it was attached before.
    #[must_use]
    pub fn begins(&self) -> bool {
        matches!(self, Self::Begin | Self::Start(_))
    }

    /// The stable name, snake_case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AddApprover(..) => "add_approver",
            Self::AddBranch(..) => "add_branch",
            Self::Answer(..) => "answer",
            Self::Approve(..) => "approve",
            Self::Assign(..) => "assign",
            Self::Begin => "begin",
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
            Self::FollowMembers(_) => "follow_members",
            Self::Hold(_) => "hold",
            Self::Jump(..) => "jump",
            Self::Migrate(_) => "migrate",
            Self::PersonLeft(..) => "person_left",
            Self::Reject(..) => "reject",
            Self::Release(_) => "release",
            Self::RequestInfo(..) => "request_info",
            Self::RemoveApprover(..) => "remove_approver",
            Self::Resubmit(..) => "resubmit",
            Self::Resume => "resume",
            Self::ResumeTask(_) => "resume_task",
            Self::Retry(_) => "retry",
            Self::Return(..) => "return",
            Self::Revive(_) => "revive",
            Self::Ring(_) => "ring",
            Self::RunAction(_) => "run_action",
            Self::SaveDraft(..) => "save_draft",
            Self::SetData(_) => "set_data",
            Self::SetStatus(..) => "set_status",
            Self::SetMetadata(_) => "set_metadata",
            Self::Skip(..) => "skip",
            Self::Snooze(..) => "snooze",
            Self::Start(_) => "start",
            Self::Transfer(..) => "transfer",
            Self::StartWork(_) => "start_work",
            Self::Suspend(..) => "suspend",
            Self::Undo(_) => "undo",
            Self::Unsnooze(_) => "unsnooze",
            Self::Wake(_) => "wake",
            Self::Withdraw { .. } => "withdraw",
        }
    }
}
