//! Bindings.

use signoff_core::id::TenantId;

use crate::{
    contract::BindingRow,
    sql::{Bound, Sql},
};

// 1 tenant.
static ALL: Sql = Sql::new(
    "SELECT subject_type, body, changed_by, changed_at
FROM signoff_binding WHERE tenant = ?1 ORDER BY subject_type",
);

// 1 tenant, 2 type.
static ONE: Sql = Sql::new(
    "SELECT subject_type, body, changed_by, changed_at
FROM signoff_binding WHERE tenant = ?1 AND subject_type = ?2",
);
static DROP: Sql = Sql::new("DELETE FROM signoff_binding WHERE tenant = ?1 AND subject_type = ?2");

// 1 tenant, 2 type, 3 body, 4 person, 5 moment.
static PUT: Sql = Sql::new(
    "INSERT INTO signoff_binding (tenant, subject_type, body, changed_by, changed_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (tenant, subject_type) DO UPDATE SET body = ?3, changed_by = ?4, changed_at = ?5",
)
.mysql(
    "INSERT INTO signoff_binding (tenant, subject_type, body, changed_by, changed_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON DUPLICATE KEY UPDATE
    body = VALUES(body), changed_by = VALUES(changed_by), changed_at = VALUES(changed_at)",
);

/// All bindings.
pub(crate) fn bindings(tenant: &TenantId) -> Bound {
    Bound::new(&ALL).bind(tenant.as_str())
}

/// The binding of a type.
pub(crate) fn binding(tenant: &TenantId, subject_type: &str) -> Bound {
    Bound::new(&ONE).bind(tenant.as_str()).bind(subject_type)
}

/// Writes a binding.
pub(crate) fn put_binding(tenant: &TenantId, row: &BindingRow) -> Bound {
    Bound::new(&PUT)
        .bind(tenant.as_str())
        .bind(row.subject_type.as_str())
        .bind(row.body.as_str())
        .bind(row.changed_by.as_ref().map(|person| person.as_str()))
        .bind(row.changed_at)
}

/// Drops the binding of a type.
pub(crate) fn drop_binding(tenant: &TenantId, subject_type: &str) -> Bound {
    Bound::new(&DROP).bind(tenant.as_str()).bind(subject_type)
}
