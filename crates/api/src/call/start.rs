//! A new instance to start.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    command::Begins,
    id::{InstanceId, MessageId, NodeKey, PersonId, Subject, TenantId, WorkflowKey},
    instance::Parent,
};

use super::Who;
use crate::{
    error::{Error, ErrorKind},
    once::Once,
};

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
    pub(crate) business_key: Option<String>,
    pub(crate) requester: Option<PersonId>,
    pub(crate) creator: Option<PersonId>,
    pub(crate) starter: Option<PersonId>,
    pub(crate) data: Arc<Value>,
    pub(crate) metadata: Arc<Value>,
    pub(crate) way: Option<NodeKey>,
    pub(crate) seed: Option<Arc<Value>>,
    pub(crate) artifact: Option<Arc<Value>>,
    pub(crate) begins: Begins,
    pub(crate) follows: bool,
    pub(crate) made: Made,
    pub(crate) once: Option<Once>,
}

/// What made the engine start an instance by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// Its id, where that is known before.
    pub(crate) id: Option<InstanceId>,
    pub(crate) parent: Option<Parent>,
    pub(crate) message: Option<MessageId>,
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
            business_key: None,
            requester: None,
            creator: None,
            starter: None,
            data: Arc::new(Value::Null),
            metadata: Arc::new(Value::Null),
            way: None,
            seed: None,
            artifact: None,
            begins: Begins::AtOnce,
            follows: false,
            made: Made::default(),
            once: None,
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

    /// The name of this request: however often it is sent, it is done once.
    #[must_use]
    pub fn once(self, once: Once) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }

    /// Makes the instance without starting it: it is pending until somebody [begins](crate::Call::begin) it.
    #[must_use]
    pub fn later(self) -> Self {
        Self {
            begins: Begins::Later,
            ..self
        }
    }

    /// The instance goes on by the newest version of its definition at each command, if every visit can
    /// stay as it is there; else it stays on the version that it has, and the notice `follow_latest`
    /// tells so. Without it, an instance runs what it began by.
    #[must_use]
    pub fn follow_latest(self) -> Self {
        Self {
            follows: true,
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

    /// What the host knows it by, an invoice's number for instance: 1 to 255 characters, which never
    /// change. Where the definition says `unique: business_key`, no two instances have the same.
    #[must_use]
    pub fn business_key(self, key: impl Into<String>) -> Self {
        Self {
            business_key: Some(key.into()),
            ..self
        }
    }

    /// Who made the subject, as the host knows: the requester, where none is named. Whoever starts
    /// need not be an admin for that, so take it from the host's own records only.
    #[must_use]
    pub fn creator(self, person: impl Into<PersonId>) -> Self {
        Self {
            creator: Some(person.into()),
            ..self
        }
    }

    /// Who began the subject, as the host knows: the requester, where none is named and nobody
    /// made it. As [`creator`](Self::creator).
    #[must_use]
    pub fn starter(self, person: impl Into<PersonId>) -> Self {
        Self {
            starter: Some(person.into()),
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

    /// The start node that is taken, by its key; the first one for people when not given.
    #[must_use]
    pub fn at(self, start: impl Into<NodeKey>) -> Self {
        Self {
            way: Some(start.into()),
            ..self
        }
    }

    /// What it is started on: any JSON value; conditions see it as `instance.seed`.
    ///
    /// # Errors
    /// When `seed` cannot be turned into JSON.
    pub fn seed(self, seed: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let seed = to_json(seed)?;
        Ok(Self {
            seed: Some(Arc::new(seed)),
            ..self
        })
    }

    /// What it is to produce, as far as it is known; conditions see it as `instance.artifact`.
    ///
    /// # Errors
    /// When `artifact` cannot be turned into JSON.
    pub fn artifact(self, artifact: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let artifact = to_json(artifact)?;
        Ok(Self {
            artifact: Some(Arc::new(artifact)),
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
