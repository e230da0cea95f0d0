//! Jobs.

/// Claims jobs; rows in no order. 1 now, 2 until, 3 limit, 4 tenant or NULL for all.
///
/// A job is left alone while another of its instance is under a lease or comes before it. The outer
/// statement changes no indexed column.
pub const CLAIM: &str = "UPDATE signoff_job SET token = token + 1, leased_until = ?2
WHERE rowid IN (
    SELECT job.rowid FROM signoff_job AS job
    WHERE job.parked = 0 AND job.due_at <= ?1 AND (?4 IS NULL OR job.tenant = ?4)
        AND (job.leased_until IS NULL OR job.leased_until <= ?1)
        AND NOT EXISTS (
            SELECT 1 FROM signoff_job AS other
            WHERE other.tenant = job.tenant AND other.instance = job.instance AND other.parked = 0
                AND ((other.due_at, other.id) < (job.due_at, job.id) OR other.leased_until > ?1)
        )
    ORDER BY job.due_at, job.id
    LIMIT ?3
)
RETURNING tenant, id, instance, due_at, work, failed, token";

/// Drops a job. 1 tenant, 2 id, 3 token.
pub const FINISH: &str =
    "DELETE FROM signoff_job WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0";

/// Lets a claim hold longer. 1 tenant, 2 id, 3 token, 4 until.
pub const EXTEND: &str = "UPDATE signoff_job SET leased_until = ?4
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0";

/// Gives a job back; its token is spent. 1 tenant, 2 id, 3 token, 4 due, 5 failed, 6 work.
pub const RETRY: &str = "UPDATE signoff_job SET due_at = ?4, failed = ?5, work = ?6, token = token + 1, leased_until = NULL
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0";

/// Adds the incident of a job, if the token is its latest. 1 tenant, 2 id, 3 instance, 4 code, 5
/// message, 6 node, 7 moment, 8 job, 9 token. To be followed by [`PARK`] in the same transaction.
pub const JOB_INCIDENT: &str = "INSERT INTO signoff_incident
    (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
WHERE EXISTS (SELECT 1 FROM signoff_job WHERE tenant = ?1 AND id = ?8 AND token = ?9 AND parked = 0)";

/// Parks a job that gave up. 1 tenant, 2 id, 3 token, 4 work or NULL.
pub const PARK: &str =
    "UPDATE signoff_job SET parked = 1, leased_until = NULL, work = coalesce(?4, work)
WHERE tenant = ?1 AND id = ?2 AND token = ?3 AND parked = 0";

/// Takes the incident of a parked job away; [`UNPARK`] follows it in the same transaction. 1 tenant, 2 id.
pub const SETTLE: &str = "DELETE FROM signoff_incident WHERE tenant = ?1 AND id = ?2
    AND EXISTS (SELECT 1 FROM signoff_job WHERE tenant = ?1 AND id = ?2 AND parked = 1)";

/// Lets a parked job run again. 1 tenant, 2 id, 3 due.
pub const UNPARK: &str = "UPDATE signoff_job
SET parked = 0, failed = 0, due_at = ?3, token = token + 1, leased_until = NULL
WHERE tenant = ?1 AND id = ?2 AND parked = 1";

macro_rules! jobs_of {
    ($parked:literal) => {
        concat!(
            "SELECT tenant, id, instance, due_at, work, failed, leased_until, parked FROM signoff_job
WHERE tenant = ?1 AND instance = ?2 AND parked = ",
            $parked
        )
    };
}

/// Every job of an instance; rows in no order. 1 tenant, 2 instance.
pub const JOBS_OF: &str = concat!(jobs_of!("0"), "\nUNION ALL\n", jobs_of!("1"));

/// When the next job is due. 1 tenant, or NULL for all.
pub const NEXT_DUE: &str = "SELECT due_at FROM signoff_job
WHERE parked = 0 AND (?1 IS NULL OR tenant = ?1) ORDER BY due_at LIMIT 1";
