//! Workflows and definitions.

use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::{WorkflowChange, WorkflowStatus},
    sql::Bound,
};

/// The newest version of a workflow and its hash, NULL when nothing of it is published any more or
/// yet. 1 tenant, 2 workflow.
pub const LATEST: &str = "SELECT w.latest, d.hash
FROM signoff_workflow w
LEFT JOIN signoff_definition d
    ON d.tenant = w.tenant AND d.workflow = w.key AND d.version = w.latest
WHERE w.tenant = ?1 AND w.key = ?2";

/// Adds an active workflow. 1 tenant, 2 key, 3 title.
pub const NEW_WORKFLOW: &str = "INSERT INTO signoff_workflow 
    (tenant, key, status, hidden, latest, edits, title)
VALUES (?1, ?2, 'active', 0, 1, 0, ?3)";

/// Gives a workflow a newer version. 1 tenant, 2 key, 3 title, 4 version.
pub const NEXT_VERSION: &str = "UPDATE signoff_workflow SET latest = ?4, title = ?3,
    status = CASE WHEN status IN ('draft', 'dropped') THEN 'active' ELSE status END
WHERE tenant = ?1 AND key = ?2";

/// Adds a version. 1 tenant, 2 workflow, 3 version, 4 hash, 5 title, 6 document, 7 moment.
pub const NEW_DEFINITION: &str = "INSERT INTO signoff_definition
    (tenant, workflow, version, hash, title, document, published_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// A version of a workflow. 1 tenant, 2 workflow, 3 version, or NULL for the newest.
pub const DEFINITION: &str = "SELECT version, hash, title, document, published_at
FROM signoff_definition
WHERE tenant = ?1 AND workflow = ?2
    AND version = coalesce(?3, (SELECT latest FROM signoff_workflow WHERE tenant = ?1 AND key = ?2))";

const AS_OF: &str = "SELECT version, hash, title, document, published_at
FROM signoff_definition
WHERE tenant = ?1 AND workflow = ?2 AND published_at <= ?3
ORDER BY version DESC LIMIT 1";

/// The newest version that was published at a moment or before.
#[must_use]
pub fn definition_as_of(tenant: &TenantId, workflow: &WorkflowKey, published: Timestamp) -> Bound {
    Bound::new(AS_OF)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(published)
}

/// A workflow. 1 tenant, 2 key.
pub const WORKFLOW: &str = "SELECT key, status, hidden, owner,
    CASE WHEN EXISTS (SELECT 1 FROM signoff_definition d
        WHERE d.tenant = w.tenant AND d.workflow = w.key AND d.version = w.latest) THEN latest ELSE 0 END, edits,
    EXISTS (SELECT 1 FROM signoff_draft d WHERE d.tenant = w.tenant AND d.workflow = w.key), title
FROM signoff_workflow w
WHERE tenant = ?1 AND key = ?2 AND status <> 'dropped'";

/// All workflows. 1 tenant.
pub const WORKFLOWS: &str = "SELECT key, status, hidden, owner,
    CASE WHEN EXISTS (SELECT 1 FROM signoff_definition d
        WHERE d.tenant = w.tenant AND d.workflow = w.key AND d.version = w.latest) THEN latest ELSE 0 END, edits,
    EXISTS (SELECT 1 FROM signoff_draft d WHERE d.tenant = w.tenant AND d.workflow = w.key), title
FROM signoff_workflow w
WHERE tenant = ?1 AND status <> 'dropped' ORDER BY key";

// 1 tenant, 2 key, 3 status, 4 hidden, 5 whether the owner changes, 6 owner.
const CHANGE: &str = "UPDATE signoff_workflow SET
    status = coalesce(?3, status), hidden = coalesce(?4, hidden),
    owner = CASE WHEN ?5 THEN ?6 ELSE owner END
WHERE tenant = ?1 AND key = ?2 AND status <> 'dropped'";

/// Changes what a workflow has beside its content.
#[must_use]
pub fn change_workflow(tenant: &TenantId, key: &WorkflowKey, change: &WorkflowChange) -> Bound {
    Bound::new(CHANGE)
        .bind(tenant.as_str())
        .bind(key.as_str())
        .bind(change.status.map(WorkflowStatus::as_str))
        .bind(change.hidden.map(i64::from))
        .bind(i64::from(change.owner.is_some()))
        .bind(change.owner.as_ref().and_then(Option::as_deref))
}

// 1 tenant, 2 key. The row of the workflow stays, so that its numbers never begin anew.
const DROP: [&str; 4] = [
    "DELETE FROM signoff_definition WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)",
    "DELETE FROM signoff_draft WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)",
    "DELETE FROM signoff_schedule WHERE tenant = ?1 AND workflow = ?2
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)",
    "UPDATE signoff_workflow SET status = 'dropped', hidden = 0, owner = NULL, edits = edits + 1
    WHERE tenant = ?1 AND key = ?2 AND status <> 'dropped'
    AND NOT EXISTS (SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND workflow = ?2)",
];

/// Drops a workflow without instances; all statements in one transaction, the last one tells.
#[must_use]
pub fn drop_workflow(tenant: &TenantId, key: &WorkflowKey) -> [Bound; 4] {
    DROP.map(|sql| Bound::new(sql).bind(tenant.as_str()).bind(key.as_str()))
}
