//! What is told to a host whose transaction is over.

use signoff_store::{
    Error,
    sql::{Cause, Failed},
};

/// Adds to an error of a transaction that the database ended what the host can do about it.
pub(crate) fn ended(what: &str, failed: Failed) -> Error {
    let is_ended = failed.cause() == Cause::Restart;
    let error = failed.into_error(what);
    if !is_ended {
        return error;
    }
    let message = format!("{error}; the host must begin its transaction anew");
    Error::new(error.kind(), message).caused_by(error)
}
