//! The writer's connection, lent.

use signoff_store::sql::{Cause, Failed};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use crate::statement::batch;

/// The writer's connection, lent to one caller. Dropping it gives the connection back; a transaction
/// that is still open is rolled back before anybody else gets it.
#[derive(Debug)]
pub(super) struct Loan {
    connection: Option<SqliteConnection>,
    back: Option<oneshot::Sender<Returned>>,
    in_transaction: bool,
}

/// A connection that came back.
#[derive(Debug)]
pub(super) struct Returned {
    pub(super) connection: SqliteConnection,
    /// Whether a transaction is open on it.
    pub(super) in_transaction: bool,
}

impl Loan {
    pub(super) const fn new(connection: SqliteConnection, back: oneshot::Sender<Returned>) -> Self {
        Self {
            connection: Some(connection),
            back: Some(back),
            in_transaction: false,
        }
    }

    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Failed> {
        self.connection.as_mut().ok_or(Failed::new(Cause::Lost))
    }

    pub(super) async fn begin(&mut self) -> Result<(), Failed> {
        // Said before, so that a caller who goes away in between leaves nothing open.
        self.in_transaction = true;
        batch(self.connection()?, "BEGIN IMMEDIATE").await
    }

    pub(super) async fn finish(mut self) -> Result<(), Failed> {
        batch(self.connection()?, "COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let (Some(connection), Some(back)) = (self.connection.take(), self.back.take()) {
            // Nobody takes it back when the writer has ended: then it closes here.
            let _ = back.send(Returned {
                connection,
                in_transaction: self.in_transaction,
            });
        }
    }
}
