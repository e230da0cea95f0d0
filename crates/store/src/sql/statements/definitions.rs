//! Workflows and definitions.

use std::iter;

use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::{DefinitionRow, WorkflowChange, WorkflowStatus},
    sql::{Bound, Sql, statements::drafts},
};

// The newest version of a workflow and its hash, NULL when nothing of it is published any more or
// yet. 1 tenant, 2 workflow.
static LATEST: Sql = Sql::new(
    "SELECT w.latest, d.hash
FROM signoff_workflow w
LEFT JOIN signoff_definition d
    ON d.tenant = w.tenant AND d.workflow = w.workflow AND d.version = w.latest
WHERE w.tenant = ?1 AND w.workflow = ?2",
);

// Gives a workflow a newer version. 1 tenant, 2 key, 3 title, 4 version.
static NEXT_VERSION: Sql = Sql::new(
    "UPDATE signoff_workflow SET latest = ?4, title = ?3,
    status = CASE WHEN status IN ('draft', 'dropped') THEN 'active' ELSE status END
WHERE tenant = ?1 AND workflow = ?2",
);

// Adds a version. 1 tenant, 2 workflow, 3 version, 4 hash, 5 title, 6 document, 7 moment.
static NEW_DEFINITION: Sql = Sql::new(
    "INSERT INTO signoff_definition
    (tenant, workflow, version, hash, title, document, published_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);

// A version of a workflow. 1 tenant, 2 workflow, 3 version, or NULL for the newest.
static DEFINITION: Sql = Sql::new("SELECT version, hash, title, document, published_at
FROM signoff_definition
WHERE tenant = ?1 AND workflow = ?2
    AND version = coalesce(?3, (SELECT latest FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?2))");

static AS_OF: Sql = Sql::new(
    "SELECT version, hash, title, document, published_at
FROM signoff_definition
WHERE tenant = ?1 AND workflow = ?2 AND published_at <= ?3
ORDER BY version DESC LIMIT 1",
);

/// The newest version that was published at a moment or before.
pub(crate) fn definition_as_of(
    tenant: &TenantId,
    workflow: &WorkflowKey,
    published: Timestamp,
) -> Bound {
    Bound::new(&AS_OF)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(published)
}

// A workflow. 1 tenant, 2 key.
static WORKFLOW: Sql = Sql::new("SELECT workflow, status, hidden, owner,
    CASE WHEN EXISTS (SELECT 1 FROM signoff_definition d
        WHERE d.tenant = w.tenant AND d.workflow = w.workflow AND d.version = w.latest) THEN latest ELSE 0 END, edits,
    EXISTS (SELECT 1 FROM signoff_draft d WHERE d.tenant = w.tenant AND d.workflow = w.workflow), title
FROM signoff_workflow w
WHERE tenant = ?1 AND workflow = ?2 AND status <> 'dropped'");

// All workflows. 1 tenant.
static WORKFLOWS: Sql = Sql::new("SELECT workflow, status, hidden, owner,
    CASE WHEN EXISTS (SELECT 1 FROM signoff_definition d
        WHERE d.tenant = w.tenant AND d.workflow = w.workflow AND d.version = w.latest) THEN latest ELSE 0 END, edits,
    EXISTS (SELECT 1 FROM signoff_draft d WHERE d.tenant = w.tenant AND d.workflow = w.workflow), title
FROM signoff_workflow w
WHERE tenant = ?1 AND status <> 'dropped' ORDER BY workflow");

// 1 tenant, 2 key, 3 status, 4 hidden, 5 whether the owner changes, 6 owner.
static CHANGE: Sql = Sql::new(
    "UPDATE signoff_workflow SET
    status = coalesce(?3, status), hidden = coalesce(?4, hidden),
    owner = CASE WHEN ?5 = 1 THEN ?6 ELSE owner END
WHERE tenant = ?1 AND workflow = ?2 AND status <> 'dropped'",
);

/// Changes what a workflow has beside its content.
pub(crate) fn change_workflow(
    tenant: &TenantId,
    key: &WorkflowKey,
    change: &WorkflowChange,
) -> Bound {
    Bound::new(&CHANGE)
        .bind(tenant.as_str())
        .bind(key.as_str())
        .bind(change.status.map(WorkflowStatus::as_str))
        .bind(change.hidden.map(i64::from))
        .bind(i64::from(change.owner.is_some()))
        .bind(change.owner.as_ref().and_then(Option::as_deref))
}

// 1 tenant, 2 key. The row of the workflow stays, so that its numbers never begin anew.
static DROP: [Sql; 4] = [
    Sql::new("DELETE FROM signoff_definition WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)"),
    Sql::new("DELETE FROM signoff_draft WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)"),
    Sql::new("DELETE FROM signoff_schedule WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)"),
    Sql::new("UPDATE signoff_workflow SET status = 'dropped', hidden = 0, owner = NULL, edits = edits + 1
    WHERE tenant = ?1 AND workflow = ?2 AND status <> 'dropped'
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)"),
];

// Without it, a start that is not committed yet would be overlooked.
static LOCK_STARTS: Sql = Sql::new("LOCK TABLE signoff_instance IN SHARE ROW EXCLUSIVE MODE");

/// Waits for the instances that others are about to write, and lets nobody write more until the
/// transaction ends; on PostgreSQL alone.
pub(crate) const fn lock_starts() -> Bound {
    Bound::new(&LOCK_STARTS)
}

/// Drops a workflow without instances; all statements in one transaction, the last one tells.
pub(crate) fn drop_workflow(tenant: &TenantId, key: &WorkflowKey) -> Vec<Bound> {
    let drop = DROP.iter().map(|sql| of(sql, tenant, key));
    iter::once(drafts::lock(tenant, key)).chain(drop).collect()
}

static LOCK: Sql =
    Sql::new("SELECT 1 FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?2 FOR UPDATE");

fn of(sql: &'static Sql, tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    let bound = Bound::new(sql).bind(tenant.as_str());
    bound.bind(workflow.as_str())
}

/// Lets nobody else publish the workflow until the transaction ends.
pub(crate) fn lock_workflow(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&LOCK, tenant, workflow)
}

/// The newest version of a workflow and its hash.
pub(crate) fn latest(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&LATEST, tenant, workflow)
}

/// Adds a version; both in one transaction.
pub(crate) fn publish(tenant: &TenantId, row: &DefinitionRow, version: u32) -> [Bound; 2] {
    let next = of(&NEXT_VERSION, tenant, &row.workflow)
        .bind(row.title.as_str())
        .bind(i64::from(version));
    let add = of(&NEW_DEFINITION, tenant, &row.workflow)
        .bind(i64::from(version))
        .bind(row.hash.as_str())
        .bind(row.title.as_str())
        .bind(row.document.as_str())
        .bind(row.published_at);
    [next, add]
}

/// A version of a workflow, or its newest.
pub(crate) fn definition(tenant: &TenantId, workflow: &WorkflowKey, version: Option<u32>) -> Bound {
    of(&DEFINITION, tenant, workflow).bind(version.map(i64::from))
}

/// A workflow.
pub(crate) fn workflow(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    of(&WORKFLOW, tenant, workflow)
}

/// All workflows.
pub(crate) fn workflows(tenant: &TenantId) -> Bound {
    Bound::new(&WORKFLOWS).bind(tenant.as_str())
}
