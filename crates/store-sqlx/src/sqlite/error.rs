//! What SQLite says of an error.

use signoff_store::sql::{CONFLICT, Cause, Failed};

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOT_A_DATABASE: i32 = 26;
const CONSTRAINT_PRIMARY_KEY: i32 = 1555;
const CONSTRAINT_UNIQUE: i32 = 2067;

/// The failure that an error is.
pub(super) fn failed(error: sqlx::Error) -> Failed {
    Failed::caused_by(cause(&error), error)
}

fn cause(error: &sqlx::Error) -> Cause {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().and_then(|code| code.parse::<i32>().ok());
            match code.unwrap_or(0) {
                CONSTRAINT_PRIMARY_KEY | CONSTRAINT_UNIQUE => Cause::Conflict,
                code if code & 0xff == CONSTRAINT && database.message() == CONFLICT => {
                    Cause::Conflict
                }
                code => cause_of(code & 0xff),
            }
        }
        // Text that is not UTF-8.
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Cause::Corrupt,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Cause::Unavailable,
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Cause::Lost,
        _ => Cause::Other,
    }
}

const fn cause_of(primary: i32) -> Cause {
    match primary {
        BUSY | LOCKED => Cause::Busy,
        CANNOT_OPEN => Cause::CannotOpen,
        CORRUPT => Cause::Corrupt,
        FULL => Cause::Full,
        IO => Cause::Unavailable,
        NOT_A_DATABASE => Cause::NotADatabase,
        READ_ONLY => Cause::ReadOnly,
        _ => Cause::Other,
    }
}
