//! What MySQL and MariaDB say of an error.

use diesel::result::{DatabaseErrorKind, Error};
use signoff_store::sql::{Cause, Failed};

/// The failure that an error is.
pub(super) fn failed(error: Error) -> Failed {
    Failed::caused_by(cause(&error), error)
}

/// Why it failed.
pub(super) fn cause(error: &Error) -> Cause {
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
        Error::RollbackErrorOnCommit { commit_error, .. } => cause(commit_error),
        _ => Cause::Other,
    }
}

/// Diesel does not pass on the number of an error, only its message, which our sessions ask for in
/// English.
fn of_message(message: &str) -> Cause {
    const MESSAGES: [(&str, Cause); 19] = [
        ("Can't create more than", Cause::Unavailable),
        ("Connection was killed", Cause::Lost),
        ("Data too long for column", Cause::TooLong),
        ("Deadlock found", Cause::Restart),
        ("Disk full", Cause::Full),
        ("Driver error", Cause::Lost),
        ("Got a packet bigger than", Cause::TooLong),
        ("Input/output error", Cause::Lost),
        ("Lock wait timeout exceeded", Cause::Busy),
        ("Query execution was interrupted", Cause::Lost),
        ("Record has changed since last read", Cause::Restart),
        ("Running in read-only mode", Cause::ReadOnly),
        ("Server shutdown in progress", Cause::Lost),
        (
            "The MariaDB server is running with the --read-only",
            Cause::ReadOnly,
        ),
        (
            "The MySQL server is running with the --read-only",
            Cause::ReadOnly,
        ),
        ("The client was disconnected", Cause::Lost),
        ("The table '", Cause::Full),
        ("Too many connections", Cause::Unavailable),
        ("WSREP has not yet prepared", Cause::Unavailable),
    ];
    let known = MESSAGES.iter().find(|(text, _)| message.starts_with(text));
    known.map_or(Cause::Other, |(_, cause)| *cause)
}
