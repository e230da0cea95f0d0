//! What can go wrong, apart from a "no".

use std::{error, fmt};

use signoff_core::{problem::Problem, refusal::Refusal};

use crate::directory::BoxError;

/// Why a command was not done: somebody said no, or something broke.
#[derive(Debug)]
pub enum NotDone {
    /// Something broke: infrastructure, configuration or a defect. Nothing was written.
    Failed(Error),
    /// It may not happen, and nothing was written. Not an error: a value with a stable code.
    Refused(Refusal),
}

impl NotDone {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Failed(error) => error.code(),
            Self::Refused(refusal) => refusal.code.as_str(),
        }
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl error::Error for NotDone {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Refused(_) => None,
        }
    }
}

impl From<Error> for NotDone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<signoff_store::Error> for NotDone {
    fn from(error: signoff_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What broke; coarse, made for branching.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The engine was built from parts that do not fit.
    Configuration,
    /// A definition has problems.
    Definition,
    /// The directory could not be asked.
    Directory,
    /// What was asked for cannot be read, or is not there to be asked for.
    Request,
    /// Data could not be turned into JSON or back.
    Serialization,
    /// The store failed.
    Store,
    /// Nobody knows where the tenant is kept.
    UnknownTenant,
}

/// Something broke: infrastructure, configuration or a defect.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    problems: Vec<Problem>,
    source: Option<BoxError>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            problems: Vec::new(),
            source: None,
        }
    }

    pub(crate) fn caused_by(self, source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    pub(crate) fn definition(problems: Vec<Problem>) -> Self {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        Self {
            problems,
            ..Self::new(
                ErrorKind::Definition,
                format!("the definition has {errors} errors"),
            )
        }
    }

    pub(crate) fn directory(source: BoxError) -> Self {
        Self::new(ErrorKind::Directory, "failed to ask the directory").caused_by(source)
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
            ErrorKind::Configuration => "configuration_invalid",
            ErrorKind::Definition => "definition_invalid",
            ErrorKind::Directory => "directory_unavailable",
            ErrorKind::Request => "malformed_request",
            ErrorKind::Serialization => "serialization_failed",
            ErrorKind::Store => "store_failed",
            ErrorKind::UnknownTenant => "tenant_unknown",
        }
    }

    /// What is wrong with the definition, when the kind is [`ErrorKind::Definition`].
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let store = self
            .source
            .as_ref()
            .and_then(|source| source.downcast_ref::<signoff_store::Error>());
        self.kind == ErrorKind::Directory || store.is_some_and(signoff_store::Error::is_retryable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for problem in self
            .problems
            .iter()
            .filter(|problem| problem.is_error())
            .take(3)
        {
            write!(f, "; {problem}")?;
        }
        Ok(())
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| &**source as &(dyn error::Error + 'static))
    }
}

impl From<signoff_store::Error> for Error {
    fn from(error: signoff_store::Error) -> Self {
        let kind = match error.kind() {
            signoff_store::ErrorKind::UnknownTenant => ErrorKind::UnknownTenant,
            _ => ErrorKind::Store,
        };
        Self::new(kind, error.to_string()).caused_by(error)
    }
}

impl From<signoff_core::instance::CorruptRow> for Error {
    fn from(error: signoff_core::instance::CorruptRow) -> Self {
        Self::new(ErrorKind::Store, error.to_string()).caused_by(error)
    }
}

impl From<signoff_core::instance::CorruptRow> for NotDone {
    fn from(error: signoff_core::instance::CorruptRow) -> Self {
        Self::Failed(error.into())
    }
}
