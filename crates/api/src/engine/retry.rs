//! Retry: what gave up is tried again, when an operator says so.

use jiff::Timestamp;
use signoff_core::{
    change::{IncidentRow, JobWork},
    id::{IncidentId, InstanceId, JobId, PersonId, TenantId},
    instance::InstanceStatus,
    machine::may_manage,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{IncidentFilter, JobSummary, PageRequest};

use crate::{
    call::{Call, Who},
    engine::{Attempt, Engine, InstanceView, door},
    error::{Error, NotDone},
    once::Once,
};

/// What gave up and is to be tried again: a job, or what an incident tells of.
///
/// # Example
/// ```
/// use signoff::{Retry, core::id::IncidentId};
///
/// # fn of(incident: IncidentId) -> Retry {
/// Retry::incident(incident).by("max")
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Retry {
    tenant: TenantId,
    by: Who,
    /// The incident: that of a job has the id of the job.
    incident: IncidentId,
    only_job: bool,
    once: Option<Once>,
    /// A job that gave up after this was tried already.
    tried_since: Option<Timestamp>,
}

impl Retry {
    /// The job that gave up.
    #[must_use]
    pub fn job(job: JobId) -> Self {
        Self {
            only_job: true,
            ..Self::incident(IncidentId::new(job.uuid()))
        }
    }

    /// The job or the node that the incident tells of.
    #[must_use]
    pub fn incident(incident: IncidentId) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            incident,
            only_job: false,
            once: None,
            tried_since: None,
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

    /// The person who says so: a manager of the instance, or an admin. The host when not given.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// As an attempt at a request of that name, in [`Engine::once`]: what an earlier attempt tried again
    /// is not tried once more.
    #[must_use]
    pub fn attempt(self, once: &Once, attempt: &Attempt) -> Self {
        Self {
            once: Some(once.part("retry")),
            tried_since: (attempt.before > 0).then_some(attempt.begun_at),
            ..self
        }
    }
}

impl Engine {
    /// Tries again what gave up; gives its instance. A job runs anew, as if no attempt had been made,
    /// under its own id; a failed node is retried as by [`Call::retry`]. The incident is over.
    ///
    /// # Errors
    /// Refused: `not_found` when there is no such incident, or no such job has given up;
    /// `not_permitted`; `on_hold` for a timer or a job of a node; `not_revivable` when the incident
    /// tells of something that is not tried again; whatever the retry of a node is refused with.
    /// Failed: store or directory.
    pub async fn retry(&self, retry: Retry) -> Result<InstanceId, NotDone> {
        door::tenant(&retry.tenant)?;
        door::by(&retry.by)?;
        let Some(incident) = self.incident(&retry.tenant, retry.incident).await? else {
            return Err(refuse(RefusalCode::NotFound, "there is no such incident"));
        };
        let Some(view) = self.instance(&retry.tenant, incident.instance).await? else {
            return Err(refuse(RefusalCode::NotFound, "there is no such instance"));
        };
        self.may_retry(&retry, &view).await?;
        if retry.tried_since.is_some_and(|at| incident.opened_at > at) {
            return Ok(incident.instance);
        }
        if let Some(job) = self.parked(&incident).await? {
            self.unpark(&job, &view).await?;
            return Ok(incident.instance);
        }
        if retry.only_job {
            return Err(refuse(RefusalCode::NotFound, "no such job has given up"));
        }
        let mut activations = view.instance.activations();
        let failed = activations.find(|activation| activation.incident() == Some(incident.id));
        let Some(failed) = failed else {
            let message = format!("nothing is tried again after `{}`", incident.code);
            return Err(refuse(RefusalCode::NotRevivable, message));
        };
        let mut call = Call::retry(incident.instance, failed.id).tenant(retry.tenant);
        call.by = retry.by;
        call.once = retry.once;
        self.call(call).await?;
        Ok(incident.instance)
    }

    /// An incident that is open; `None` when the tenant has none of that id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn incident(
        &self,
        tenant: &TenantId,
        id: IncidentId,
    ) -> Result<Option<IncidentRow>, Error> {
        let filter = IncidentFilter {
            id: Some(id),
            ..IncidentFilter::default()
        };
        let page = PageRequest::default();
        let store = &self.inner().store;
        Ok(store.incidents(tenant, &filter, &page).await?.items.pop())
    }

    async fn may_retry(&self, retry: &Retry, view: &InstanceView) -> Result<(), NotDone> {
        let Who::Person(id) = &retry.by else {
            return Ok(());
        };
        let person = self.person(&retry.tenant, id).await?;
        let graph = &view.definition.graph;
        if person.is_some_and(|person| may_manage(graph, &person)) {
            return Ok(());
        }
        let message = format!("`{id}` does not manage `{}`", graph.key());
        Err(refuse(RefusalCode::NotPermitted, message))
    }

    /// The job that the incident tells of.
    async fn parked(&self, incident: &IncidentRow) -> Result<Option<JobSummary>, Error> {
        let store = &self.inner().store;
        let jobs = store.jobs_of(&incident.tenant, incident.instance).await?;
        let id = JobId::new(incident.id.uuid());
        Ok(jobs.into_iter().find(|job| job.parked && job.job.id == id))
    }

    async fn unpark(&self, job: &JobSummary, view: &InstanceView) -> Result<(), NotDone> {
        let held = matches!(view.instance.status(), InstanceStatus::OnHold(_));
        if held && !matches!(job.job.work, JobWork::Actions(_)) {
            return Err(refuse(RefusalCode::OnHold, "the instance is on hold"));
        }
        let now = self.inner().clock.now();
        let store = &self.inner().store;
        if !store.unpark(&job.job.tenant, job.job.id, now).await? {
            return Err(refuse(RefusalCode::NotFound, "no such job has given up"));
        }
        tracing::info!(job = %job.job.id, instance = %job.job.instance, "a job is tried again");
        self.nudge();
        Ok(())
    }
}

fn refuse(code: RefusalCode, message: impl Into<String>) -> NotDone {
    NotDone::Refused(Refusal::new(code, message))
}
