//! What PostgreSQL says of an error.

use diesel::result::Error;
use signoff_store::sql::{Cause, Failed};

use crate::error;

/// The failure that an error is.
pub(super) fn failed(error: Error) -> Failed {
    Failed::caused_by(cause(&error), error)
}

/// Why it failed.
pub(super) fn cause(error: &Error) -> Cause {
    error::cause(error, of_message)
}

/// Diesel does not pass on the code of an error, only its message, which our sessions ask for in
/// English.
fn of_message(message: &str) -> Cause {
    const MESSAGES: [(&str, Cause); 12] = [
        ("canceling statement due to lock timeout", Cause::Busy),
        ("canceling statement due to statement timeout", Cause::Busy),
        ("canceling statement due to user request", Cause::Busy),
        ("could not extend file", Cause::Full),
        ("could not serialize access", Cause::Restart),
        ("could not write", Cause::Full),
        ("deadlock detected", Cause::Restart),
        ("invalid page in block", Cause::Corrupt),
        ("remaining connection slots", Cause::Unavailable),
        ("sorry, too many clients", Cause::Unavailable),
        ("terminating connection", Cause::Lost),
        ("the database system is", Cause::Unavailable),
    ];
    let known = MESSAGES.iter().find(|(text, _)| message.starts_with(text));
    known.map_or(Cause::Other, |(_, cause)| *cause)
}
