//! Workflows and definitions.

use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::sql::Bound;

/// The newest version of a workflow and its hash. 1 tenant, 2 workflow.
pub const LATEST: &str = "SELECT d.version, d.hash
FROM signoff_workflow w
JOIN signoff_definition d ON d.tenant = w.tenant AND d.workflow = w.key AND d.version = w.latest
WHERE w.tenant = ?1 AND w.key = ?2";

/// Adds an active workflow. 1 tenant, 2 key, 3 title.
pub const NEW_WORKFLOW: &str = "INSERT INTO signoff_workflow (tenant, key, active, latest, title)
VALUES (?1, ?2, 1, 1, ?3)";

/// Gives a workflow a newer version. 1 tenant, 2 key, 3 title, 4 version.
pub const NEXT_VERSION: &str = "UPDATE signoff_workflow SET latest = ?4, title = ?3
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
pub const WORKFLOW: &str = "SELECT key, active, latest, title FROM signoff_workflow
WHERE tenant = ?1 AND key = ?2";

/// All workflows. 1 tenant.
pub const WORKFLOWS: &str = "SELECT key, active, latest, title FROM signoff_workflow
WHERE tenant = ?1 ORDER BY key";

/// Lets new instances start or not. 1 tenant, 2 key, 3 active.
pub const SET_ACTIVE: &str =
    "UPDATE signoff_workflow SET active = ?3 WHERE tenant = ?1 AND key = ?2";
