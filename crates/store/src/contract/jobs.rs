//! Durable work for workers.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{IncidentRow, JobRow, JobWork},
    id::{InstanceId, JobId, TenantId},
};

use crate::error::Result;

/// How jobs are claimed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lease {
    /// Only jobs of this tenant; of all when `None`.
    pub tenant: Option<TenantId>,
    /// The moment of the caller: jobs due until then are runnable.
    pub now: Timestamp,
    /// Until when a claim holds; then others may claim the job again.
    pub until: Timestamp,
    /// At most so many jobs.
    pub limit: u32,
}

/// A job under a lease.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    /// The job.
    pub job: JobRow,
    /// Attempts before this one.
    pub failed: u32,
    /// The fencing token: a later claim has a greater one, and only the latest may finish the job.
    pub token: u64,
}

/// A job as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSummary {
    /// The job.
    pub job: JobRow,
    /// Attempts that failed.
    pub failed: u32,
    /// Until when somebody works on it, if anybody does or did.
    pub leased_until: Option<Timestamp>,
    /// Whether it gave up: it has an incident of its id, and runs again only when an operator says so.
    pub parked: bool,
}

/// Why a job gave up.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What an operator sees.
    pub incident: IncidentRow,
    /// What is left to do when it is let run again; all of it when `None`.
    pub left: Option<JobWork>,
}

/// Claiming and finishing jobs. Jobs are added and dropped by commits only.
#[async_trait]
pub trait Jobs {
    /// Claims runnable jobs, of one tenant or of all, in order of due moment, then id. A job that failed for
    /// good, or is under a lease that still holds, is not runnable. Of one instance, only the
    /// earliest runnable job is given at a time.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn claim(&self, lease: Lease) -> Result<Vec<ClaimedJob>>;

    /// Drops a finished job; `false` when the token is not the latest or the job is gone.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn finish(&self, tenant: &TenantId, job: JobId, token: u64) -> Result<bool>;

    /// Lets a claim hold until `until` while its job goes on. `false`, and nothing changes, when the
    /// token is not the latest or the job is gone: somebody else may have it.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn extend(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        until: Timestamp,
    ) -> Result<bool>;

    /// Gives a job back to be tried again at `due`, with `work` in place of its own and `failed`
    /// failed attempts; the token is spent. `false` when it is not the latest or the job is gone.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn retry(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        due: Timestamp,
        failed: u32,
        work: &JobWork,
    ) -> Result<bool>;

    /// Parks a job that gave up, with its incident, in one transaction; it is kept for an operator
    /// but no longer runnable. `false` when the token is not the latest or the job is gone.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn give_up(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        failure: &Failure,
    ) -> Result<bool>;

    /// Lets a job that gave up run again, due now and with no attempt made yet, and takes its incident
    /// away, in one transaction; `false` when no such job has given up.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn unpark(&self, tenant: &TenantId, job: JobId, now: Timestamp) -> Result<bool>;

    /// Every job of an instance, by due moment, then id, those that gave up last; nothing is claimed.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn jobs_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<JobSummary>>;

    /// When the next runnable job is due, of one tenant or of all, leases disregarded; `None` when
    /// there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn next_due(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>>;
}
