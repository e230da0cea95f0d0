//! What a driver says of an error of its database.

use std::{error, sync::Arc};

use crate::error::{Error, ErrorKind};

/// Something failed; cheap to clone, because one failure can be that of many callers.
#[derive(Clone, Debug)]
pub struct Failed {
    cause: Cause,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

/// Why something failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Another connection writes for too long.
    Busy,
    /// The file cannot be opened.
    CannotOpen,
    /// A version is not the expected one, a unique key is taken, or a message is consumed already.
    Conflict,
    /// The file is damaged.
    Corrupt,
    /// The disk is full.
    Full,
    /// The connection itself is gone.
    Lost,
    /// The file is no database.
    NotADatabase,
    /// The host lent a connection on which no transaction is open.
    NoTransaction,
    /// The URL demands an encrypted connection, which the driver does not make.
    NoTls,
    /// The database refused it.
    Other,
    /// The database is read-only.
    ReadOnly,
    /// The database ended the transaction, because others stood in its way; the same may succeed later.
    Restart,
    /// A transaction inside the one to commit is still open.
    StillOpen,
    /// A text is longer than the database keeps there.
    TooLong,
    /// The database cannot be reached.
    Unavailable,
    /// The host lent a connection on which texts would be cut or changed.
    Unfit,
}

impl Cause {
    const fn kind(self) -> ErrorKind {
        match self {
            Self::Busy
            | Self::CannotOpen
            | Self::Full
            | Self::Lost
            | Self::Restart
            | Self::Unavailable => ErrorKind::Unavailable,
            Self::Conflict => ErrorKind::Conflict,
            Self::Corrupt | Self::NotADatabase => ErrorKind::Corrupt,
            Self::NoTls
            | Self::NoTransaction
            | Self::Other
            | Self::ReadOnly
            | Self::StillOpen
            | Self::TooLong
            | Self::Unfit => ErrorKind::Other,
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
            Self::NoTransaction => {
                "the host's connection is in no transaction; begin one, on SQLite with BEGIN IMMEDIATE"
            }
            Self::NoTls => {
                "its URL demands an encrypted connection, which stores on diesel do not make: use the store on sqlx, or say `sslmode=disable` where the network is trusted"
            }
            Self::Other => "the database refused it",
            Self::ReadOnly => "the database is read-only",
            Self::Restart => "the database ended the transaction in favour of another one",
            Self::StillOpen => "a transaction inside it is still open",
            Self::TooLong => "a text is longer than the database keeps there",
            Self::Unavailable => "the database cannot be reached",
            Self::Unfit => {
                "the host's session must have STRICT_TRANS_TABLES or STRICT_ALL_TABLES in its sql_mode, and utf8mb4 as its character set"
            }
        }
    }
}

impl Failed {
    /// A failure that no error of a driver stands behind.
    #[must_use]
    pub const fn new(cause: Cause) -> Self {
        Self {
            cause,
            source: None,
        }
    }

    /// A failure with the error of the driver.
    #[must_use]
    pub fn caused_by(cause: Cause, source: impl error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause,
            source: Some(Arc::new(source)),
        }
    }

    /// Why.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// Whether the connection is gone, or may be, and nobody knows what became of the statement.
    #[must_use]
    pub const fn is_of_connection(&self) -> bool {
        matches!(self.cause, Cause::Lost | Cause::Unavailable)
    }

    /// Says what could not be done: `cannot {what}: …`.
    #[must_use]
    pub fn into_error(self, what: &str) -> Error {
        let message = format!("cannot {what}: {}", self.cause.text());
        let error = Error::new(self.cause.kind(), message);
        match self.source {
            None => error,
            Some(source) => error.caused_by(source),
        }
    }
}

/// For `map_err`: [`Failed::into_error`].
pub fn cannot(what: &str) -> impl Fn(Failed) -> Error {
    move |failed| failed.into_error(what)
}
