//! Jobs.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::JobWork,
    id::{InstanceId, JobId, TenantId},
};
use signoff_store::{
    ClaimedJob, Error, ErrorKind, Failure, JobSummary, Jobs, Lease, Result,
    sql::{
        Cells, nanos,
        read::{claimed_job, job_summary, sort_jobs},
        sqlite::{
            CLAIM, EXTEND, FINISH, JOB_INCIDENT, JOBS_OF, NEXT_DUE, PARK, RETRY, SETTLE, UNPARK,
        },
    },
};

use super::{SqliteStore, statement::Statement};

fn of_job(sql: &'static str, tenant: &TenantId, job: JobId, token: u64) -> Statement {
    Statement::new(sql)
        .bind(tenant.as_str())
        .bind(job.uuid())
        .bind(stored(token))
}

/// The stored form of a token; one that was never given matches nothing.
fn stored(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(-1)
}

fn stored_work(work: &JobWork) -> Result<String> {
    serde_json::to_string(work)
        .map_err(|error| Error::new(ErrorKind::Other, "a job has no stored form").caused_by(error))
}

#[async_trait]
impl Jobs for SqliteStore {
    async fn claim(&self, lease: Lease) -> Result<Vec<ClaimedJob>> {
        let claim = Statement::new(CLAIM)
            .bind(nanos(lease.now))
            .bind(nanos(lease.until))
            .bind(i64::from(lease.limit))
            .bind(lease.tenant.as_ref().map(TenantId::as_str))
            .returning();
        let done = self.writer().write("claim jobs", vec![claim]).await?;
        let jobs = done.rows.into_iter().map(claimed_job);
        let mut jobs = jobs.collect::<Result<Vec<_>>>()?;
        jobs.sort_unstable_by_key(|claimed| (claimed.job.due_at, claimed.job.id));
        Ok(jobs)
    }

    async fn finish(&self, tenant: &TenantId, job: JobId, token: u64) -> Result<bool> {
        let finish = of_job(FINISH, tenant, job, token);
        let done = self.writer().write("finish a job", vec![finish]).await?;
        Ok(done.changed > 0)
    }

    async fn extend(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        until: Timestamp,
    ) -> Result<bool> {
        let extend = of_job(EXTEND, tenant, job, token).bind(nanos(until));
        let done = self.writer().write("extend a lease", vec![extend]).await?;
        Ok(done.changed > 0)
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
        let work = stored_work(work)?;
        let retry = of_job(RETRY, tenant, job, token)
            .bind(nanos(due))
            .bind(i64::from(failed))
            .bind(work);
        let done = self.writer().write("give a job back", vec![retry]).await?;
        Ok(done.changed > 0)
    }

    async fn give_up(
        &self,
        tenant: &TenantId,
        job: JobId,
        token: u64,
        failure: &Failure,
    ) -> Result<bool> {
        let incident = &failure.incident;
        let add = Statement::new(JOB_INCIDENT)
            .bind(tenant.as_str())
            .bind(incident.id.uuid())
            .bind(incident.instance.uuid())
            .bind(incident.code.as_str())
            .bind(incident.message.as_str())
            .bind(incident.node.as_deref())
            .bind(nanos(incident.opened_at))
            .bind(job.uuid())
            .bind(stored(token));
        let left = failure.left.as_ref().map(stored_work).transpose()?;
        let park = of_job(PARK, tenant, job, token).bind(left);
        let done = self.writer().write("park a job", vec![add, park]).await?;
        Ok(done.changed > 0)
    }

    async fn unpark(&self, tenant: &TenantId, job: JobId, now: Timestamp) -> Result<bool> {
        let again = Statement::new(UNPARK)
            .bind(tenant.as_str())
            .bind(job.uuid())
            .bind(nanos(now));
        let settle = Statement::new(SETTLE)
            .bind(tenant.as_str())
            .bind(job.uuid());
        let done = self.writer().write("retry a job", vec![settle, again]);
        Ok(done.await?.changed > 0)
    }

    async fn jobs_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<JobSummary>> {
        let statement = Statement::new(JOBS_OF)
            .bind(tenant.as_str())
            .bind(instance.uuid());
        let rows = self.readers().rows("list jobs", statement).await?;
        let found = rows.into_iter().map(job_summary);
        let mut jobs = found.collect::<Result<Vec<_>>>()?;
        sort_jobs(&mut jobs);
        Ok(jobs)
    }

    async fn next_due(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let next = Statement::new(NEXT_DUE).bind(tenant.map(TenantId::as_str));
        let row = self.readers().row("find the next job", next).await?;
        row.map_or(Ok(None), |mut row| row.time_or_none())
    }
}
