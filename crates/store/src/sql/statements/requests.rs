//! Answered requests.

use jiff::Timestamp;
use signoff_core::id::TenantId;

use crate::{
    contract::KeptRequest,
    sql::{Bound, Sql},
};

// 1 tenant, 2 id.
static ONE: Sql = Sql::new(
    "SELECT id, hash, notices, instance, version, answered_at
FROM signoff_request WHERE tenant = ?1 AND id = ?2 AND taken_over IS NULL",
);

// 1 tenant, 2 id.
static KEPT: Sql = Sql::new(
    "SELECT id, hash, instance, taken_over, answer, answered_at
FROM signoff_request WHERE tenant = ?1 AND id = ?2 AND taken_over IS NOT NULL",
);

// 1 tenant, 2 id, 3 hash, 4 resource, 5 moment.
static BEGIN: Sql = Sql::new(
    "INSERT INTO signoff_request
    (tenant, id, hash, instance, version, notices, answered_at, taken_over)
VALUES (?1, ?2, ?3, ?4, 0, '[]', ?5, 0) ON CONFLICT DO NOTHING",
)
.mysql(
    "INSERT INTO signoff_request
    (tenant, id, hash, instance, version, notices, answered_at, taken_over)
VALUES (?1, ?2, ?3, ?4, 0, '[]', ?5, 0)",
);

// 1 tenant, 2 id, 3 how often it was taken over.
static TAKE_OVER: Sql = Sql::new(
    "UPDATE signoff_request SET taken_over = taken_over + 1
WHERE tenant = ?1 AND id = ?2 AND taken_over = ?3 AND answer IS NULL",
);

// 1 tenant, 2 id, 3 answer.
static ANSWER: Sql = Sql::new(
    "UPDATE signoff_request SET answer = ?3
WHERE tenant = ?1 AND id = ?2 AND taken_over IS NOT NULL AND answer IS NULL",
);

// 1 tenant, 2 id, 3 how often it was taken over.
static FORGET: Sql = Sql::new(
    "DELETE FROM signoff_request
WHERE tenant = ?1 AND id = ?2 AND taken_over = ?3 AND answer IS NULL",
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

/// A request that is kept with an answer of its own.
pub(crate) fn kept_request(tenant: &TenantId, id: &str) -> Bound {
    Bound::new(&KEPT).bind(tenant.as_str()).bind(id)
}

/// Keeps a request that is going to be done.
pub(crate) fn begin_request(tenant: &TenantId, request: &KeptRequest) -> Bound {
    Bound::new(&BEGIN)
        .bind(tenant.as_str())
        .bind(request.id.as_str())
        .bind(request.hash.as_str())
        .bind(request.resource)
        .bind(request.at)
}

/// Counts a request as taken over.
pub(crate) fn take_over_request(tenant: &TenantId, id: &str, taken_over: i64) -> Bound {
    Bound::new(&TAKE_OVER)
        .bind(tenant.as_str())
        .bind(id)
        .bind(taken_over)
}

/// Keeps an answer.
pub(crate) fn answer_request(tenant: &TenantId, id: &str, answer: &str) -> Bound {
    Bound::new(&ANSWER)
        .bind(tenant.as_str())
        .bind(id)
        .bind(answer)
}

/// Forgets a request that has no answer.
pub(crate) fn forget_request(tenant: &TenantId, id: &str, taken_over: i64) -> Bound {
    Bound::new(&FORGET)
        .bind(tenant.as_str())
        .bind(id)
        .bind(taken_over)
}

/// Drops requests that were answered before a moment.
pub(crate) fn drop_requests(tenant: Option<&TenantId>, before: Timestamp) -> Bound {
    match tenant {
        Some(tenant) => Bound::new(&DROP_OF).bind(before).bind(tenant.as_str()),
        None => Bound::new(&DROP).bind(before),
    }
}
