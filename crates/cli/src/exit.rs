//! Exit codes, and failures that carry one.

use std::fmt;

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Conflict = 4,
}

/// A failure with its stable code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) exit: Exit,
}

impl Failure {
    pub(crate) fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            exit: Exit::Failed,
        }
    }

    pub(crate) fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<signoff::Error> for Failure {
    fn from(error: signoff::Error) -> Self {
        let failure = Self::failed(error.code(), error.to_string());
        match error.kind() {
            signoff::ErrorKind::Request => failure.exit(Exit::Usage),
            _ => failure,
        }
    }
}

impl From<signoff::NotDone> for Failure {
    fn from(not_done: signoff::NotDone) -> Self {
        match not_done {
            signoff::NotDone::Failed(error) => error.into(),
            signoff::NotDone::Refused(refusal) => {
                Self::failed(refusal.code.as_str(), refusal.message)
            }
        }
    }
}
