//! How a transaction that was begun stands.

use signoff_store::sql::{Cause, Failed};

/// How the transaction of a connection stands.
#[derive(Debug, Default)]
pub(super) enum Session {
    #[default]
    Open,
    /// A statement runs, or it was given up half-way, or nobody knows its end. sqlx cannot use such a
    /// connection again.
    Busy,
    /// The database ended the transaction. What comes after that would be written at once, each statement
    /// by itself, so nothing may come.
    Ended,
}

impl Session {
    /// A statement begins. Fails when the transaction is gone.
    pub(super) fn begin(&mut self) -> Result<(), Failed> {
        match self {
            Self::Open => {
                *self = Self::Busy;
                Ok(())
            }
            Self::Busy | Self::Ended => Err(Failed::new(Cause::Restart)),
        }
    }

    /// A statement ends with that.
    pub(super) fn end<T>(&mut self, result: Result<T, Failed>) -> Result<T, Failed> {
        *self = match &result {
            Err(failed) if failed.cause() == Cause::Restart => Self::Ended,
            Err(failed) if failed.is_of_connection() => Self::Busy,
            _ => Self::Open,
        };
        result
    }
}
