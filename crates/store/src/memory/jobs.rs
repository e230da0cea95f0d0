//! Jobs in memory.

use std::{collections::BTreeSet, ops::Bound};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{JobRow, JobWork},
    id::{IncidentId, InstanceId, JobId, TenantId},
};
use uuid::Uuid;

use crate::{
    contract::{ClaimedJob, Failure, JobSummary, Jobs, Lease},
    error::Result,
    memory::{MemoryStore, books::Books},
};

/// A job and where it stands.
#[derive(Clone, Debug)]
pub(super) struct KeptJob {
    job: JobRow,
    failed: u32,
    token: u64,
    leased_until: Option<Timestamp>,
    parked: bool,
}

impl KeptJob {
    fn is_leased(&self, now: Timestamp) -> bool {
        self.leased_until.is_some_and(|until| until > now)
    }
}

impl Books {
    /// Adds a job, or replaces it where the id exists; a worker of the old one cannot finish it.
    pub(super) fn put_job(&mut self, job: JobRow, version: u64) {
        let old = self.drop_job(&job.tenant, job.id);
        let first = version << 16;
        self.keep_job(KeptJob {
            job,
            failed: 0,
            token: old.map_or(first, |old| first.max(old.token + 1)),
            leased_until: None,
            parked: false,
        });
    }

    pub(super) fn drop_job(&mut self, tenant: &TenantId, id: JobId) -> Option<KeptJob> {
        let kept = self.jobs.remove(&(tenant.clone(), id))?;
        self.runnable.remove(&(tenant.clone(), kept.job.due_at, id));
        if let Some(instance) = self.instances.get_mut(&(tenant.clone(), kept.job.instance)) {
            instance.jobs.remove(&(kept.job.due_at, id));
        }
        Some(kept)
    }

    fn keep_job(&mut self, kept: KeptJob) {
        let (tenant, id, due) = (kept.job.tenant.clone(), kept.job.id, kept.job.due_at);
        if !kept.parked {
            self.runnable.insert((tenant.clone(), due, id));
            if let Some(instance) = self.instances.get_mut(&(tenant.clone(), kept.job.instance)) {
                instance.jobs.insert((due, id));
            }
        }
        self.jobs.insert((tenant, id), kept);
    }

    /// Takes the job out if the token is its latest.
    fn take_job(&mut self, tenant: &TenantId, id: JobId, token: u64) -> Option<KeptJob> {
        let kept = self.jobs.get(&(tenant.clone(), id))?;
        if kept.parked || kept.token != token {
            return None;
        }
        self.drop_job(tenant, id)
    }

    fn claim(&mut self, lease: &Lease) -> Vec<ClaimedJob> {
        let tenants = self.turns(lease);
        let mut claimed = Vec::new();
        self.claim_of(
            lease,
            &tenants,
            (lease.share(tenants.len()), lease.limit),
            &mut claimed,
        );
        let left = lease.left(tenants.len(), claimed.len());
        self.claim_of(lease, &tenants, (left, left), &mut claimed);
        claimed.sort_unstable_by_key(|claimed| (claimed.job.due_at, claimed.job.id));
        claimed
    }

    /// Claims jobs of tenants: of each so many at most, and so many of all.
    fn claim_of(
        &mut self,
        lease: &Lease,
        tenants: &[TenantId],
        (each, all): (u32, u32),
        claimed: &mut Vec<ClaimedJob>,
    ) {
        let [each, mut left] = [each, all].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        for tenant in tenants {
            let free = self.free(lease.now, tenant).take(left.min(each));
            let free: Vec<_> = free.collect();
            left = left.saturating_sub(free.len());
            claimed.extend(free.into_iter().filter_map(|id| {
                let kept = self.jobs.get_mut(&(tenant.clone(), id))?;
                kept.token += 1;
                kept.leased_until = Some(lease.until);
                Some(ClaimedJob {
                    job: kept.job.clone(),
                    failed: kept.failed,
                    token: kept.token,
                })
            }));
        }
    }

    /// The tenants whose turn it is: those that have something due, at most as many as jobs are claimed.
    fn turns(&self, lease: &Lease) -> Vec<TenantId> {
        if let Some(only) = &lease.tenant {
            return vec![only.clone()];
        }
        let mut tenants: Vec<_> = self
            .tenants_with_jobs()
            .filter(|tenant| {
                self.due(lease.now, tenant)
                    .any(|(due, id)| self.is_next(lease.now, due, id, tenant))
            })
            .collect();
        let behind = lease.behind.as_ref().map_or("", TenantId::as_str);
        let is_behind = |tenant: &TenantId| tenant.as_str() > behind;
        let (first, then): (Vec<_>, _) = tenants.drain(..).partition(is_behind);
        let limit = usize::try_from(lease.limit).unwrap_or(usize::MAX);
        first.into_iter().chain(then).take(limit).collect()
    }

    /// The tenants that have jobs that did not give up, in their order.
    fn tenants_with_jobs(&self) -> impl Iterator<Item = TenantId> {
        let tenant_of = |key: &(TenantId, Timestamp, JobId)| key.0.clone();
        let first = self.runnable.first().map(tenant_of);
        std::iter::successors(first, move |tenant| {
            let last = (tenant.clone(), Timestamp::MAX, JobId::new(Uuid::max()));
            let behind = (Bound::Excluded(last), Bound::Unbounded);
            self.runnable.range(behind).next().map(tenant_of)
        })
    }

    /// The jobs of a tenant that are due, in order.
    fn due(&self, now: Timestamp, tenant: &TenantId) -> impl Iterator<Item = (Timestamp, JobId)> {
        let first = (tenant.clone(), Timestamp::MIN, JobId::new(Uuid::nil()));
        let last = (tenant.clone(), now, JobId::new(Uuid::max()));
        let due = self.runnable.range(first..=last);
        due.map(|(_, due, id)| (*due, *id))
    }

    /// The jobs of a tenant that may be claimed, in order.
    fn free(&self, now: Timestamp, tenant: &TenantId) -> impl Iterator<Item = JobId> {
        let due = self.due(now, tenant);
        let free = due.filter(move |(due, id)| self.is_next(now, *due, *id, tenant));
        free.map(|(_, id)| id)
    }

    /// Whether a job comes first in its instance and none of the instance is under a lease.
    fn is_next(&self, now: Timestamp, due: Timestamp, id: JobId, tenant: &TenantId) -> bool {
        let key = |id| (tenant.clone(), id);
        let Some(kept) = self.jobs.get(&key(id)) else {
            return false;
        };
        let none = BTreeSet::new();
        let others = self
            .instances
            .get(&(tenant.clone(), kept.job.instance))
            .map_or(&none, |instance| &instance.jobs);
        let leased = |id| {
            self.jobs
                .get(&key(id))
                .is_some_and(|job| job.is_leased(now))
        };
        !kept.is_leased(now)
            && others.first().is_none_or(|first| *first == (due, id))
            && !others.iter().any(|(_, id)| leased(*id))
    }
}

#[async_trait]
impl Jobs for MemoryStore {
    async fn claim(&self, lease: Lease) -> Result<Vec<ClaimedJob>> {
        Ok(self.books().claim(&lease))
    }

    async fn finish(&self, tenant: &TenantId, job: JobId, token: u64) -> Result<bool> {
        Ok(self.books().take_job(tenant, job, token).is_some())
    }

    async fn extend(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        until: Timestamp,
    ) -> Result<bool> {
        let mut books = self.books();
        let kept = books.jobs.get_mut(&(tenant.clone(), job));
        let Some(kept) = kept.filter(|kept| !kept.parked && kept.token == token) else {
            return Ok(false);
        };
        kept.leased_until = Some(until);
        Ok(true)
    }

    async fn retry(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        due: Timestamp,
        failed: u32,
        work: &JobWork,
    ) -> Result<bool> {
        let mut books = self.books();
        let Some(mut kept) = books.take_job(tenant, job, token) else {
            return Ok(false);
        };
        kept.job.due_at = due;
        kept.job.work = work.clone();
        kept.failed = failed;
        kept.token += 1;
        kept.leased_until = None;
        books.keep_job(kept);
        Ok(true)
    }

    async fn give_up(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        failure: &Failure,
    ) -> Result<bool> {
        let mut books = self.books();
        let Some(mut kept) = books.take_job(tenant, job, token) else {
            return Ok(false);
        };
        kept.parked = true;
        kept.leased_until = None;
        if let Some(left) = &failure.left {
            kept.job.work = left.clone();
        }
        books.keep_job(kept);
        books.put_incident(failure.incident.clone());
        Ok(true)
    }

    async fn unpark(&self, tenant: &TenantId, job: JobId, now: Timestamp) -> Result<bool> {
        let mut books = self.books();
        let key = (tenant.clone(), job);
        if !books.jobs.get(&key).is_some_and(|kept| kept.parked) {
            return Ok(false);
        }
        if let Some(mut kept) = books.drop_job(tenant, job) {
            kept.job.due_at = now;
            kept.failed = 0;
            kept.token += 1;
            kept.parked = false;
            books.keep_job(kept);
        }
        books.drop_incident(tenant, IncidentId::new(job.uuid()));
        Ok(true)
    }

    async fn jobs_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<JobSummary>> {
        let books = self.books();
        let first = (tenant.clone(), JobId::new(Uuid::nil()));
        let last = (tenant.clone(), JobId::new(Uuid::max()));
        let kept = books.jobs.range(first..=last).map(|(_, kept)| kept);
        let mut jobs: Vec<JobSummary> = kept
            .filter(|kept| kept.job.instance == instance)
            .map(|kept| JobSummary {
                job: kept.job.clone(),
                failed: kept.failed,
                leased_until: kept.leased_until,
                parked: kept.parked,
            })
            .collect();
        jobs.sort_unstable_by_key(|found| (found.parked, found.job.due_at, found.job.id));
        Ok(jobs)
    }

    async fn next_due(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let books = self.books();
        let next = |tenant: &TenantId| books.due(Timestamp::MAX, tenant).next();
        let next = match tenant {
            Some(one) => next(one),
            None => books.tenants_with_jobs().filter_map(|one| next(&one)).min(),
        };
        Ok(next.map(|(due, _)| due))
    }
}
