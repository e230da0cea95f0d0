//! Instances and tasks, counted.

use signoff_core::id::TenantId;

use crate::{
    contract::StatisticsFilter,
    sql::{Bound, Sql},
};

// 1 tenant, 2 workflow or NULL, 3 since or NULL, 4 now.
static INSTANCES: Sql = Sql::new(
    "SELECT workflow, status, count(*), count(ended_at),
    CAST(coalesce(sum((ended_at - started_at) / 1000000), 0) AS BIGINT),
    coalesce(max((ended_at - started_at) / 1000000), 0)
FROM signoff_instance
WHERE tenant = ?1 AND (?2 IS NULL OR workflow = ?2) AND (?3 IS NULL OR started_at >= ?3)
    AND ?4 IS NOT NULL
GROUP BY workflow, status ORDER BY workflow, status",
)
.mysql(
    "SELECT workflow, status, count(*), count(ended_at),
    CAST(coalesce(sum((ended_at - started_at) DIV 1000000), 0) AS SIGNED),
    coalesce(max((ended_at - started_at) DIV 1000000), 0)
FROM signoff_instance
WHERE tenant = ?1 AND (?2 IS NULL OR workflow = ?2) AND (?3 IS NULL OR started_at >= ?3)
    AND ?4 IS NOT NULL
GROUP BY workflow, status ORDER BY workflow, status",
);

static NODES: Sql = Sql::new("SELECT i.workflow, t.node,
    count(CASE WHEN t.closed_at IS NULL THEN 1 END),
    count(CASE WHEN t.closed_at IS NULL AND t.due_at < ?4 THEN 1 END),
    count(t.outcome),
    CAST(coalesce(sum(CASE WHEN t.outcome IS NOT NULL THEN (t.closed_at - t.opened_at) / 1000000 END), 0) AS BIGINT),
    coalesce(max(CASE WHEN t.outcome IS NOT NULL THEN (t.closed_at - t.opened_at) / 1000000 END), 0)
FROM signoff_task AS t
JOIN signoff_instance AS i ON i.tenant = t.tenant AND i.id = t.instance
WHERE t.tenant = ?1 AND (?2 IS NULL OR i.workflow = ?2) AND (?3 IS NULL OR t.opened_at >= ?3)
GROUP BY i.workflow, t.node ORDER BY i.workflow, t.node")
.mysql("SELECT i.workflow, t.node,
    CAST(sum(t.closed_at IS NULL) AS SIGNED),
    CAST(sum(t.closed_at IS NULL AND t.due_at IS NOT NULL AND t.due_at < ?4) AS SIGNED),
    count(t.outcome),
    CAST(coalesce(sum(CASE WHEN t.outcome IS NOT NULL THEN (t.closed_at - t.opened_at) DIV 1000000 END), 0) AS SIGNED),
    coalesce(max(CASE WHEN t.outcome IS NOT NULL THEN (t.closed_at - t.opened_at) DIV 1000000 END), 0)
FROM signoff_task AS t
JOIN signoff_instance AS i ON i.tenant = t.tenant AND i.id = t.instance
WHERE t.tenant = ?1 AND (?2 IS NULL OR i.workflow = ?2) AND (?3 IS NULL OR t.opened_at >= ?3)
GROUP BY i.workflow, t.node ORDER BY i.workflow, t.node");

static PEOPLE: Sql = Sql::new(
    "SELECT person, sum(open), sum(overdue), sum(done), CAST(sum(ms) AS BIGINT) FROM (
    SELECT t.assignee AS person, 1 AS open, CASE WHEN t.due_at < ?4 THEN 1 ELSE 0 END AS overdue,
        0 AS done, 0 AS ms, t.opened_at AS opened_at, t.instance AS instance
    FROM signoff_task AS t
    WHERE t.tenant = ?1 AND t.closed_at IS NULL AND t.assignee IS NOT NULL
    UNION ALL
    SELECT t.closed_by, 0, 0, 1, (t.closed_at - t.opened_at) / 1000000, t.opened_at, t.instance
    FROM signoff_task AS t
    WHERE t.tenant = ?1 AND t.closed_by IS NOT NULL
) AS one
WHERE (?3 IS NULL OR one.opened_at >= ?3) AND (?2 IS NULL OR EXISTS (
    SELECT 1 FROM signoff_instance AS i
    WHERE i.tenant = ?1 AND i.id = one.instance AND i.workflow = ?2
))
GROUP BY person ORDER BY person",
)
.mysql(
    "SELECT person, CAST(sum(open) AS SIGNED), CAST(sum(overdue) AS SIGNED), CAST(sum(done) AS SIGNED),
    CAST(sum(ms) AS SIGNED)
FROM (
    SELECT t.assignee AS person, 1 AS open, (t.due_at IS NOT NULL AND t.due_at < ?4) AS overdue,
        0 AS done, 0 AS ms, t.opened_at AS opened_at, t.instance AS instance
    FROM signoff_task AS t
    WHERE t.tenant = ?1 AND t.closed_at IS NULL AND t.assignee IS NOT NULL
    UNION ALL
    SELECT t.closed_by, 0, 0, 1, (t.closed_at - t.opened_at) DIV 1000000, t.opened_at, t.instance
    FROM signoff_task AS t
    WHERE t.tenant = ?1 AND t.closed_by IS NOT NULL
) AS one
WHERE (?3 IS NULL OR one.opened_at >= ?3) AND (?2 IS NULL OR EXISTS (
    SELECT 1 FROM signoff_instance AS i
    WHERE i.tenant = ?1 AND i.id = one.instance AND i.workflow = ?2
))
GROUP BY person ORDER BY person",
);

/// Instances by workflow and status; tasks by workflow and node; tasks by person.
pub(crate) fn statistics(tenant: &TenantId, filter: &StatisticsFilter) -> [Bound; 3] {
    [&INSTANCES, &NODES, &PEOPLE].map(|sql| {
        Bound::new(sql)
            .bind(tenant.as_str())
            .bind(filter.workflow.as_deref())
            .bind(filter.since)
            .bind(filter.now)
    })
}
