//! Messages and subscriptions.

use jiff::Timestamp;
use signoff_core::{
    change::MessageRow,
    id::{ActivationId, MessageId, TenantId},
};
use uuid::Uuid;

use crate::{
    contract::SubscriberFilter,
    sql::{Bound, Sql},
};

// 1 tenant, 2 id, 3 name, 4 key, 5 payload, 6 sent, 7 expires.
static ADD: Sql = Sql::new(
    "INSERT INTO signoff_message (tenant, id, name, message_key, payload, sent_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
)
.mysql(
    "INSERT INTO signoff_message (
    tenant, id, id_hash, name, name_hash, message_key, key_hash, payload, sent_at, expires_at
)
VALUES (?1, ?2, unhex(sha2(?2, 256)), ?3, unhex(sha2(?3, 256)), ?4, unhex(sha2(?4, 256)), ?5, ?6, ?7)",
);

// 1 tenant, 2 name, 3 key, 4 now.
static WAITING: Sql = Sql::new(
    "SELECT id, name, message_key, payload, sent_at, expires_at, consumed_by
FROM signoff_message
WHERE tenant = ?1 AND name = ?2 AND message_key = ?3 AND consumed_by IS NULL
    AND (expires_at IS NULL OR expires_at > ?4)
ORDER BY sent_at, id LIMIT 100",
)
.mysql(
    "SELECT id, name, message_key, payload, sent_at, expires_at, consumed_by
FROM signoff_message
WHERE tenant = ?1 AND name_hash = unhex(sha2(?2, 256)) AND key_hash = unhex(sha2(?3, 256))
    AND consumed_by IS NULL
    AND (expires_at IS NULL OR expires_at > ?4)
ORDER BY sent_at, id LIMIT 100",
);

// 1 tenant, 2 id.
static MESSAGE: Sql = Sql::new(
    "SELECT id, name, message_key, payload, sent_at, expires_at, consumed_by
FROM signoff_message WHERE tenant = ?1 AND id = ?2",
)
.mysql(
    "SELECT id, name, message_key, payload, sent_at, expires_at, consumed_by
FROM signoff_message WHERE tenant = ?1 AND id_hash = unhex(sha2(?2, 256))",
);

// 1 tenant, or NULL for all, 2 before.
static DROP: Sql = Sql::new(
    "DELETE FROM signoff_message WHERE rowid IN (
    SELECT rowid FROM signoff_message WHERE consumed_at < ?2 AND (?1 IS NULL OR tenant = ?1)
    UNION ALL
    SELECT rowid FROM signoff_message
    WHERE expires_at < ?2 AND consumed_by IS NULL AND (?1 IS NULL OR tenant = ?1)
    LIMIT 1000
)",
)
.postgres(
    "DELETE FROM signoff_message WHERE (tenant, id) IN (
    SELECT tenant, id FROM signoff_message WHERE consumed_at < ?2 AND (?1 IS NULL OR tenant = ?1)
    UNION ALL
    SELECT tenant, id FROM signoff_message
    WHERE expires_at < ?2 AND consumed_by IS NULL AND (?1 IS NULL OR tenant = ?1)
    LIMIT 1000
)",
)
.mysql(
    "DELETE gone FROM (
    SELECT tenant, id_hash FROM signoff_message WHERE consumed_at < ?2 AND (?1 IS NULL OR tenant = ?1)
    UNION ALL
    SELECT tenant, id_hash FROM signoff_message
    WHERE expires_at < ?2 AND consumed_by IS NULL AND (?1 IS NULL OR tenant = ?1)
    LIMIT 1000
) AS old STRAIGHT_JOIN signoff_message AS gone ON gone.tenant = old.tenant AND gone.id_hash = old.id_hash",
);

macro_rules! subscribers {
    ($found:literal, $behind:literal, $when:literal) => {
        concat!(
            "SELECT instance, activation, message_key, since FROM signoff_subscription
WHERE tenant = ?1 AND kind = ?2 AND ",
            $found,
            " AND since <= ?4 AND ",
            $behind,
            " AND ",
            $when,
            "\nORDER BY since, activation LIMIT ?7"
        )
    };
    ($when:literal, $when_mysql:literal) => {
        Sql::new(subscribers!(
            "name = ?3",
            "(since, activation) > (?5, ?6)",
            $when
        ))
        .mysql(subscribers!(
            "name_hash = unhex(sha2(?3, 256))",
            "since >= ?5 AND (since > ?5 OR activation > ?6)",
            $when_mysql
        ))
    };
}

// 1 tenant, 2 kind, 3 name, 4 until, 5 and 6 after, 7 limit, 8 key.
static OF_NAME: Sql = subscribers!("?8 IS NULL", "?8 IS NULL");
static OF_KEY: Sql = subscribers!("message_key = ?8", "key_hash = unhex(sha2(?8, 256))");

/// Keeps a message; changes nothing when there is one of its id.
pub(crate) fn add_message(message: &MessageRow) -> Bound {
    Bound::new(&ADD)
        .bind(message.tenant.as_str())
        .bind(message.id.as_str())
        .bind(message.name.as_str())
        .bind(message.key.as_str())
        .bind(message.payload.as_str())
        .bind(message.sent_at)
        .bind(message.expires_at)
}

/// Drops messages that were consumed or expired before a moment.
pub(crate) fn drop_messages(tenant: Option<&TenantId>, before: Timestamp) -> Bound {
    Bound::new(&DROP)
        .bind(tenant.map(TenantId::as_str))
        .bind(before)
}

/// The messages of a name and key that can still be consumed at `now`.
pub(crate) fn messages(tenant: &TenantId, name: &str, key: &str, now: Timestamp) -> Bound {
    Bound::new(&WAITING)
        .bind(tenant.as_str())
        .bind(name)
        .bind(key)
        .bind(now)
}

/// One message.
pub(crate) fn message(tenant: &TenantId, id: &MessageId) -> Bound {
    Bound::new(&MESSAGE).bind(tenant.as_str()).bind(id.as_str())
}

/// Those who wait for a name, or for one of its keys.
pub(crate) fn subscribers(filter: &SubscriberFilter) -> Bound {
    let beginning = (Timestamp::MIN, ActivationId::new(Uuid::nil()));
    let (since, activation) = filter.after.unwrap_or(beginning);
    let sql = match filter.key {
        Some(_) => &OF_KEY,
        None => &OF_NAME,
    };
    Bound::new(sql)
        .bind(filter.tenant.as_str())
        .bind(filter.kind.as_str())
        .bind(filter.name.as_str())
        .bind(filter.until)
        .bind(since)
        .bind(activation.uuid())
        .bind(i64::from(filter.limit))
        .bind(filter.key.as_deref())
}
