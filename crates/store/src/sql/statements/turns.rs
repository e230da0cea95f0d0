//! Turns of round-robin pools: whoever had the fewest is next, ties by id.

use signoff_core::id::{PersonId, TenantId};

use crate::{
    error::{Error, ErrorKind, Result},
    sql::{Bound, Sql},
};

// 1 tenant, 2 pool, 3 members. On SQLite alone: one statement is enough where one writes at a time.
static TAKE: Sql = Sql::new(
    "INSERT INTO signoff_pool (tenant, pool, member, turns)
SELECT ?1, ?2, one.value, 1
FROM json_each(?3) AS one
LEFT JOIN signoff_pool AS had ON had.tenant = ?1 AND had.pool = ?2 AND had.member = one.value
WHERE true
ORDER BY coalesce(had.turns, 0), one.value LIMIT 1
ON CONFLICT (tenant, pool, member) DO UPDATE SET turns = turns + 1
RETURNING member",
);

// 1 tenant, 2 pool, 3 member. The row of no member is that of the pool: who counts it holds its lock.
static COUNT: Sql = Sql::new(
    "INSERT INTO signoff_pool (tenant, pool, member, turns) VALUES (?1, ?2, ?3, 1)
ON CONFLICT (tenant, pool, member) DO UPDATE SET turns = signoff_pool.turns + 1",
)
.mysql(
    "INSERT INTO signoff_pool (tenant, pool, member, turns) VALUES (?1, ?2, ?3, 1)
ON DUPLICATE KEY UPDATE turns = turns + 1",
);

// 1 tenant, 2 pool, 3 members.
static NEXT: Sql = Sql::new(
    "SELECT one.member FROM json_array_elements_text(?3::json) AS one(member)
LEFT JOIN signoff_pool AS had ON had.tenant = ?1 AND had.pool = ?2 AND had.member = one.member
ORDER BY coalesce(had.turns, 0), one.member COLLATE \"C\" LIMIT 1",
)
.mysql(
    "SELECT one.member FROM JSON_TABLE(?3, '$[*]' COLUMNS (member LONGTEXT CHARSET utf8mb4 PATH '$')) AS one
LEFT JOIN signoff_pool AS had ON had.tenant = ?1 AND had.pool = ?2 AND had.member = one.member
ORDER BY coalesce(had.turns, 0), CAST(one.member AS BINARY) LIMIT 1",
);

/// The stored form of the members of a pool.
///
/// # Errors
/// `Other` when they have none.
pub(crate) fn members(members: &[PersonId]) -> Result<String> {
    serde_json::to_string(members).map_err(|error| {
        Error::new(ErrorKind::Other, "the members have no stored form").caused_by(error)
    })
}

/// Counts the next turn and gives its member.
pub(crate) fn take_turn(tenant: &TenantId, pool: &str, members: &str) -> Bound {
    let bound = Bound::new(&TAKE).bind(tenant.as_str()).bind(pool);
    bound.bind(members).returning()
}

/// Lets nobody else take a turn of the pool until the transaction ends.
pub(crate) fn lock_pool(tenant: &TenantId, pool: &str) -> Bound {
    count_turn(tenant, pool, "")
}

/// Whose turn is next.
pub(crate) fn next_turn(tenant: &TenantId, pool: &str, members: &str) -> Bound {
    let bound = Bound::new(&NEXT).bind(tenant.as_str()).bind(pool);
    bound.bind(members)
}

/// Counts a turn.
pub(crate) fn count_turn(tenant: &TenantId, pool: &str, member: &str) -> Bound {
    let bound = Bound::new(&COUNT).bind(tenant.as_str()).bind(pool);
    bound.bind(member)
}
