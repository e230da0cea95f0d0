//! Taking part in a transaction that the host holds.

use std::{any::Any, fmt};

use async_trait::async_trait;
use diesel::{SqliteConnection, connection::SimpleConnection};
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Error, ErrorKind, Load, Loaded, Result, UnitOfWork};

use super::{
    commit,
    error::{Failed, cannot},
    load,
};

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
    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        if !self.is_checked {
            // SQLite refuses a second `BEGIN`; one that succeeds shows that there was none. What
            // diesel knows does not help: a host may have begun by a statement of its own.
            if self.connection.batch_execute("BEGIN").is_ok() {
                let ended = self.connection.batch_execute("ROLLBACK");
                ended
                    .map_err(Failed::from)
                    .map_err(cannot("end a transaction"))?;
                return Err(Error::new(
                    ErrorKind::Other,
                    "the host's connection is in no transaction; begin one with BEGIN IMMEDIATE",
                ));
            }
            self.is_checked = true;
        }
        Ok(&mut *self.connection)
    }
}

/// Adds to an error of being too late to write what the host can do about it.
fn hint(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unavailable => Error::new(
            ErrorKind::Unavailable,
            format!("{error}; the host must begin its transaction with BEGIN IMMEDIATE"),
        )
        .caused_by(error),
        _ => error,
    }
}

#[async_trait]
impl UnitOfWork for HostSqlite<'_> {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        load::load(self.connection()?, load)
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        load::running(self.connection()?, tenant, workflow, subject)
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        load::turn(self.connection()?, tenant, pool, members).map_err(hint)
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        commit::commit(self.connection()?, changes).map_err(hint)
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }
}

impl fmt::Debug for HostSqlite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostSqlite")
            .field("is_checked", &self.is_checked)
            .finish_non_exhaustive()
    }
}
