//! Taking part in a transaction that the host holds.

use std::any::Any;

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Error, ErrorKind, Load, Loaded, Result, UnitOfWork};
use sqlx::SqliteConnection;

use super::{commit, error::cannot, load, statement::Statement};

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
    async fn connection(&mut self) -> Result<&mut SqliteConnection> {
        if !self.is_checked {
            // SQLite refuses a second `BEGIN`; one that succeeds shows that there was none.
            if Statement::new("BEGIN")
                .run(&mut *self.connection)
                .await
                .is_ok()
            {
                Statement::new("ROLLBACK")
                    .run(&mut *self.connection)
                    .await
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
        load::load(self.connection().await?, load).await
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        load::running(self.connection().await?, tenant, workflow, subject).await
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        let turn = load::turn(self.connection().await?, tenant, pool, members).await;
        turn.map_err(hint)
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        commit::commit(self.connection().await?, changes)
            .await
            .map_err(hint)
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.connection
    }
}
