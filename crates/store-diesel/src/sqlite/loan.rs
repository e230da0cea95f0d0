//! The writer's connection, lent.

use std::{fmt, sync::mpsc::Sender};

use diesel::SqliteConnection;
use signoff_store::sql::{Cause, Failed};
use tokio::sync::oneshot;

use super::error::ended;

/// The writer's connection with an open transaction, lent to one caller. Dropping it gives the
/// connection back, and the writer rolls back before anybody else gets it.
///
/// Beginning and committing are the writer's: they may wait, and a caller's thread must not.
pub(super) struct Loan {
    connection: Option<SqliteConnection>,
    back: Sender<Returned>,
}

/// A connection that came back.
pub(super) struct Returned {
    pub(super) connection: SqliteConnection,
    /// Who waits for the commit; without it the transaction is rolled back.
    pub(super) finish: Option<oneshot::Sender<Result<(), Failed>>>,
}

impl Loan {
    pub(super) const fn new(connection: SqliteConnection, back: Sender<Returned>) -> Self {
        Self {
            connection: Some(connection),
            back,
        }
    }

    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Failed> {
        self.connection.as_mut().ok_or(Failed::new(Cause::Lost))
    }

    /// Commits.
    pub(super) async fn finish(mut self) -> Result<(), Failed> {
        let (finish, finished) = oneshot::channel();
        self.give_back(Some(finish));
        finished.await.map_err(|_| ended())?
    }

    fn give_back(&mut self, finish: Option<oneshot::Sender<Result<(), Failed>>>) {
        if let Some(connection) = self.connection.take() {
            // Nobody takes it back when the writer has ended: then it closes here.
            let _ = self.back.send(Returned { connection, finish });
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").finish_non_exhaustive()
    }
}
