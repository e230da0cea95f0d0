//! What MySQL and MariaDB say of an error.

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

/// Diesel does not pass on the number of an error, only its message, which our sessions ask for in
/// English.
fn of_message(message: &str) -> Cause {
    const MESSAGES: [(&str, Cause); 21] = [
        ("Can't create more than", Cause::Unavailable),
        ("Connection was killed", Cause::Lost),
        ("Data too long for column", Cause::TooLong),
        ("Deadlock found", Cause::Restart),
        ("Disk full", Cause::Full),
        ("Driver error", Cause::Lost),
        ("Got a packet bigger than", Cause::TooLong),
        ("Input/output error", Cause::Lost),
        ("Lock wait timeout exceeded", Cause::Busy),
        (
            "Query execution was interrupted (max_statement_time",
            Cause::Busy,
        ),
        (
            "Query execution was interrupted, maximum statement",
            Cause::Busy,
        ),
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
