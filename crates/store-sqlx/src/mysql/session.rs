//! Whether a transaction that was begun is still open.

use signoff_store::sql::{Cause, Failed};

/// Whether the database ended the transaction of a connection. What comes after that would be written at
/// once, each statement by itself, so nothing may come.
#[derive(Debug, Default)]
pub(super) struct Session {
    has_ended: bool,
}

impl Session {
    /// Fails when the transaction is gone.
    pub(super) fn check(&self) -> Result<(), Failed> {
        if self.has_ended {
            return Err(Failed::new(Cause::Restart));
        }
        Ok(())
    }

    /// Looks at what a statement gave.
    pub(super) fn note<T>(&mut self, result: Result<T, Failed>) -> Result<T, Failed> {
        if let Err(failed) = &result {
            let cause = failed.cause();
            self.has_ended |= matches!(cause, Cause::Lost | Cause::Restart | Cause::Unavailable);
        }
        result
    }
}
