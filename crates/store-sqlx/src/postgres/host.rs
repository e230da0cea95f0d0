//! Taking part in a transaction that the host holds.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities, Error, PostgresProfile,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Written},
};
use sqlx::PgConnection;

use crate::statement;

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// The tables must be found by the `search_path` of the host's connection. An error leaves the host's
/// transaction as it was before the call. At READ COMMITTED, the default, whoever is late finds the
/// new version and gets a conflict; in a stricter transaction PostgreSQL ends it instead, with
/// `Unavailable`, and the host must begin anew. `host()` gives the [`PgConnection`].
///
/// # Example
/// ```
/// # use signoff_store::UnitOfWork;
/// # async fn example(pool: &sqlx::PgPool, changes: &[signoff_core::change::Rows]) -> Result<(), Box<dyn std::error::Error>> {
/// let mut tx = pool.begin().await?;
/// sqlx::query("INSERT INTO request (id) VALUES (17)").execute(&mut *tx).await?;
/// signoff_store_sqlx::postgres(&mut tx).commit(changes).await?;
/// tx.commit().await?;
/// # Ok(())
/// # }
/// ```
pub const fn postgres(connection: &mut PgConnection) -> HostPostgres<'_> {
    HostPostgres {
        connection,
        profile: PostgresProfile::Full,
        is_checked: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`postgres`].
#[derive(Debug)]
pub struct HostPostgres<'c> {
    connection: &'c mut PgConnection,
    profile: PostgresProfile,
    is_checked: bool,
}

impl HostPostgres<'_> {
    /// The same on a database of another profile.
    #[must_use]
    pub const fn profile(mut self, profile: PostgresProfile) -> Self {
        self.profile = profile;
        self
    }

    /// The connection, once it is known to be in a transaction.
    async fn connection(&mut self) -> Result<&mut PgConnection, Failed> {
        if !self.is_checked {
            // PostgreSQL refuses a savepoint where no transaction is open.
            let probe = "SAVEPOINT signoff; RELEASE SAVEPOINT signoff";
            statement::batch(&mut *self.connection, probe).await?;
            self.is_checked = true;
        }
        Ok(&mut *self.connection)
    }
}

#[async_trait]
impl Connection for HostPostgres<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        self.profile.capabilities()
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

    /// Adds to an error of a transaction that PostgreSQL ended what the host can do about it.
    fn error(&self, what: &str, failed: Failed) -> Error {
        let is_ended = failed.cause() == Cause::Restart;
        let error = failed.into_error(what);
        if !is_ended {
            return error;
        }
        let message = format!("{error}; the host must begin its transaction anew");
        Error::new(error.kind(), message).caused_by(error)
    }
}
