//! From errors of diesel to those of the contract.

use std::{error, sync::Arc};

use diesel::{
    ConnectionError,
    result::{DatabaseErrorKind, Error as DieselError},
};
use signoff_store::{Error, ErrorKind, sql::sqlite::CONFLICT};

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
    Unavailable,
}

/// Something failed; cheap to clone, because one failure can be that of many callers.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) cause: Cause,
    source: Arc<dyn error::Error + Send + Sync>,
}

impl Cause {
    fn of(error: &DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            DieselError::DatabaseError(_, said) => Self::of_message(said.message()),
            // Text that is not UTF-8.
            DieselError::DeserializationError(_) => Self::Corrupt,
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::of(commit_error),
            _ => Self::Other,
        }
    }

    /// Diesel does not pass on the code of an error, only its message; SQLite's are fixed texts,
    /// some with a name at the end.
    fn of_message(message: &str) -> Self {
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
        known.map_or(Self::Other, |(_, cause)| *cause)
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::Busy | Self::CannotOpen | Self::Full | Self::Unavailable => {
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
            Self::NotADatabase => "the file is not a SQLite database",
            Self::Other => "the database refused it",
            Self::ReadOnly => "the database is read-only",
            Self::Unavailable => "the database cannot be reached",
        }
    }
}

impl From<DieselError> for Failed {
    fn from(error: DieselError) -> Self {
        Self {
            cause: Cause::of(&error),
            source: Arc::new(error),
        }
    }
}

impl From<ConnectionError> for Failed {
    fn from(error: ConnectionError) -> Self {
        let cause = match error {
            ConnectionError::BadConnection(_) => Cause::CannotOpen,
            _ => Cause::Other,
        };
        Self {
            cause,
            source: Arc::new(error),
        }
    }
}

impl Failed {
    /// Says what could not be done: `cannot {what}`.
    pub(super) fn into_error(self, what: &str) -> Error {
        let message = format!("cannot {what}: {}", self.cause.text());
        Error::new(self.cause.kind(), message).caused_by(self.source)
    }
}

/// For `map_err`.
pub(super) fn cannot(what: &str) -> impl Fn(Failed) -> Error {
    move |failed| failed.into_error(what)
}

/// A thread that should answer is no more.
pub(super) fn ended() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the store is closed; whether it wrote is unknown",
    )
}
