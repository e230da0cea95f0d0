//! Signals: heard by all who wait for them at that moment.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    change::{SubscriptionKind, SubscriptionRow},
    command::Delivery,
    graph::Trigger,
    id::{InstanceId, JobId, NodeKey, PersonId, TenantId, WorkflowKey},
    refusal::RefusalCode,
};
use signoff_store::SubscriberFilter;

use crate::{
    call::{Call, Made, Start, Who},
    engine::{
        Engine, door, is_conflict,
        messages::{check_sizes, object, to_json},
        schedules::derived,
    },
    error::{Error, NotDone},
};

/// How many who wait are looked at together.
const PAGE: u32 = 100;

/// A signal for all who wait for it at this moment.
///
/// # Example
/// ```
/// use signoff::Signal;
///
/// let closed = Signal::new("year_closed");
/// ```
#[derive(Clone, Debug)]
pub struct Signal {
    tenant: TenantId,
    by: Who,
    name: String,
    payload: Value,
}

/// A throw by an instance, which is told by a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throw {
    /// When.
    pub(crate) at: Timestamp,
    /// The job, made in the command that threw it.
    pub(crate) job: JobId,
}

impl Signal {
    /// A signal of that name, without payload.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            name: name.into(),
            payload: Value::Null,
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

    /// The person who throws it: it reaches the instances that the person manages.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// When `payload` cannot be turned into JSON.
    pub fn payload(self, payload: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let payload = to_json(payload)?;
        Ok(Self { payload, ..self })
    }

    pub(crate) fn thrown(tenant: TenantId, name: String, payload: Value) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            name,
            payload,
        }
    }
}

impl Engine {
    /// Throws a signal; gives how many heard it: activations that waited, and workflows that began.
    ///
    /// What follows in the instances that hear it is not the caller's: a node that fails there waits
    /// with an incident.
    ///
    /// # Errors
    /// Refused: `limit_exceeded`; `conflict` when an instance that waits was changed by others again and
    /// again: all others have heard it. Failed: store or directory.
    pub async fn signal(&self, signal: Signal) -> Result<usize, NotDone> {
        let now = self.inner().clock.now();
        let waiting = self.hearers(&signal, now).await?;
        let heard = self.tell(&signal, waiting).await?;
        Ok(heard + self.start_by_signal(&signal, None).await?)
    }

    /// Tells what an instance threw, once more if need be: nobody hears it twice.
    pub(crate) async fn signal_of(&self, signal: Signal, throw: Throw) -> Result<(), NotDone> {
        let mut waiting = self.hearers(&signal, throw.at).await?;
        // Ids of one command count up: what began after the throw in it did not wait yet.
        waiting
            .retain(|found| found.since < throw.at || found.activation.uuid() < throw.job.uuid());
        self.tell(&signal, waiting).await?;
        self.start_by_signal(&signal, Some(throw.job)).await?;
        Ok(())
    }

    /// All who wait since `until` or longer, before any of them moves: one that comes back hears the
    /// next one only.
    async fn hearers(
        &self,
        signal: &Signal,
        until: Timestamp,
    ) -> Result<Vec<SubscriptionRow>, NotDone> {
        door::tenant(&signal.tenant)?;
        door::by(&signal.by)?;
        check_sizes(&signal.name, "", None)?;
        self.check_size(&signal.payload)?;
        let mut filter = SubscriberFilter {
            tenant: signal.tenant.clone(),
            kind: SubscriptionKind::Signal,
            name: signal.name.clone(),
            key: None,
            until,
            after: None,
            limit: PAGE,
        };
        let mut waiting = Vec::new();
        loop {
            let page = self.inner().store.subscribers(&filter).await?;
            let Some(last) = page.last() else {
                return Ok(waiting);
            };
            filter.after = Some((last.since, last.activation));
            waiting.extend(page);
        }
    }

    /// Tells each; gives how many heard it.
    async fn tell(&self, signal: &Signal, waiting: Vec<SubscriptionRow>) -> Result<usize, NotDone> {
        let mut heard = 0;
        let mut missed = None;
        for hearer in waiting {
            let delivery = Delivery {
                kind: SubscriptionKind::Signal,
                name: signal.name.clone(),
                message: None,
                payload: signal.payload.clone(),
            };
            let mut call = Call::deliver(hearer.instance, hearer.activation, delivery)
                .tenant(signal.tenant.clone());
            call.by = signal.by.clone();
            match self.call(call).await {
                Ok(_) => heard += 1,
                Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::Conflict => {
                    missed = Some(refusal);
                }
                Err(NotDone::Refused(refusal)) => {
                    tracing::debug!(%refusal, "a signal is not heard");
                }
                Err(failed) => return Err(failed),
            }
        }
        match missed {
            Some(refusal) => Err(NotDone::Refused(refusal)),
            None => Ok(heard),
        }
    }

    /// Starts what begins with the signal; gives how many began. What a job began before does not
    /// begin again.
    async fn start_by_signal(&self, signal: &Signal, job: Option<JobId>) -> Result<usize, NotDone> {
        if let Who::Person(_) = signal.by {
            return Ok(0);
        }
        let begins =
            |trigger: &Trigger| matches!(trigger, Trigger::Signal(name) if *name == signal.name);
        let mut started = 0;
        for (workflow, way) in self.starts_with(&signal.tenant, begins).await? {
            let id = job.map(|job| begun_by(job, &workflow, &way));
            let mut start = Start::of(workflow).tenant(signal.tenant.clone()).at(way);
            start.by = Who::Engine;
            start.data = std::sync::Arc::new(object(signal.payload.clone()));
            start.made = Made {
                id,
                ..Made::default()
            };
            match self.start(start).await {
                Ok(_) => started += 1,
                Err(NotDone::Refused(refusal)) => {
                    tracing::warn!(%refusal, signal = %signal.name, "a signal starts nothing");
                }
                Err(NotDone::Failed(error)) if job.is_some() && is_conflict(&error) => {}
                Err(failed) => return Err(failed),
            }
        }
        Ok(started)
    }
}

/// The id of the instance that one throw begins in one way.
fn begun_by(job: JobId, workflow: &WorkflowKey, way: &NodeKey) -> InstanceId {
    derived(&[&job.to_string(), workflow.as_str(), way.as_str()])
}
