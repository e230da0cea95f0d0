//! Substitutions.

use signoff_core::id::{PersonId, SubstitutionId, TenantId};

use crate::{
    contract::{SubstitutionFilter, SubstitutionRow},
    sql::{Bound, Sql},
};

macro_rules! select {
    ($when:literal) => {
        concat!(
            "SELECT id, principal, substitute, starts_at, ends_at, changed_by, changed_at
FROM signoff_substitution WHERE tenant = ?1",
            $when,
            "\nORDER BY principal, starts_at, id"
        )
    };
}

// 1 tenant, 2 principal, 3 moment, 4 moment; NULL from 2 on means any.
static ALL: Sql = Sql::new(select!(
    " AND (?2 IS NULL OR principal = ?2)
    AND (?3 IS NULL OR starts_at <= ?3 AND (ends_at IS NULL OR ends_at > ?3))
    AND (?4 IS NULL OR ends_at IS NULL OR ends_at > ?4)"
));

// 1 tenant, 2 id.
static ONE: Sql = Sql::new(select!(" AND id = ?2"));
static DROP: Sql = Sql::new("DELETE FROM signoff_substitution WHERE tenant = ?1 AND id = ?2");

// 1 tenant, 2 id, 3 principal, 4 substitute, 5 from, 6 until, 7 person, 8 moment.
static PUT: Sql = Sql::new(
    "INSERT INTO signoff_substitution (
    tenant, id, principal, substitute, starts_at, ends_at, changed_by, changed_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (tenant, id) DO UPDATE SET principal = ?3, substitute = ?4, starts_at = ?5, ends_at = ?6,
    changed_by = ?7, changed_at = ?8",
)
.mysql(
    "INSERT INTO signoff_substitution (
    tenant, id, principal, substitute, starts_at, ends_at, changed_by, changed_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON DUPLICATE KEY UPDATE
    principal = VALUES(principal), substitute = VALUES(substitute), starts_at = VALUES(starts_at),
    ends_at = VALUES(ends_at), changed_by = VALUES(changed_by), changed_at = VALUES(changed_at)",
);

/// Substitutions of a filter.
pub(crate) fn substitutions(tenant: &TenantId, filter: &SubstitutionFilter) -> Bound {
    Bound::new(&ALL)
        .bind(tenant.as_str())
        .bind(filter.principal.as_ref().map(PersonId::as_str))
        .bind(filter.at)
        .bind(filter.not_over)
}

/// One substitution.
pub(crate) fn substitution(tenant: &TenantId, id: SubstitutionId) -> Bound {
    Bound::new(&ONE).bind(tenant.as_str()).bind(id.uuid())
}

/// Writes a substitution.
pub(crate) fn put_substitution(tenant: &TenantId, row: &SubstitutionRow) -> Bound {
    Bound::new(&PUT)
        .bind(tenant.as_str())
        .bind(row.id.uuid())
        .bind(row.principal.as_str())
        .bind(row.substitute.as_str())
        .bind(row.from)
        .bind(row.until)
        .bind(row.changed_by.as_ref().map(PersonId::as_str))
        .bind(row.changed_at)
}

/// Drops a substitution.
pub(crate) fn drop_substitution(tenant: &TenantId, id: SubstitutionId) -> Bound {
    Bound::new(&DROP).bind(tenant.as_str()).bind(id.uuid())
}
