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
    /// When jobs of all tenants are claimed, the one that had the last turn: those behind it, in their
    /// order, come first. [`last_turn`](Self::last_turn) gives it for the next claim.
    pub behind: Option<TenantId>,
    /// The moment of the caller: jobs due until then are runnable.
    pub now: Timestamp,
    /// Until when a claim holds; then others may claim the job again.
    pub until: Timestamp,
    /// At most so many jobs.
    pub limit: u32,
}

impl Lease {
    /// Whose turn was the last one among what was claimed; that of the claim before when nothing was.
    #[must_use]
    pub fn last_turn(&self, claimed: &[ClaimedJob]) -> Option<TenantId> {
        let turn = |tenant: &TenantId| {
            let is_round = self.behind.as_ref().is_some_and(|behind| tenant <= behind);
            (is_round, tenant.clone())
        };
        let turns = claimed.iter().map(|claimed| turn(&claimed.job.tenant));
        let last = turns.max().map(|(_, tenant)| tenant);
        last.or_else(|| self.behind.clone())
    }

    /// How many more jobs go to those of so many tenants that have more than their share.
    pub(crate) fn left(&self, tenants: usize, claimed: usize) -> u32 {
        // A claim that is over at once would be given twice.
        if tenants < 2 || claimed == 0 || self.until <= self.now {
            return 0;
        }
        let claimed = u32::try_from(claimed).unwrap_or(u32::MAX);
        self.limit.saturating_sub(claimed)
    }

    /// The share of each of so many tenants that have their turn in one claim.
    pub(crate) fn share(&self, tenants: usize) -> u32 {
        let tenants = u32::try_from(tenants).unwrap_or(u32::MAX);
        self.limit.div_ceil(tenants.max(1)).max(1)
    }
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
    /// Claims runnable jobs, of one tenant or of all; given in order of due moment, then id. A job that
    /// failed for good, or is under a lease that still holds, is not runnable. Of one instance, only the
    /// earliest runnable job is given at a time.
    ///
    /// Of one tenant, those that are due first are claimed. Of all, the tenants that have something due
    /// go round: each that has its turn in this claim gets the same share, and what some leave of theirs
    /// goes to the others. So a tenant with many jobs keeps nobody else's waiting.
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
