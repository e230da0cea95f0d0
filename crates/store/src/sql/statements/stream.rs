//! Positions of entries, and reading by them.

use serde_json::{Value, json};
use signoff_core::id::{InstanceId, TenantId};

use crate::{
    contract::EntryFilter,
    sql::{Bound, Sql},
};

// 1 tenant, 2 after, 3 limit.
static ENTRIES: Sql = Sql::new(
    "SELECT position, instance, version, at, person, body FROM signoff_event
WHERE tenant = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
)
.mysql(
    "SELECT position, instance, version, at, person, body
FROM signoff_event FORCE INDEX (signoff_event_position)
WHERE tenant = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
);

// The same of one instance, where the order is that of the versions: no index of positions is to be used.
// 4 instance.
static ENTRIES_OF: Sql = Sql::new(
    "SELECT position, instance, version, at, person, body FROM signoff_event
WHERE tenant = ?1 AND instance = ?4 AND coalesce(position, 0) > ?2 ORDER BY version LIMIT ?3",
);

// The last position that was given. 1 tenant.
static LAST: Sql = Sql::new("SELECT position FROM signoff_sequence WHERE tenant = ?1");

// Whether there are entries without a position. Without the order a planner that remembers many of them
// reads the table from its beginning. 1 tenant.
static IS_NEW: Sql = Sql::new(
    "SELECT 1 FROM signoff_event WHERE tenant = ?1 AND position IS NULL ORDER BY at LIMIT 1",
)
.mysql(
    "SELECT 1 FROM signoff_event FORCE INDEX (signoff_event_position)
WHERE tenant = ?1 AND position IS NULL ORDER BY at LIMIT 1",
);

// Lets nobody else number entries of the tenant until the transaction ends. 1 tenant.
static LOCK: Sql = Sql::new(
    "INSERT INTO signoff_sequence (tenant, position) VALUES (?1, 0)
ON CONFLICT (tenant) DO UPDATE SET position = signoff_sequence.position",
)
.mysql(
    "INSERT INTO signoff_sequence (tenant, position) VALUES (?1, 0)
ON DUPLICATE KEY UPDATE position = signoff_sequence.position",
);

macro_rules! new {
    ($index:literal) => {
        concat!(
            "SELECT new.instance, new.version, new.at,
    CASE WHEN earlier.version IS NOT NULL AND earlier.position IS NULL THEN 1 ELSE 0 END
FROM signoff_event AS new",
            $index,
            "
LEFT JOIN signoff_event AS earlier
    ON earlier.tenant = new.tenant AND earlier.instance = new.instance
    AND earlier.version = new.version - 1
WHERE new.tenant = ?1 AND new.position IS NULL ORDER BY new.at LIMIT ?2"
        )
    };
}

// Entries without a position by moment, each with whether the one before it has none either. It reads what
// is committed and waits for nobody. 1 tenant, 2 limit.
static NEW: Sql = Sql::new(new!("")).mysql(new!(" FORCE INDEX (signoff_event_position)"));

// Those of one instance. 1 tenant, 2 limit, 3 instance.
static NEW_OF: Sql = Sql::new(
    "SELECT instance, version, at, 0 FROM signoff_event
WHERE tenant = ?1 AND instance = ?3 AND position IS NULL ORDER BY version LIMIT ?2",
);

// 1 tenant, 2 entries, each with its instance, version and position. An update from a list would read all
// that is new for each of it on SQLite, and PostgreSQL is not to look for them in the index of what is new.
static NUMBER: Sql = Sql::new(
    "INSERT INTO signoff_event (tenant, instance, version, at, person, body, position)
SELECT event.tenant, event.instance, event.version, event.at, event.person, event.body, new.value ->> 2
FROM json_each(?2) AS new CROSS JOIN signoff_event AS event
WHERE event.tenant = ?1 AND event.instance = unhex(new.value ->> 0)
    AND event.version = new.value ->> 1 AND event.position IS NULL
ON CONFLICT (tenant, instance, version) DO UPDATE SET position = excluded.position",
)
.postgres(
    "UPDATE signoff_event AS event SET position = (new.value ->> 2)::bigint
FROM json_array_elements(?2::json) AS new
WHERE event.tenant = ?1
    AND event.instance = ANY (ARRAY(SELECT (value ->> 0)::uuid FROM json_array_elements(?2::json)))
    AND event.instance = (new.value ->> 0)::uuid
    AND event.version = (new.value ->> 1)::bigint AND coalesce(event.position, 0) = 0",
)
.mysql(
    "UPDATE JSON_TABLE(?2, '$[*]' COLUMNS (
    instance CHAR(32) PATH '$[0]', version BIGINT PATH '$[1]', position BIGINT PATH '$[2]'
)) AS new
STRAIGHT_JOIN signoff_event AS event
    ON event.tenant = ?1 AND event.instance = unhex(new.instance) AND event.version = new.version
SET event.position = new.position
WHERE event.position IS NULL",
);

// 1 tenant, 2 position.
static ADVANCE: Sql = Sql::new("UPDATE signoff_sequence SET position = ?2 WHERE tenant = ?1");

/// An entry, by its instance and version.
pub(crate) type EntryKey = (InstanceId, u64);

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The entries behind a position, by position.
pub(crate) fn entries(tenant: &TenantId, filter: &EntryFilter, limit: u32) -> Bound {
    let bound = |sql| {
        Bound::new(sql)
            .bind(tenant.as_str())
            .bind(stored(filter.after))
            .bind(i64::from(limit))
    };
    match filter.instance {
        None => bound(&ENTRIES),
        Some(instance) => bound(&ENTRIES_OF).bind(instance.uuid()),
    }
}

/// The last position that was given.
pub(crate) fn last_position(tenant: &TenantId) -> Bound {
    Bound::new(&LAST).bind(tenant.as_str())
}

/// A row when there are entries without a position.
pub(crate) fn is_new(tenant: &TenantId) -> Bound {
    Bound::new(&IS_NEW).bind(tenant.as_str())
}

/// Lets nobody else number entries of the tenant.
pub(crate) fn lock_sequence(tenant: &TenantId) -> Bound {
    Bound::new(&LOCK).bind(tenant.as_str())
}

/// Entries without a position: by moment, or those of one instance by version.
pub(crate) fn new_entries(tenant: &TenantId, instance: Option<InstanceId>, limit: u32) -> Bound {
    let bound = |sql| {
        let bound = Bound::new(sql).bind(tenant.as_str());
        bound.bind(i64::from(limit))
    };
    match instance {
        None => bound(&NEW),
        Some(instance) => bound(&NEW_OF).bind(instance.uuid()),
    }
}

/// Gives entries the positions behind `last`, in their order.
pub(crate) fn number(tenant: &TenantId, last: u64, entries: &[EntryKey]) -> [Bound; 2] {
    let numbered = entries.iter().zip(last + 1..);
    let list = numbered.map(|((instance, version), position)| {
        json!([instance.uuid().simple().to_string(), version, position])
    });
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let of = |sql| Bound::new(sql).bind(tenant.as_str());
    [
        of(&NUMBER)
            .bind(Value::from_iter(list).to_string())
            .expecting(count),
        of(&ADVANCE).bind(stored(last + count)),
    ]
}
