//! What diesel says of an error.

use diesel::{
    ConnectionError,
    result::{DatabaseErrorKind, Error},
};
use signoff_store::sql::{CONFLICT, Cause, Failed};

/// The failure that an error is.
pub(super) fn failed(error: Error) -> Failed {
    Failed::caused_by(cause(&error), error)
}

/// The failure to open a connection.
pub(super) fn not_open(error: ConnectionError) -> Failed {
    let cause = match error {
        ConnectionError::BadConnection(_) => Cause::CannotOpen,
        _ => Cause::Other,
    };
    Failed::caused_by(cause, error)
}

/// A thread that should answer is no more; whether it wrote is unknown.
pub(super) fn ended() -> Failed {
    Failed::new(Cause::Lost)
}

fn cause(error: &Error) -> Cause {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Cause::Conflict,
        Error::DatabaseError(_, said) => of_message(said.message()),
        // Text that is not UTF-8.
        Error::DeserializationError(_) => Cause::Corrupt,
        Error::RollbackErrorOnCommit { commit_error, .. } => cause(commit_error),
        _ => Cause::Other,
    }
}

/// Diesel does not pass on the code of an error, only its message; SQLite's are fixed texts,
/// some with a name at the end.
fn of_message(message: &str) -> Cause {
    const MESSAGES: [(&str, Cause); 9] = [
        (CONFLICT, Cause::Conflict),
        ("attempt to write a readonly database", Cause::ReadOnly),
        ("database disk image is malformed", Cause::Corrupt),
        ("database is locked", Cause::Busy),
        ("database or disk is full", Cause::Full),
        ("database table is locked", Cause::Busy),
        ("disk I/O error", Cause::Unavailable),
        ("file is not a database", Cause::NotADatabase),
        ("unable to open database file", Cause::CannotOpen),
    ];
    let known = MESSAGES.iter().find(|(text, _)| message.starts_with(text));
    known.map_or(Cause::Other, |(_, cause)| *cause)
}
