//! What can go wrong in a store.

use std::{error, fmt};

/// The result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong; coarse, made for branching.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Somebody else was faster: a version is not the expected one, a unique key is taken, or a
    /// message is consumed already.
    Conflict,
    /// A stored row is not what was once written.
    Corrupt,
    /// The database is of a schema version that this program does not know.
    Schema,
    /// The database cannot be reached or is too busy; trying again may help.
    Unavailable,
    /// Nobody knows where the tenant is kept.
    UnknownTenant,
    /// Anything else.
    Other,
}

/// A store call failed.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error without a source.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// The kind, for branching.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Conflict => "store_conflict",
            ErrorKind::Corrupt => "store_corrupt",
            ErrorKind::Schema => "store_schema",
            ErrorKind::Unavailable => "store_unavailable",
            ErrorKind::UnknownTenant => "tenant_unknown",
            ErrorKind::Other => "store_failed",
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self.kind, ErrorKind::Unavailable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| &**source as &(dyn error::Error + 'static))
    }
}
