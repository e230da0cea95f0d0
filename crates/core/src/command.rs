//! What somebody wants to happen.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    facts::FunctionFailure,
    id::{ActivationId, DefinitionId, InstanceId, NodeKey, PersonId, Subject, TaskId, TenantId},
    instance::Task,
};

/// What somebody wants to happen to one instance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Says yes to a task.
    Approve(TaskRef, Answer),
    /// Stops the instance.
    Cancel {
        /// Why; required.
        reason: String,
    },
    /// Takes an offered task.
    Claim(TaskRef),
    /// Does a task of a flow, with the fields of its form.
    Complete(TaskRef, Answer),
    /// Hands a task over; vote and separation of duties stay the delegator's too.
    Delegate(TaskRef, HandOver),
    /// Tells what a job node came to; only the engine does.
    FinishJob(ActivationId, Result<Value, FunctionFailure>),
    /// Says no to a task.
    Reject(TaskRef, Answer),
    /// Gives a claimed task back to the others.
    Release(TaskRef),
    /// Fires the earliest boundary timer of an activation that has come.
    Ring(ActivationId),
    /// Sends the instance back to a stage, which opens anew.
    Resubmit(TaskRef, Return),
    /// Begins an instance.
    Start(Box<Start>),
    /// Fires the earliest timer of a task that has come.
    Wake(TaskRef),
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

/// To whom a task goes, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HandOver {
    /// Who gets it.
    pub to: Option<PersonId>,
    /// Why; required.
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
            Self::Approve(task, _)
            | Self::Claim(task)
            | Self::Complete(task, _)
            | Self::Delegate(task, _)
            | Self::Reject(task, _)
            | Self::Release(task)
            | Self::Resubmit(task, _)
            | Self::Wake(task) => Some(*task),
            Self::Cancel { .. } | Self::FinishJob(..) | Self::Ring(_) | Self::Start(_) => None,
        }
    }

    /// The activation that it is about, when it is about no task.
    #[must_use]
    pub const fn activation(&self) -> Option<ActivationId> {
        match self {
            Self::FinishJob(activation, _) | Self::Ring(activation) => Some(*activation),
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
            Self::Approve(..) => "approve",
            Self::Cancel { .. } => "cancel",
            Self::Claim(_) => "claim",
            Self::Complete(..) => "complete",
            Self::Delegate(..) => "delegate",
            Self::FinishJob(..) => "finish_job",
            Self::Reject(..) => "reject",
            Self::Release(_) => "release",
            Self::Resubmit(..) => "resubmit",
            Self::Ring(_) => "ring",
            Self::Start(_) => "start",
            Self::Wake(_) => "wake",
        }
    }
}
