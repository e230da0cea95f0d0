//! Taking part in a transaction that the host holds.

use std::{any::Any, fmt};

use async_trait::async_trait;
use diesel_async::AsyncMysqlConnection;
use signoff_store::{
    Capabilities, Error,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Sql, Written},
};

use crate::{
    host::ended,
    pool::{Check, Link},
};

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// The tables must be in the database of the host's connection, whose session must be strict (`sql_mode`
/// has `STRICT_TRANS_TABLES` or `STRICT_ALL_TABLES`, as servers come). READ COMMITTED suits it best: in
/// REPEATABLE READ, the servers' default, an instance that others changed after the host's first read is
/// a conflict.
///
/// A deadlock undoes the whole transaction, also what the host wrote: the error, which can be tried
/// again, says so, and the host begins anew. `host()` gives the [`AsyncMysqlConnection`].
///
/// # Example
/// ```
/// use diesel_async::{AsyncConnection, AsyncMysqlConnection, RunQueryDsl};
/// # use signoff_store::UnitOfWork;
/// # type Failure = Box<dyn std::error::Error + Send + Sync>;
/// # async fn example(connection: &mut AsyncMysqlConnection, changes: &[signoff_core::change::Rows]) -> Result<(), Failure> {
/// connection.transaction(async |connection| {
///     diesel::sql_query("INSERT INTO request (id) VALUES (17)").execute(connection).await?;
///     signoff_store_diesel::mysql(connection).commit(changes).await?;
///     Ok::<_, Failure>(())
/// }).await
/// # }
/// ```
pub fn mysql(connection: &mut AsyncMysqlConnection) -> HostMySql<'_> {
    HostMySql {
        connection,
        check: Check::default(),
        is_fit: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`mysql`].
pub struct HostMySql<'c> {
    connection: &'c mut AsyncMysqlConnection,
    check: Check,
    is_fit: bool,
}

// Texts arrive whole.
static FIT: Sql = Sql::new(
    "SELECT 1 FROM DUAL WHERE @@sql_mode LIKE '%STRICT\\_%' AND @@character_set_client = 'utf8mb4'
    AND @@character_set_connection = 'utf8mb4' AND @@character_set_results = 'utf8mb4'",
);

impl HostMySql<'_> {
    /// The connection, once it is known to be in a transaction and fit for it.
    async fn connection(&mut self) -> Result<&mut AsyncMysqlConnection, Failed> {
        self.check.pass(self.connection).await?;
        if !self.is_fit {
            if self.connection.read(&Bound::new(&FIT)).await?.is_empty() {
                return Err(Failed::new(Cause::Unfit));
            }
            self.is_fit = true;
        }
        Ok(&mut *self.connection)
    }
}

#[async_trait]
impl Connection for HostMySql<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::MYSQL
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let done = self.connection().await?.read(bound).await;
        self.check.learn(done)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let done = self.connection().await?.write(bound).await;
        self.check.learn(done)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        let done = self.connection().await?.batch(sql).await;
        self.check.learn(done)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }

    fn error(&self, what: &str, failed: Failed) -> Error {
        ended(what, failed)
    }
}

impl fmt::Debug for HostMySql<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostMySql")
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}
