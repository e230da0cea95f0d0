//! Stored actions.

use signoff_core::id::{ActionId, PersonId, TenantId, WorkflowKey};

use crate::{
    contract::ActionRow,
    sql::{Bound, Sql},
};

// 1 tenant, 2 workflow.
static OF_WORKFLOW: Sql = Sql::new(
    "SELECT id, workflow, scope, scope_key, event, body, changed_by, changed_at
FROM signoff_action WHERE tenant = ?1 AND workflow = ?2 ORDER BY id",
);

// 1 tenant, 2 id.
static ONE: Sql = Sql::new(
    "SELECT id, workflow, scope, scope_key, event, body, changed_by, changed_at
FROM signoff_action WHERE tenant = ?1 AND id = ?2",
);
static DROP: Sql = Sql::new("DELETE FROM signoff_action WHERE tenant = ?1 AND id = ?2");

// 1 tenant, 2 id, 3 workflow, 4 scope, 5 its key, 6 event, 7 body, 8 person, 9 moment.
static PUT: Sql = Sql::new(
    "INSERT INTO signoff_action (
    tenant, id, workflow, scope, scope_key, event, body, changed_by, changed_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (tenant, id) DO UPDATE SET workflow = ?3, scope = ?4, scope_key = ?5, event = ?6, body = ?7,
    changed_by = ?8, changed_at = ?9",
)
.mysql(
    "INSERT INTO signoff_action (
    tenant, id, workflow, scope, scope_key, event, body, changed_by, changed_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON DUPLICATE KEY UPDATE
    workflow = VALUES(workflow), scope = VALUES(scope), scope_key = VALUES(scope_key),
    event = VALUES(event), body = VALUES(body), changed_by = VALUES(changed_by), changed_at = VALUES(changed_at)",
);

/// The actions of a workflow.
pub(crate) fn actions(tenant: &TenantId, workflow: &WorkflowKey) -> Bound {
    Bound::new(&OF_WORKFLOW)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
}

/// One action.
pub(crate) fn action(tenant: &TenantId, id: ActionId) -> Bound {
    Bound::new(&ONE).bind(tenant.as_str()).bind(id.uuid())
}

/// Writes an action.
pub(crate) fn put_action(tenant: &TenantId, row: &ActionRow) -> Bound {
    let (scope, key) = row.scope.stored();
    Bound::new(&PUT)
        .bind(tenant.as_str())
        .bind(row.id.uuid())
        .bind(row.workflow.as_str())
        .bind(scope)
        .bind(key)
        .bind(row.event.as_str())
        .bind(row.body.as_str())
        .bind(row.changed_by.as_ref().map(PersonId::as_str))
        .bind(row.changed_at)
}

/// Drops an action.
pub(crate) fn drop_action(tenant: &TenantId, id: ActionId) -> Bound {
    Bound::new(&DROP).bind(tenant.as_str()).bind(id.uuid())
}
