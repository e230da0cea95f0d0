//! Drafts.

use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::DraftRow,
    error::{Error, ErrorKind, Result},
    sql::{Bound, Sql},
};

// 1 tenant, 2 workflow.
static DRAFT: Sql = Sql::new(
    "SELECT revision, strategy, format, source, changed_by, changed_at
FROM signoff_draft WHERE tenant = ?1 AND workflow = ?2",
);

// 1 tenant, 2 workflow.
static EDITS: Sql =
    Sql::new("SELECT edits FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?2");

// 1 tenant, 2 workflow.
static ADD_WORKFLOW: Sql = Sql::new(
    "INSERT INTO signoff_workflow
    (tenant, workflow, status, hidden, latest, edits, title)
VALUES (?1, ?2, 'draft', 0, 0, 0, '')
ON CONFLICT DO NOTHING",
)
.mysql(
    "INSERT INTO signoff_workflow
    (tenant, workflow, status, hidden, latest, edits, title)
VALUES (?1, ?2, 'draft', 0, 0, 0, '')
ON DUPLICATE KEY UPDATE tenant = VALUES(tenant)",
);

// 1 tenant, 2 workflow, 3 revision, 4 strategy, 5 format, 6 source, 7 person, 8 moment.
static PUT: Sql = Sql::new(
    "INSERT INTO signoff_draft
    (tenant, workflow, revision, strategy, format, source, changed_by, changed_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM signoff_workflow
WHERE tenant = ?1 AND workflow = ?2 AND edits = ?3 - 1
ON CONFLICT (tenant, workflow) DO UPDATE SET
    revision = ?3, strategy = ?4, format = ?5, source = ?6, changed_by = ?7, changed_at = ?8",
)
.mysql(
    "INSERT INTO signoff_draft
    (tenant, workflow, revision, strategy, format, source, changed_by, changed_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM signoff_workflow
WHERE tenant = ?1 AND workflow = ?2 AND edits = ?3 - 1
ON DUPLICATE KEY UPDATE
    revision = VALUES(revision), strategy = VALUES(strategy), format = VALUES(format),
    source = VALUES(source), changed_by = VALUES(changed_by), changed_at = VALUES(changed_at)",
);

// 1 tenant, 2 workflow, 3 revision, 4 title.
static COUNT: Sql = Sql::new(
    "UPDATE signoff_workflow SET edits = ?3,
    title = CASE WHEN EXISTS (SELECT 1 FROM signoff_definition WHERE tenant = ?1 AND workflow = ?2)
        THEN title ELSE ?4 END,
    status = CASE status WHEN 'dropped' THEN 'draft' ELSE status END
WHERE tenant = ?1 AND workflow = ?2 AND edits = ?3 - 1",
);

// 1 tenant, 2 workflow, 3 revision.
static DROP: Sql =
    Sql::new("DELETE FROM signoff_draft WHERE tenant = ?1 AND workflow = ?2 AND revision = ?3");
static COUNT_DROPPED: Sql = Sql::new(
    "UPDATE signoff_workflow SET edits = edits + 1
WHERE tenant = ?1 AND workflow = ?2 AND edits = ?3
    AND NOT EXISTS (SELECT 1 FROM signoff_draft WHERE tenant = ?1 AND workflow = ?2)",
);

// Whoever changes the drafts of a workflow comes here first and waits for the others: what follows
// sees what they did. 1 tenant, 2 workflow.
static LOCK: Sql =
    Sql::new("UPDATE signoff_workflow SET edits = edits WHERE tenant = ?1 AND workflow = ?2");

fn of(sql: &'static Sql, tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    Bound::new(sql)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
}

fn number(revision: u64) -> Result<i64> {
    i64::try_from(revision).map_err(|error| {
        Error::new(ErrorKind::Other, "the revision is beyond 63 bits").caused_by(error)
    })
}

/// Lets nobody else change the drafts of a workflow, or drop it, until the transaction ends.
pub(super) fn lock(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&LOCK, tenant, workflow)
}

/// Adds a workflow of which nothing is published; changes nothing when there is one.
pub(crate) fn add_workflow(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&ADD_WORKFLOW, tenant, workflow)
}

/// The draft of a workflow.
pub(crate) fn draft(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&DRAFT, tenant, workflow)
}

/// How often drafts of a workflow were written or thrown away; no row when never.
pub(crate) fn draft_edits(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&EDITS, tenant, workflow)
}

/// Writes a draft if its revision is the next; all statements in one transaction, the last one tells.
///
/// # Errors
/// `Other` when the revision is beyond 63 bits.
pub(crate) fn save_draft(tenant: &TenantId, row: &DraftRow, title: &str) -> Result<Vec<Bound>> {
    let revision = number(row.revision)?;
    let add = (revision == 1).then(|| add_workflow(tenant, &row.workflow));
    let put = of(&PUT, tenant, &row.workflow)
        .bind(revision)
        .bind(row.strategy.map(i64::from))
        .bind(row.format.as_str())
        .bind(row.source.as_str())
        .bind(row.changed_by.as_ref().map(|person| person.as_str()))
        .bind(row.changed_at);
    let count = of(&COUNT, tenant, &row.workflow).bind(revision).bind(title);
    let lock = lock(tenant, &row.workflow);
    Ok(add.into_iter().chain([lock, put, count]).collect())
}

/// Throws a draft away if it is of that revision; all statements in one transaction, the last one
/// tells.
///
/// # Errors
/// `Other` when the revision is beyond 63 bits.
pub(crate) fn drop_draft(
    tenant: &TenantId,
    workflow: &WorkflowKey,
    revision: u64,
) -> Result<[Bound; 3]> {
    let revision = number(revision)?;
    let [drop, count] = [&DROP, &COUNT_DROPPED].map(|sql| of(sql, tenant, workflow).bind(revision));
    Ok([lock(tenant, workflow), drop, count])
}
