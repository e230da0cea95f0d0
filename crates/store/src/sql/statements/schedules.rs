//! Starts that come by themselves.

use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::ScheduleRow,
    error::{Error, ErrorKind, Result},
    sql::{Bound, Sql, nanos},
};

// 1 tenant, 2 workflow, 3 starts, each with its moment.
static DROP_OTHERS: Sql = Sql::new(
    "DELETE FROM signoff_schedule
WHERE tenant = ?1 AND workflow = ?2 AND start NOT IN (SELECT value ->> 0 FROM json_each(?3))",
)
.postgres(
    "DELETE FROM signoff_schedule
WHERE tenant = ?1 AND workflow = ?2
    AND start NOT IN (SELECT value ->> 0 FROM json_array_elements(?3::json))",
)
.mysql(
    "DELETE FROM signoff_schedule
WHERE tenant = ?1 AND workflow = ?2 AND start NOT IN (
    SELECT kept.start FROM JSON_TABLE(?3, '$[*]' COLUMNS (start LONGTEXT CHARSET utf8mb4 PATH '$[0]')) AS kept
)",
);
static ADD: Sql = Sql::new(
    "INSERT INTO signoff_schedule (tenant, workflow, start, due_at)
SELECT ?1, ?2, value ->> 0, value ->> 1 FROM json_each(?3)
WHERE true
ON CONFLICT DO NOTHING",
)
.postgres(
    "INSERT INTO signoff_schedule (tenant, workflow, start, due_at)
SELECT ?1, ?2, value ->> 0, (value ->> 1)::bigint FROM json_array_elements(?3::json)
ON CONFLICT DO NOTHING",
)
.mysql(
    "INSERT INTO signoff_schedule (tenant, workflow, start, due_at)
SELECT ?1, ?2, new.start, new.due_at
FROM JSON_TABLE(?3, '$[*]' COLUMNS (start LONGTEXT CHARSET utf8mb4 PATH '$[0]', due_at BIGINT PATH '$[1]')) AS new
ON DUPLICATE KEY UPDATE tenant = VALUES(tenant)",
);

// 1 tenant, or NULL for all, 2 now, 3 limit.
static DUE: Sql = Sql::new(
    "SELECT tenant, workflow, start, due_at FROM signoff_schedule
WHERE due_at <= ?2 AND (?1 IS NULL OR tenant = ?1)
ORDER BY due_at, tenant, workflow, start LIMIT ?3",
);

// 1 tenant, 2 workflow, 3 start, 4 from, 5 to.
static MOVE: Sql = Sql::new(
    "UPDATE signoff_schedule SET due_at = ?5
WHERE tenant = ?1 AND workflow = ?2 AND start = ?3 AND due_at = ?4",
);

// 1 tenant, or NULL for all.
static NEXT: Sql = Sql::new(
    "SELECT due_at FROM signoff_schedule
WHERE ?1 IS NULL OR tenant = ?1 ORDER BY due_at LIMIT 1",
);

/// Makes the rows of a workflow exactly those; both statements in one transaction.
///
/// # Errors
/// `Other` when the rows have no JSON form.
pub(crate) fn set_schedules(
    tenant: &TenantId,
    workflow: &WorkflowKey,
    rows: &[(String, Timestamp)],
) -> Result<[Bound; 2]> {
    let rows: Vec<_> = rows.iter().map(|(start, at)| (start, nanos(*at))).collect();
    let rows = serde_json::to_string(&rows).map_err(|error| {
        Error::new(ErrorKind::Other, "a schedule has no stored form").caused_by(error)
    })?;
    Ok([&DROP_OTHERS, &ADD].map(|sql| {
        Bound::new(sql)
            .bind(tenant.as_str())
            .bind(workflow.as_str())
            .bind(rows.as_str())
    }))
}

/// The rows that are due.
pub(crate) fn due_schedules(tenant: Option<&TenantId>, now: Timestamp, limit: u32) -> Bound {
    Bound::new(&DUE)
        .bind(tenant.map(TenantId::as_str))
        .bind(now)
        .bind(i64::from(limit))
}

/// Moves a row on, if it is due when `row` says.
pub(crate) fn move_schedule(row: &ScheduleRow, to: Timestamp) -> Bound {
    Bound::new(&MOVE)
        .bind(row.tenant.as_str())
        .bind(row.workflow.as_str())
        .bind(row.start.as_str())
        .bind(row.due_at)
        .bind(to)
}

/// When the next row is due.
pub(crate) fn next_schedule(tenant: Option<&TenantId>) -> Bound {
    Bound::new(&NEXT).bind(tenant.map(TenantId::as_str))
}
