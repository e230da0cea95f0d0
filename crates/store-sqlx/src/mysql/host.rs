//! Taking part in a transaction that the host holds.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities, Error,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Written},
};
use sqlx::{MySql, MySqlConnection};

use super::{session::Session, statement::is_without_savepoint};
use crate::statement::{self, failed};

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// The tables must be in the database of the host's connection, whose session is strict (`sql_mode` has
/// `STRICT_TRANS_TABLES` or `STRICT_ALL_TABLES`, as servers come) and speaks utf8mb4, as sqlx does. READ
/// COMMITTED suits it best: in REPEATABLE READ, the servers' default, an instance that others changed
/// after the host's first read is a conflict.
///
/// A deadlock undoes the whole transaction, also what the host wrote: the error, which can be tried
/// again, says so, and the host begins anew. `host()` gives the [`MySqlConnection`].
///
/// # Example
/// ```
/// # use signoff_store::UnitOfWork;
/// # async fn example(pool: &sqlx::MySqlPool, changes: &[signoff_core::change::Rows]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut tx = pool.begin().await?;
/// sqlx::query("INSERT INTO request (id) VALUES (17)").execute(&mut *tx).await?;
/// signoff_store_sqlx::mysql(&mut tx).commit(changes).await?;
/// tx.commit().await?;
/// # Ok(())
/// # }
/// ```
pub fn mysql(connection: &mut MySqlConnection) -> HostMySql<'_> {
    HostMySql {
        connection,
        session: Session::default(),
        is_checked: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`mysql`].
#[derive(Debug)]
pub struct HostMySql<'c> {
    connection: &'c mut MySqlConnection,
    session: Session,
    is_checked: bool,
}

impl HostMySql<'_> {
    /// The connection, once it is known to be in a transaction and fit for it.
    async fn connection(&mut self) -> Result<&mut MySqlConnection, Failed> {
        if !self.is_checked {
            self.session.begin()?;
            let checked = check(self.connection).await;
            self.session.end(checked)?;
            self.is_checked = true;
        }
        self.session.begin()?;
        Ok(&mut *self.connection)
    }
}

/// Fails unless a transaction is open, and texts arrive whole.
async fn check(connection: &mut MySqlConnection) -> Result<(), Failed> {
    // Without a transaction, a savepoint is gone as soon as it is made.
    const CHECK: &str = "SAVEPOINT signoff_check; RELEASE SAVEPOINT signoff_check;
SELECT 1 WHERE @@sql_mode LIKE '%STRICT\\_%' AND @@character_set_client = 'utf8mb4'
    AND @@character_set_connection = 'utf8mb4' AND @@character_set_results = 'utf8mb4'";
    match sqlx::raw_sql(CHECK).fetch_all(connection).await {
        Err(error) if is_without_savepoint(&error) => Err(Failed::new(Cause::NoTransaction)),
        Err(error) => Err(failed::<MySql>(error)),
        Ok(rows) if rows.is_empty() => Err(Failed::new(Cause::Unfit)),
        Ok(_) => Ok(()),
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
        let rows = statement::read(self.connection().await?, bound).await;
        self.session.end(rows)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let written = statement::write(self.connection().await?, bound).await;
        self.session.end(written)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        let done = statement::batch(self.connection().await?, sql).await;
        self.session.end(done)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }

    /// Adds to an error that undid the whole transaction that it did.
    fn error(&self, what: &str, failed: Failed) -> Error {
        let is_undone = failed.cause() == Cause::Restart;
        let error = failed.into_error(what);
        if !is_undone {
            return error;
        }
        let message = format!("{error}; what the host wrote in it is undone too: begin it again");
        Error::new(error.kind(), message).caused_by(error)
    }
}
