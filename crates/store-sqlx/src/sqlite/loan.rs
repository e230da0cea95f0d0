//! The writer's connection, lent.

use signoff_store::{Error, ErrorKind, Result};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::{error::cannot, statement::Statement};

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

    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.connection
            .as_mut()
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, "the connection is closed"))
    }

    pub(super) async fn begin(&mut self) -> Result<()> {
        // Said before, so that a caller who goes away in between leaves nothing open.
        self.in_transaction = true;
        Statement::new("BEGIN IMMEDIATE")
            .run(self.connection()?)
            .await
            .map_err(cannot("begin a transaction"))?;
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<()> {
        Statement::new("COMMIT")
            .run(self.connection()?)
            .await
            .map_err(cannot("commit a transaction"))?;
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
