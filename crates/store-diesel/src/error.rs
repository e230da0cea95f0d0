//! What diesel says of an error, whatever server it is of.

#[cfg(feature = "_pool")]
use diesel::ConnectionError;
use diesel::result::{DatabaseErrorKind, Error};
use signoff_store::sql::Cause;
#[cfg(feature = "_pool")]
use signoff_store::sql::Failed;

/// Why it failed. Diesel does not pass on the code of most errors, only the message of the server, which
/// `of_message` knows.
pub(crate) fn cause(error: &Error, of_message: fn(&str) -> Cause) -> Cause {
    match error {
        Error::DatabaseError(kind, said) => match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Cause::Lost
            }
            DatabaseErrorKind::ReadOnlyTransaction => Cause::ReadOnly,
            DatabaseErrorKind::SerializationFailure => Cause::Restart,
            DatabaseErrorKind::UniqueViolation => Cause::Conflict,
            _ => of_message(said.message()),
        },
        Error::BrokenTransactionManager => Cause::Lost,
        Error::DeserializationError(_) => Cause::Corrupt,
        Error::RollbackErrorOnCommit { commit_error, .. } => cause(commit_error, of_message),
        _ => Cause::Other,
    }
}

/// The failure to open a connection.
#[cfg(feature = "_pool")]
pub(crate) fn not_open(error: ConnectionError, cause: fn(&Error) -> Cause) -> Failed {
    match error {
        ConnectionError::BadConnection(_) => Failed::caused_by(Cause::Unavailable, error),
        ConnectionError::CouldntSetupConfiguration(error) => match cause(&error) {
            Cause::Lost => Failed::caused_by(Cause::Unavailable, error),
            cause => Failed::caused_by(cause, error),
        },
        _ => Failed::caused_by(Cause::Other, error),
    }
}
