//! Jobs.

use jiff::Timestamp;
use serde_json::{Value, json};
use signoff_core::{
    change::JobWork,
    id::{InstanceId, JobId, TenantId},
};

use crate::{
    contract::{ClaimedJob, Failure, Lease},
    error::{Error, ErrorKind, Result},
    sql::{Bound, Sql},
};

// Tenants that have jobs, in their order; each is found by one look into the index.
macro_rules! tenants {
    ($name:literal, $first:literal, $bound:literal) => {
        concat!(
            $name,
            "(tenant) AS (
    SELECT (
        SELECT job.tenant FROM signoff_job AS job
        WHERE job.parked = 0",
            $first,
            $bound,
            " ORDER BY job.tenant LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT job.tenant FROM signoff_job AS job
        WHERE job.parked = 0 AND job.tenant > turn.tenant",
            $bound,
            " ORDER BY job.tenant LIMIT 1
    )
    FROM ",
            $name,
            " AS turn WHERE turn.tenant IS NOT NULL
)
"
        )
    };
}

// Those of them that have something due.
macro_rules! due {
    ($name:literal) => {
        concat!(
            "SELECT turn.tenant FROM ",
            $name,
            " AS turn
WHERE turn.tenant IS NOT NULL AND EXISTS (
    SELECT 1 FROM signoff_job AS job
    WHERE job.parked = 0 AND job.tenant = turn.tenant AND job.due_at <= ?1
        AND (job.leased_until IS NULL OR job.leased_until <= ?1)
)
"
        )
    };
}

// MySQL knows by itself how to leave out what comes between.
macro_rules! due_on_mysql {
    ($bound:literal) => {
        concat!(
            "(SELECT job.tenant FROM signoff_job AS job FORCE INDEX (signoff_job_runnable)
WHERE job.parked = 0",
            $bound,
            "
GROUP BY job.tenant HAVING MIN(job.due_at) <= ?1 ORDER BY job.tenant LIMIT ?2)
"
        )
    };
}

// The tenants that have something due: those behind one in their order, then those up to it. 1 now, 2
// limit, 3 that one.
static TURNS: Sql = Sql::new(concat!(
    "WITH RECURSIVE ",
    tenants!("behind", " AND job.tenant > ?3", ""),
    ", ",
    tenants!("until", "", " AND job.tenant <= ?3"),
    due!("behind"),
    "UNION ALL\n",
    due!("until"),
    "LIMIT ?2"
))
.mysql(concat!(
    due_on_mysql!(" AND job.tenant > ?3"),
    "UNION ALL\n",
    due_on_mysql!(" AND job.tenant <= ?3"),
    "LIMIT ?2"
));

// A job that another claimed meanwhile does not match any more once its lock is had. `OFFSET 0` keeps the
// planner from reading all jobs at once to join them.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH free AS MATERIALIZED (
    SELECT job.tenant, job.id
    FROM json_array_elements_text(?4::json) AS turn(tenant)
    CROSS JOIN LATERAL (
        SELECT job.tenant, job.id FROM signoff_job AS job
        WHERE job.tenant = turn.tenant AND job.parked = 0 AND job.due_at <= ?1
            AND (job.leased_until IS NULL OR job.leased_until <= ?1)
            AND NOT EXISTS (
                SELECT 1 FROM signoff_job AS other
                WHERE other.tenant = job.tenant AND other.instance = job.instance AND other.parked = 0
                    AND ((other.due_at, other.id) < (job.due_at, job.id) OR other.leased_until > ?1)
                OFFSET 0
            )
        ORDER BY job.due_at, job.id
        LIMIT ?5
        ",
            $lock,
            "
    ) AS job
    LIMIT ?3
)
UPDATE signoff_job AS job SET token = job.token + 1, leased_until = ?2
FROM free WHERE job.tenant = free.tenant AND job.id = free.id
RETURNING job.tenant, job.id, job.instance, job.due_at, job.work, job.failed, job.token"
        )
    };
}

// Claims jobs; rows in no order. 1 now, 2 until, 3 limit, 4 tenants, 5 limit of each.
//
// A job is left alone while another of its instance is under a lease or comes before it. The outer
// statement changes no indexed column.
static CLAIM: Sql = Sql::new(
    "UPDATE signoff_job SET token = token + 1, leased_until = ?2
WHERE rowid IN (
    SELECT job.rowid FROM json_each(?4) AS turn
    CROSS JOIN signoff_job AS job
    WHERE job.rowid IN (
        SELECT free.rowid FROM signoff_job AS free
        WHERE free.tenant = turn.value AND free.parked = 0 AND free.due_at <= ?1
            AND (free.leased_until IS NULL OR free.leased_until <= ?1)
            AND NOT EXISTS (
                SELECT 1 FROM signoff_job AS other
                WHERE other.tenant = free.tenant AND other.instance = free.instance AND other.parked = 0
                    AND ((other.due_at, other.id) < (free.due_at, free.id) OR other.leased_until > ?1)
            )
        ORDER BY free.due_at, free.id
        LIMIT ?5
    )
    LIMIT ?3
)
RETURNING tenant, id, instance, due_at, work, failed, token",
)
.postgres(claim!("FOR UPDATE"));

// The same, which does not wait for jobs that others are about to claim.
static CLAIM_SKIPPING: Sql = Sql::new(claim!("FOR UPDATE SKIP LOCKED"));

// The jobs of a tenant that may be claimed, each with the token that claiming it gives. 1 now, 2 tenant,
// 3 limit. On MySQL alone; whoever claims at the same time gets others, and waits for nobody.
static FREE: Sql = Sql::new(
    "SELECT job.tenant, job.id, job.instance, job.due_at, job.work, job.failed, job.token + 1
FROM signoff_job AS job FORCE INDEX (signoff_job_runnable)
WHERE job.parked = 0 AND job.due_at <= ?1 AND job.tenant = ?2
    AND (job.leased_until IS NULL OR job.leased_until <= ?1)
    AND NOT EXISTS (
        SELECT 1 FROM signoff_job AS other FORCE INDEX (signoff_job_instance)
        WHERE other.tenant = job.tenant AND other.instance = job.instance AND other.parked = 0
            AND (other.due_at < job.due_at OR (other.due_at = job.due_at AND other.id < job.id)
                OR other.leased_until > ?1)
    )
ORDER BY job.due_at, job.id
LIMIT ?3
FOR UPDATE SKIP LOCKED",
);

// 1 jobs, each with its tenant, id and the token that it gets, 2 until. On MySQL alone, which cannot give
// the rows that it changes.
static TAKE: Sql = Sql::new(
    "UPDATE JSON_TABLE(?1, '$[*]' COLUMNS (
    tenant LONGTEXT CHARSET utf8mb4 PATH '$[0]', id CHAR(32) PATH '$[1]', token BIGINT PATH '$[2]'
)) AS free
STRAIGHT_JOIN signoff_job AS job ON job.tenant = free.tenant AND job.id = unhex(free.id)
SET job.token = free.token, job.leased_until = ?2
WHERE job.token = free.token - 1 AND job.parked = 0",
);

// Drops a job. 1 tenant, 2 id, 3 token.
static FINISH: Sql =
    Sql::new("DELETE FROM signoff_job WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0");

// Lets a claim hold longer. 1 tenant, 2 id, 3 token, 4 until.
static EXTEND: Sql = Sql::new(
    "UPDATE signoff_job SET leased_until = ?4
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0",
);

// Gives a job back; its token is spent. 1 tenant, 2 id, 3 token, 4 due, 5 failed, 6 work.
static RETRY: Sql = Sql::new("UPDATE signoff_job SET due_at = ?4, failed = ?5, work = ?6, token = token + 1, leased_until = NULL
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0");

// Adds the incident of a job, if the token is its latest. 1 tenant, 2 id, 3 instance, 4 code, 5
// message, 6 node, 7 moment, 8 job, 9 token. To be followed by [`PARK`] in the same transaction.
static JOB_INCIDENT: Sql = Sql::new("INSERT INTO signoff_incident
    (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
WHERE EXISTS (SELECT 1 FROM signoff_job WHERE tenant = ?1 AND id = ?8 AND token = ?9 AND parked = 0)")
.mysql("INSERT INTO signoff_incident
    (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM DUAL
WHERE EXISTS (SELECT 1 FROM signoff_job WHERE tenant = ?1 AND id = ?8 AND token = ?9 AND parked = 0)");

// Parks a job that gave up. 1 tenant, 2 id, 3 token, 4 work or NULL.
static PARK: Sql = Sql::new(
    "UPDATE signoff_job SET parked = 1, leased_until = NULL, work = coalesce(?4, work)
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0",
);

// Takes the incident of a parked job away; [`UNPARK`] follows it in the same transaction. 1 tenant, 2 id.
static SETTLE: Sql = Sql::new(
    "DELETE FROM signoff_incident WHERE tenant = ?1 AND id = ?2
    AND EXISTS (SELECT 1 FROM signoff_job WHERE tenant = ?1 AND id = ?2 AND parked = 1)",
);

// Lets a parked job run again. 1 tenant, 2 id, 3 due.
static UNPARK: Sql = Sql::new(
    "UPDATE signoff_job
SET parked = 0, failed = 0, due_at = ?3, token = token + 1, leased_until = NULL
WHERE tenant = ?1 AND id = ?2 AND parked = 1",
);

macro_rules! jobs_of {
    ($parked:literal) => {
        concat!(
            "SELECT tenant, id, instance, due_at, work, failed, leased_until, parked FROM signoff_job
WHERE tenant = ?1 AND instance = ?2 AND parked = ",
            $parked
        )
    };
}

// Every job of an instance; rows in no order. 1 tenant, 2 instance.
static JOBS_OF: Sql = Sql::new(concat!(jobs_of!("0"), "\nUNION ALL\n", jobs_of!("1")));

// When the next job of a tenant is due. 1 tenant.
static NEXT_DUE_OF: Sql = Sql::new(
    "SELECT due_at FROM signoff_job WHERE parked = 0 AND tenant = ?1 ORDER BY due_at LIMIT 1",
);

// When the next job of all is due.
static NEXT_DUE: Sql = Sql::new(concat!(
    "WITH RECURSIVE ",
    tenants!("turn", "", ""),
    "SELECT min((
    SELECT job.due_at FROM signoff_job AS job
    WHERE job.parked = 0 AND job.tenant = turn.tenant ORDER BY job.due_at LIMIT 1
)) FROM turn WHERE turn.tenant IS NOT NULL"
))
.mysql(
    "SELECT MIN(first.due_at) FROM (
    SELECT MIN(due_at) AS due_at FROM signoff_job FORCE INDEX (signoff_job_runnable)
    WHERE parked = 0 GROUP BY tenant
) AS first",
);

fn of_job(sql: &'static Sql, tenant: &TenantId, job: JobId, token: u64) -> Bound {
    Bound::new(sql)
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

/// The tenants that have something due: those behind the one that had the last turn, in their order,
/// then the others.
pub(crate) fn turns(lease: &Lease) -> Bound {
    let behind = lease.behind.as_ref().map_or("", TenantId::as_str);
    let bound = Bound::new(&TURNS).bind(lease.now);
    bound.bind(i64::from(lease.limit)).bind(behind)
}

/// Claims jobs of tenants, of each so many, and gives them, in no order.
pub(crate) fn claim_jobs(
    lease: &Lease,
    (tenants, each): (&[TenantId], u32),
    skip_locked: bool,
) -> Bound {
    let tenants = tenants.iter().map(TenantId::as_str);
    Bound::new(if skip_locked { &CLAIM_SKIPPING } else { &CLAIM })
        .bind(lease.now)
        .bind(lease.until)
        .bind(i64::from(lease.limit))
        .bind(Value::from_iter(tenants).to_string())
        .bind(i64::from(each))
        .returning()
}

/// The jobs of a tenant that may be claimed, each with the token that claiming it gives.
pub(crate) fn free_jobs(tenant: &TenantId, now: Timestamp, limit: u32) -> Bound {
    Bound::new(&FREE)
        .bind(now)
        .bind(tenant.as_str())
        .bind(i64::from(limit))
}

/// Claims free jobs; nobody else claims them meanwhile.
pub(crate) fn take_jobs(free: &[ClaimedJob], until: Timestamp) -> Bound {
    let jobs = free.iter().map(|free| {
        let id = free.job.id.uuid().simple().to_string();
        json!([free.job.tenant.as_str(), id, free.token])
    });
    Bound::new(&TAKE)
        .bind(Value::from_iter(jobs).to_string())
        .bind(until)
        .expecting(u64::try_from(free.len()).unwrap_or(u64::MAX))
}

/// Drops a finished job.
pub(crate) fn finish_job(tenant: &TenantId, job: JobId, token: u64) -> Bound {
    of_job(&FINISH, tenant, job, token)
}

/// Lets a claim hold longer.
pub(crate) fn extend_job(tenant: &TenantId, job: JobId, token: u64, until: Timestamp) -> Bound {
    of_job(&EXTEND, tenant, job, token).bind(until)
}

/// Gives a job back, with when it is due again and how often it failed.
///
/// # Errors
/// `Other` when the work has no JSON form.
pub(crate) fn retry_job(
    tenant: &TenantId,
    job: JobId,
    token: u64,
    (due, failed): (Timestamp, u32),
    work: &JobWork,
) -> Result<Bound> {
    let work = stored_work(work)?;
    let bound = of_job(&RETRY, tenant, job, token).bind(due);
    Ok(bound.bind(i64::from(failed)).bind(work))
}

/// Parks a job that gave up, with its incident; both in one transaction, the last one tells.
///
/// # Errors
/// `Other` when the work has no JSON form.
pub(crate) fn park_job(
    tenant: &TenantId,
    job: JobId,
    token: u64,
    failure: &Failure,
) -> Result<[Bound; 2]> {
    let incident = &failure.incident;
    let add = Bound::new(&JOB_INCIDENT)
        .bind(tenant.as_str())
        .bind(incident.id.uuid())
        .bind(incident.instance.uuid())
        .bind(incident.code.as_str())
        .bind(incident.message.as_str())
        .bind(incident.node.as_deref())
        .bind(incident.opened_at)
        .bind(job.uuid())
        .bind(stored(token));
    let left = failure.left.as_ref().map(stored_work).transpose()?;
    Ok([add, of_job(&PARK, tenant, job, token).bind(left)])
}

/// Lets a parked job run again; both in one transaction, the last one tells.
pub(crate) fn unpark_job(tenant: &TenantId, job: JobId, now: Timestamp) -> [Bound; 2] {
    let of = |sql| Bound::new(sql).bind(tenant.as_str()).bind(job.uuid());
    [of(&SETTLE), of(&UNPARK).bind(now)]
}

/// Every job of an instance, in no order.
pub(crate) fn jobs_of(tenant: &TenantId, instance: InstanceId) -> Bound {
    let bound = Bound::new(&JOBS_OF).bind(tenant.as_str());
    bound.bind(instance.uuid())
}

/// When the next job is due; nothing, or a row of nothing, when there is none.
pub(crate) fn next_due(tenant: Option<&TenantId>) -> Bound {
    match tenant {
        Some(tenant) => Bound::new(&NEXT_DUE_OF).bind(tenant.as_str()),
        None => Bound::new(&NEXT_DUE),
    }
}
