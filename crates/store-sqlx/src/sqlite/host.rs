//! Taking part in a transaction that the host holds.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities, Error, ErrorKind,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Written},
};
use sqlx::SqliteConnection;

use crate::statement;

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// The host begins with `BEGIN IMMEDIATE`, such as by `pool.begin_with("BEGIN IMMEDIATE")`: a plain
/// `BEGIN` that has read something cannot always go on to write. The tables must be in the database
/// of the host's connection. `host()` gives the [`SqliteConnection`].
///
/// # Example
/// ```
/// # use signoff_store::UnitOfWork;
/// # async fn example(pool: &sqlx::SqlitePool, changes: &[signoff_core::change::Rows]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
/// sqlx::query("INSERT INTO request (id) VALUES (17)").execute(&mut *tx).await?;
/// signoff_store_sqlx::sqlite(&mut tx).commit(changes).await?;
/// tx.commit().await?;
/// # Ok(())
/// # }
/// ```
pub const fn sqlite(connection: &mut SqliteConnection) -> HostSqlite<'_> {
    HostSqlite {
        connection,
        is_checked: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`sqlite`].
#[derive(Debug)]
pub struct HostSqlite<'c> {
    connection: &'c mut SqliteConnection,
    is_checked: bool,
}

impl HostSqlite<'_> {
    /// The connection, once it is known to be in a transaction.
    async fn connection(&mut self) -> Result<&mut SqliteConnection, Failed> {
        if !self.is_checked {
            // SQLite refuses a second `BEGIN`; one that succeeds shows that there was none.
            if statement::batch(&mut *self.connection, "BEGIN")
                .await
                .is_ok()
            {
                statement::batch(&mut *self.connection, "ROLLBACK").await?;
                return Err(Failed::new(Cause::NoTransaction));
            }
            self.is_checked = true;
        }
        Ok(&mut *self.connection)
    }
}

#[async_trait]
impl Connection for HostSqlite<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::SQLITE
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        statement::read(self.connection().await?, bound).await
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        statement::write(self.connection().await?, bound).await
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        statement::batch(self.connection().await?, sql).await
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }

    /// Adds to an error of being too late to write what the host can do about it.
    fn error(&self, what: &str, failed: Failed) -> Error {
        let error = failed.into_error(what);
        if error.kind() != ErrorKind::Unavailable {
            return error;
        }
        let message = format!("{error}; the host must begin its transaction with BEGIN IMMEDIATE");
        Error::new(ErrorKind::Unavailable, message).caused_by(error)
    }
}
