//! What a host asks the engine to do.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    command::{Answer, HandOver, Return},
    facts::FunctionFailure,
    id::{ActivationId, InstanceId, NodeKey, PersonId, Subject, TaskId, TenantId, WorkflowKey},
};

use crate::error::{Error, ErrorKind};

/// What somebody asks the engine to do with a task or an instance.
///
/// Without [`by`](Self::by) it is the host itself that acts; the host may do all, audited.
///
/// # Example
/// ```
/// # let task = signoff::TaskId::new("01900000-0000-7000-8000-000000000001".parse()?);
/// use signoff::Call;
///
/// let call = Call::approve(task).by("rita").comment("fine").form(serde_json::json!({"code": "B-1"}));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) tenant: TenantId,
    pub(crate) by: Who,
    pub(crate) target: CallTarget,
    pub(crate) verb: Verb,
    pub(crate) answer: Answer,
    pub(crate) to: Option<String>,
    pub(crate) result: Option<Result<Value, FunctionFailure>>,
}

/// Who calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Who {
    Engine,
    Host,
    Person(PersonId),
}

/// What a call is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallTarget {
    Activation(InstanceId, ActivationId),
    Instance(InstanceId),
    Task(TaskId),
}

/// What is to happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    Approve,
    Cancel,
    Claim,
    Complete,
    Delegate,
    FinishJob,
    Reject,
    Release,
    Resubmit,
    Ring,
    Wake,
}

impl Call {
    fn new(target: CallTarget, verb: Verb) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            target,
            verb,
            answer: Answer::default(),
            to: None,
            result: None,
        }
    }

    /// Says yes to a task.
    #[must_use]
    pub fn approve(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Approve)
    }

    /// Says no to a task; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn reject(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Reject)
    }

    /// Sends the instance back to a stage, [`to`](Self::to) which it goes; the task's own stage when
    /// not given. Needs a [`reason`](Self::reason).
    #[must_use]
    pub fn resubmit(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Resubmit)
    }

    /// Hands a task over [`to`](Self::to) somebody; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn delegate(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Delegate)
    }

    /// Does a task of a flow, with the fields of its form.
    #[must_use]
    pub fn complete(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Complete)
    }

    /// Takes an offered task.
    #[must_use]
    pub fn claim(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Claim)
    }

    /// Gives a claimed task back.
    #[must_use]
    pub fn release(task: TaskId) -> Self {
        Self::new(CallTarget::Task(task), Verb::Release)
    }

    /// Stops an instance; needs a [`reason`](Self::reason).
    #[must_use]
    pub fn cancel(instance: InstanceId) -> Self {
        Self::new(CallTarget::Instance(instance), Verb::Cancel)
    }

    pub(crate) fn ring(tenant: TenantId, instance: InstanceId, activation: ActivationId) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            ..Self::new(CallTarget::Activation(instance, activation), Verb::Ring)
        }
    }

    pub(crate) fn finish_job(
        tenant: TenantId,
        instance: InstanceId,
        activation: ActivationId,
        result: Result<Value, FunctionFailure>,
    ) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            result: Some(result),
            ..Self::new(
                CallTarget::Activation(instance, activation),
                Verb::FinishJob,
            )
        }
    }

    pub(crate) fn wake(tenant: TenantId, task: TaskId) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            ..Self::new(CallTarget::Task(task), Verb::Wake)
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who acts.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// A remark.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.answer.comment = Some(comment.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.answer.reason = Some(reason.into());
        self
    }

    /// The filled form, a JSON object.
    #[must_use]
    pub fn form(mut self, form: Value) -> Self {
        self.answer.form = Some(Arc::new(form));
        self
    }

    /// Where it goes: a person for a delegation, a node for a resubmission.
    #[must_use]
    pub fn to(self, to: impl Into<String>) -> Self {
        Self {
            to: Some(to.into()),
            ..self
        }
    }

    pub(crate) fn hand_over(&self) -> HandOver {
        HandOver {
            to: self.to.as_deref().map(PersonId::from),
            reason: self.answer.reason.clone().unwrap_or_default(),
        }
    }

    pub(crate) fn back(&self) -> Return {
        Return {
            to: self.to.as_deref().map(NodeKey::from),
            reason: self.answer.reason.clone().unwrap_or_default(),
        }
    }
}

/// A new instance to start.
///
/// # Example
/// ```
/// use signoff::Start;
///
/// let start = Start::of("purchase_request")
///     .subject("purchase_request", 17)
///     .data(&serde_json::json!({"title": "Chairs", "amount": 1200}))?
///     .by("ann");
/// # Ok::<(), signoff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Start {
    pub(crate) tenant: TenantId,
    pub(crate) by: Who,
    pub(crate) workflow: WorkflowKey,
    pub(crate) version: Option<u32>,
    pub(crate) subject: Option<Subject>,
    pub(crate) requester: Option<PersonId>,
    pub(crate) data: Arc<Value>,
    pub(crate) metadata: Arc<Value>,
}

impl Start {
    /// An instance of the newest version of a workflow, without data.
    #[must_use]
    pub fn of(workflow: impl Into<WorkflowKey>) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            workflow: workflow.into(),
            version: None,
            subject: None,
            requester: None,
            data: Arc::new(Value::Null),
            metadata: Arc::new(Value::Null),
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who starts it, and asks for it unless [`requester`](Self::requester) says otherwise.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// A version other than the newest.
    #[must_use]
    pub fn version(self, version: u32) -> Self {
        Self {
            version: Some(version),
            ..self
        }
    }

    /// The host's business object that it is about.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and callers read better without `&`"
    )]
    pub fn subject(self, kind: impl Into<String>, id: impl ToString) -> Self {
        Self {
            subject: Some(Subject {
                kind: kind.into(),
                id: id.to_string(),
            }),
            ..self
        }
    }

    /// In whose name it is started; only the host and admins may name somebody else.
    #[must_use]
    pub fn requester(self, person: impl Into<PersonId>) -> Self {
        Self {
            requester: Some(person.into()),
            ..self
        }
    }

    /// Its data.
    ///
    /// # Errors
    /// When `data` cannot be turned into JSON.
    pub fn data(self, data: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let data = to_json(data)?;
        Ok(Self {
            data: Arc::new(data),
            ..self
        })
    }

    /// What the host notes; at most 256 KiB of JSON.
    ///
    /// # Errors
    /// When `metadata` cannot be turned into JSON.
    pub fn metadata(self, metadata: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let metadata = to_json(metadata)?;
        Ok(Self {
            metadata: Arc::new(metadata),
            ..self
        })
    }
}

fn to_json(value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::Serialization, "failed to turn data into JSON").caused_by(error)
    })
}
