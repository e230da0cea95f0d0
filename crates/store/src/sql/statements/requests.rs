//! Answered requests.

use jiff::Timestamp;
use signoff_core::id::TenantId;

use crate::sql::{Bound, Sql};

// 1 tenant, 2 id.
static ONE: Sql = Sql::new(
    "SELECT id, hash, notices, instance, version, answered_at
FROM signoff_request WHERE tenant = ?1 AND id = ?2",
);

// 1 before.
static DROP: Sql = Sql::new("DELETE FROM signoff_request WHERE answered_at < ?1");

// 1 before, 2 tenant.
static DROP_OF: Sql =
    Sql::new("DELETE FROM signoff_request WHERE answered_at < ?1 AND tenant = ?2");

/// An answered request.
pub(crate) fn request(tenant: &TenantId, id: &str) -> Bound {
    Bound::new(&ONE).bind(tenant.as_str()).bind(id)
}

/// Drops requests that were answered before a moment.
pub(crate) fn drop_requests(tenant: Option<&TenantId>, before: Timestamp) -> Bound {
    match tenant {
        Some(tenant) => Bound::new(&DROP_OF).bind(before).bind(tenant.as_str()),
        None => Bound::new(&DROP).bind(before),
    }
}
