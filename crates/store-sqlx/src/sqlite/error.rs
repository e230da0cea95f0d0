//! From errors of sqlx to those of the contract.

use signoff_store::{Error, ErrorKind, sql::sqlite::CONFLICT};

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

/// What SQLite says of an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    Busy,
    CannotOpen,
    Conflict,
    Corrupt,
    Full,
    NotADatabase,
    Other,
    ReadOnly,
    /// The connection itself is gone.
    Lost,
    Unavailable,
}

impl Cause {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(database) => {
                let code = database
                    .code()
                    .and_then(|code| code.parse::<i32>().ok())
                    .unwrap_or(0);
                match code {
                    CONSTRAINT_PRIMARY_KEY | CONSTRAINT_UNIQUE => Self::Conflict,
                    code if code & 0xff == CONSTRAINT && database.message() == CONFLICT => {
                        Self::Conflict
                    }
                    code => Self::of_code(code & 0xff),
                }
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Self::Unavailable,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Lost,
            _ => Self::Other,
        }
    }

    const fn of_code(primary: i32) -> Self {
        match primary {
            BUSY | LOCKED => Self::Busy,
            CANNOT_OPEN => Self::CannotOpen,
            CORRUPT => Self::Corrupt,
            FULL => Self::Full,
            IO => Self::Unavailable,
            NOT_A_DATABASE => Self::NotADatabase,
            READ_ONLY => Self::ReadOnly,
            _ => Self::Other,
        }
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::Busy | Self::CannotOpen | Self::Full | Self::Lost | Self::Unavailable => {
                ErrorKind::Unavailable
            }
            Self::Conflict => ErrorKind::Conflict,
            Self::Corrupt | Self::NotADatabase => ErrorKind::Corrupt,
            Self::Other | Self::ReadOnly => ErrorKind::Other,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Busy => "another connection writes for too long",
            Self::CannotOpen => "the file cannot be opened",
            Self::Conflict => {
                "a version is not the expected one, a unique key is taken, or a message is consumed already"
            }
            Self::Corrupt => "the file is damaged",
            Self::Full => "the disk is full",
            Self::Lost => "the connection is closed",
            Self::NotADatabase => "the file is not a SQLite database",
            Self::Other => "the database refused it",
            Self::ReadOnly => "the database is read-only",
            Self::Unavailable => "the database cannot be reached",
        }
    }
}

/// Says what could not be done: `cannot {what}`.
pub(super) fn failed(what: &str, error: sqlx::Error) -> Error {
    let cause = Cause::of(&error);
    Error::new(cause.kind(), format!("cannot {what}: {}", cause.text())).caused_by(error)
}

/// For `map_err`.
pub(super) fn cannot(what: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| failed(what, error)
}
