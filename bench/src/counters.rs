//! What PostgreSQL counts of its own work.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, PgConnection, Row as _};

/// Statements that a database has run, and what its server did for the disk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) statements: f64,
    /// Waits for the disk.
    pub(crate) syncs: f64,
    /// Bytes of the log.
    pub(crate) bytes: f64,
}

const COUNTERS: &str = "
SELECT
    (SELECT coalesce(sum(s.calls), 0)::float8 FROM pg_stat_statements AS s
        JOIN pg_database AS d ON d.oid = s.dbid WHERE d.datname = $1) AS statements,
    wal_sync::float8 AS syncs,
    wal_bytes::float8 AS bytes
FROM pg_stat_wal";
const CLIENTS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
/// How often it is asked whether all clients have gone, and how long between.
const ASKED: usize = 250;
const BETWEEN: Duration = Duration::from_millis(20);

impl Counters {
    /// Those of the database with this URL at this moment. A connection tells what it did when it ends, so all to the
    /// database must have ended; nothing else may run on the server meanwhile.
    pub(crate) async fn of(server: &mut PgConnection, url: &str) -> anyhow::Result<Self> {
        let (_, database) = url.rsplit_once('/').context("the URL names no database")?;
        for _ in 0..ASKED {
            let clients = sqlx::query_scalar::<_, i64>(CLIENTS).bind(database);
            if clients.fetch_one(&mut *server).await? == 0 {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
        }
        let row = sqlx::query(COUNTERS).bind(database);
        let row = row.fetch_one(server).await?;
        Ok(Self {
            statements: row.try_get("statements")?,
            syncs: row.try_get("syncs")?,
            bytes: row.try_get("bytes")?,
        })
    }

    /// What each of so many processes took since `before`.
    pub(crate) fn each_since(self, before: Self, processes: usize) -> anyhow::Result<Self> {
        ensure!(processes > 0, "no process finished");
        let processes = f64::from(u32::try_from(processes)?);
        Ok(Self {
            statements: (self.statements - before.statements) / processes,
            syncs: (self.syncs - before.syncs) / processes,
            bytes: (self.bytes - before.bytes) / processes,
        })
    }
}

/// Makes an empty database beside the one of the URL; its own URL.
pub(crate) async fn fresh_database(
    server: &mut PgConnection,
    url: &str,
    name: &str,
) -> anyhow::Result<String> {
    drop_database(server, name).await?;
    let create = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create))
        .execute(server)
        .await?;
    Ok(beside(url, name))
}

/// The URL of another database of the same server.
pub(crate) fn beside(url: &str, name: &str) -> String {
    let (before, _) = url.rsplit_once('/').unwrap_or((url, ""));
    format!("{before}/{name}")
}

/// Drops a database, if it is there, whoever uses it.
pub(crate) async fn drop_database(server: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
        .execute(server)
        .await?;
    Ok(())
}

/// A connection to the server.
pub(crate) async fn connect(url: &str) -> anyhow::Result<PgConnection> {
    let mut server = PgConnection::connect(url).await?;
    sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        .execute(&mut server)
        .await?;
    Ok(server)
}
