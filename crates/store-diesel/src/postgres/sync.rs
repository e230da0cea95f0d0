//! Taking part in a transaction that the host holds on a synchronous connection.

use std::{any::Any, fmt};

use async_trait::async_trait;
use diesel::{PgConnection, QueryResult, RunQueryDsl, connection::SimpleConnection};
use signoff_store::{
    Capabilities, Error, PostgresProfile,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Written},
};

use crate::host::ended;

use super::{
    error::failed,
    statement::{Found, Statement},
};

/// Takes part in a transaction that the host holds on a synchronous `connection`: what the engine
/// writes becomes real when the host commits, together with what the host writes.
///
/// No runtime is needed: each future is complete when it is polled first, and blocks its thread while
/// the database works. The tables must be in the search path of the host's connection. `host()` gives
/// the [`PgConnection`].
///
/// # Example
/// ```
/// use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
/// use futures_util::FutureExt;
/// # use signoff_store::UnitOfWork;
/// # type Failure = Box<dyn std::error::Error>;
/// # fn example(connection: &mut PgConnection, changes: &[signoff_core::change::Rows]) -> Result<(), Failure> {
/// connection.transaction(|connection| {
///     sql_query("INSERT INTO request (id) VALUES (17)").execute(connection)?;
///     let mut unit = signoff_store_diesel::pg_sync(connection);
///     unit.commit(changes).now_or_never().ok_or("it never waits")??;
///     Ok::<_, Failure>(())
/// })
/// # }
/// ```
pub const fn pg_sync(connection: &mut PgConnection) -> HostPgSync<'_> {
    HostPgSync {
        connection,
        profile: PostgresProfile::Full,
        is_checked: false,
    }
}

/// The part that the engine takes in a host's transaction; made by [`pg_sync`].
pub struct HostPgSync<'c> {
    connection: &'c mut PgConnection,
    profile: PostgresProfile,
    is_checked: bool,
}

impl HostPgSync<'_> {
    /// The same on a database of another profile.
    #[must_use]
    pub const fn profile(mut self, profile: PostgresProfile) -> Self {
        self.profile = profile;
        self
    }

    /// The connection, once it is known to be in a transaction.
    fn connection(&mut self) -> Result<&mut PgConnection, Failed> {
        if !self.is_checked {
            // Outside a transaction a savepoint is refused.
            let savepoint = "SAVEPOINT signoff_open; RELEASE SAVEPOINT signoff_open";
            self.connection.batch_execute(savepoint).map_err(|error| {
                if error.to_string().contains("SAVEPOINT") {
                    return Failed::new(Cause::NoTransaction);
                }
                failed(error)
            })?;
            self.is_checked = true;
        }
        Ok(&mut *self.connection)
    }
}

#[async_trait]
impl Connection for HostPgSync<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        self.profile.capabilities()
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let rows: QueryResult<Vec<Found>> = Statement(bound).load(self.connection()?);
        let rows = rows.map_err(failed)?;
        Ok(rows.into_iter().map(|Found(row)| row).collect())
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let (changed, rows) = if bound.returns() {
            let rows = self.read(bound).await?;
            (rows.len(), rows)
        } else {
            let done = Statement(bound).execute(self.connection()?);
            (done.map_err(failed)?, Vec::new())
        };
        let changed = u64::try_from(changed).unwrap_or(u64::MAX);
        Written { changed, rows }.checked(bound)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        self.connection()?.batch_execute(sql).map_err(failed)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }

    fn error(&self, what: &str, failed: Failed) -> Error {
        ended(what, failed)
    }
}

impl fmt::Debug for HostPgSync<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostPgSync")
            .field("is_checked", &self.is_checked)
            .finish_non_exhaustive()
    }
}
