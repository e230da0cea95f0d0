//! Jobs.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::JobWork,
    id::{InstanceId, JobId, TenantId},
};

use super::Calls as _;
use crate::{
    contract::{ClaimedJob, Failure, JobSummary, Jobs, Lease},
    error::Result,
    sql::{
        Connection as _, Driver, Failed, Row, Transaction as _, cannot,
        read::{claimed_job, job_summary, sort_jobs},
        statements,
    },
};

const WHAT: &str = "claim jobs";

/// The tenants whose turn it is: those that have something due, at most as many as jobs are claimed.
async fn turns<D: Driver>(driver: &D, lease: &Lease) -> Result<Vec<TenantId>> {
    if let Some(only) = &lease.tenant {
        return Ok(vec![only.clone()]);
    }
    let rows = driver.rows(WHAT, statements::turns(lease)).await?;
    let tenants = rows.into_iter().map(|mut row| row.text());
    tenants.collect()
}

/// Claims jobs of tenants, of each so many at most.
async fn claim_of<D: Driver>(
    driver: &D,
    lease: &Lease,
    (tenants, each): (&[TenantId], u32),
) -> Result<Vec<ClaimedJob>> {
    let capabilities = Driver::capabilities(driver);
    let claimed = if capabilities.returning {
        let claim = statements::claim_jobs(lease, (tenants, each), capabilities.skip_locked);
        let written = driver.write_for_job(vec![claim]).await;
        written.map(|written| written.rows)
    } else {
        claim_in_two(driver, lease, (tenants, each)).await
    };
    let rows = claimed.map_err(cannot(WHAT))?;
    rows.into_iter().map(claimed_job).collect()
}

/// Claims jobs where no statement can change rows and give them: what is read is locked until it is
/// claimed, and others skip it.
async fn claim_in_two<D: Driver>(
    driver: &D,
    lease: &Lease,
    (tenants, each): (&[TenantId], u32),
) -> std::result::Result<Vec<Row>, Failed> {
    let limit = usize::try_from(lease.limit).unwrap_or(usize::MAX);
    let mut transaction = driver.open_for_job().await?;
    let mut rows = Vec::new();
    for tenant in tenants {
        let left = u32::try_from(limit.saturating_sub(rows.len())).unwrap_or(u32::MAX);
        if left > 0 {
            let free = statements::free_jobs(tenant, lease.now, left.min(each));
            rows.extend(transaction.read(&free).await?);
        }
    }
    // Whoever reads a row that cannot be read says what is wrong with it.
    let readable = rows.iter().filter_map(|row| claimed_job(row.clone()).ok());
    let free: Vec<ClaimedJob> = readable.collect();
    if !free.is_empty() {
        let take = statements::take_jobs(&free, lease.until);
        transaction.write(&take).await?;
    }
    Box::new(transaction).finish().await?;
    Ok(rows)
}

#[async_trait]
impl<D: Driver> Jobs for D {
    async fn claim(&self, lease: Lease) -> Result<Vec<ClaimedJob>> {
        let tenants = turns(self, &lease).await?;
        if tenants.is_empty() || lease.limit == 0 {
            return Ok(Vec::new());
        }
        let each = (&*tenants, lease.share(tenants.len()));
        let mut jobs = claim_of(self, &lease, each).await?;
        let left = lease.left(tenants.len(), jobs.len());
        if left > 0 {
            // What some left of their share.
            let rest = Lease {
                limit: left,
                ..lease
            };
            jobs.extend(claim_of(self, &rest, (&tenants, left)).await?);
        }
        jobs.sort_unstable_by_key(|claimed| (claimed.job.due_at, claimed.job.id));
        Ok(jobs)
    }

    async fn finish(&self, tenant: &TenantId, job: JobId, token: u64) -> Result<bool> {
        let finish = statements::finish_job(tenant, job, token);
        Ok(self.change_for_job("finish a job", vec![finish]).await? > 0)
    }

    async fn extend(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        until: Timestamp,
    ) -> Result<bool> {
        let extend = statements::extend_job(tenant, job, token, until);
        Ok(self.change_for_job("extend a lease", vec![extend]).await? > 0)
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
        let retry = statements::retry_job(tenant, job, token, (due, failed), work)?;
        Ok(self.change_for_job("give a job back", vec![retry]).await? > 0)
    }

    async fn give_up(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        failure: &Failure,
    ) -> Result<bool> {
        let park = statements::park_job(tenant, job, token, failure)?;
        Ok(self.change_for_job("park a job", park.to_vec()).await? > 0)
    }

    async fn unpark(&self, tenant: &TenantId, job: JobId, now: Timestamp) -> Result<bool> {
        let again = statements::unpark_job(tenant, job, now);
        Ok(self.change("retry a job", again.to_vec()).await? > 0)
    }

    async fn jobs_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<JobSummary>> {
        let bound = statements::jobs_of(tenant, instance);
        let rows = self.rows("list jobs", bound).await?;
        let found = rows.into_iter().map(job_summary);
        let mut jobs = found.collect::<Result<Vec<_>>>()?;
        sort_jobs(&mut jobs);
        Ok(jobs)
    }

    async fn next_due(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let bound = statements::next_due(tenant);
        let row = self.row("find the next job", bound).await?;
        row.map_or(Ok(None), |mut row| row.time_or_none())
    }
}
