//! Taking part in a transaction that the host holds.

use std::{any::Any, fmt};

use async_trait::async_trait;
use diesel::SqliteConnection;
use signoff_store::{
    Capabilities, Error, ErrorKind,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Written},
};

use super::statement;

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// No runtime is needed: each future is complete when it is polled first. The host begins with
/// `BEGIN IMMEDIATE`, such as by
/// [`immediate_transaction`](SqliteConnection::immediate_transaction): a plain `BEGIN` that has read
/// something cannot always go on to write. The tables must be in the database of the host's
/// connection. `host()` gives the [`SqliteConnection`].
///
/// # Example
/// ```
/// use diesel::{RunQueryDsl, SqliteConnection, sql_query};
/// use futures_util::FutureExt;
/// # use signoff_store::UnitOfWork;
/// # type Failure = Box<dyn std::error::Error>;
/// # fn example(connection: &mut SqliteConnection, changes: &[signoff_core::change::Rows]) -> Result<(), Failure> {
/// connection.immediate_transaction(|connection| {
///     sql_query("INSERT INTO request (id) VALUES (17)").execute(connection)?;
///     let mut unit = signoff_store_diesel::sqlite(connection);
///     unit.commit(changes).now_or_never().ok_or("it never waits")??;
///     Ok::<_, Failure>(())
/// })
/// # }
/// ```
pub const fn sqlite(connection: &mut SqliteConnection) -> HostSqlite<'_> {
    HostSqlite {
        connection,
        is_checked: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`sqlite`].
pub struct HostSqlite<'c> {
    connection: &'c mut SqliteConnection,
    is_checked: bool,
}

impl HostSqlite<'_> {
    /// The connection, once it is known to be in a transaction.
    fn connection(&mut self) -> Result<&mut SqliteConnection, Failed> {
        if !self.is_checked {
            // SQLite refuses a second `BEGIN`; one that succeeds shows that there was none. What
            // diesel knows does not help: a host may have begun by a statement of its own.
            if statement::batch(self.connection, "BEGIN").is_ok() {
                statement::batch(self.connection, "ROLLBACK")?;
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
        statement::read(self.connection()?, bound)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        statement::write(self.connection()?, bound)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        statement::batch(self.connection()?, sql)
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

impl fmt::Debug for HostSqlite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostSqlite")
            .field("is_checked", &self.is_checked)
            .finish_non_exhaustive()
    }
}
