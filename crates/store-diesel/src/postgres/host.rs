//! Taking part in a transaction that the host holds.

use std::{any::Any, fmt};

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use signoff_store::{
    Capabilities, Error, PostgresProfile,
    sql::{Bound, Connection, Dialect, Failed, Row, Written},
};

use crate::{
    host::ended,
    pool::{Check, Link},
};

/// Takes part in a transaction that the host holds on `connection`: what the engine writes becomes
/// real when the host commits, together with what the host writes.
///
/// The tables must be found by the `search_path` of the host's connection. An error leaves the host's
/// transaction as it was before the call. At READ COMMITTED, the default, whoever is late finds the new
/// version and gets a conflict; in a stricter transaction PostgreSQL ends it instead, with `Unavailable`,
/// and the host must begin anew. `host()` gives the [`AsyncPgConnection`].
///
/// # Example
/// ```
/// use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
/// # use signoff_store::UnitOfWork;
/// # type Failure = Box<dyn std::error::Error + Send + Sync>;
/// # async fn example(connection: &mut AsyncPgConnection, changes: &[signoff_core::change::Rows]) -> Result<(), Failure> {
/// connection.transaction(async |connection| {
///     diesel::sql_query("INSERT INTO request (id) VALUES (17)").execute(connection).await?;
///     signoff_store_diesel::postgres(connection).commit(changes).await?;
///     Ok::<_, Failure>(())
/// }).await
/// # }
/// ```
pub fn postgres(connection: &mut AsyncPgConnection) -> HostPostgres<'_> {
    HostPostgres {
        connection,
        profile: PostgresProfile::Full,
        check: Check::default(),
    }
}

/// The part that the engine takes in a host's transaction; made by [`postgres`].
pub struct HostPostgres<'c> {
    connection: &'c mut AsyncPgConnection,
    profile: PostgresProfile,
    check: Check,
}

impl HostPostgres<'_> {
    /// The same on a database of another profile.
    #[must_use]
    pub const fn profile(mut self, profile: PostgresProfile) -> Self {
        self.profile = profile;
        self
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
        self.check.pass(self.connection).await?;
        let done = self.connection.read(bound).await;
        self.check.learn(done)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        self.check.pass(self.connection).await?;
        let done = self.connection.write(bound).await;
        self.check.learn(done)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        self.check.pass(self.connection).await?;
        let done = self.connection.batch(sql).await;
        self.check.learn(done)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }

    fn error(&self, what: &str, failed: Failed) -> Error {
        ended(what, failed)
    }
}

impl fmt::Debug for HostPostgres<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostPostgres")
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}
