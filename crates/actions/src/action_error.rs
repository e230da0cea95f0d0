//! Why an action failed.

use crate::mail::MailError;

/// An action's own account of its failure; stored with the job and shown to operators.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ActionError {
    /// A stable code chosen by the action, snake_case.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// Whether another attempt is pointless; then the job becomes an incident at once.
    pub permanent: bool,
}

impl ActionError {
    /// A failure that may pass: the action is tried again.
    pub fn transient(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            permanent: false,
        }
    }

    /// A failure that no retry will mend.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            permanent: true,
            ..Self::transient(code, message)
        }
    }
}

impl From<MailError> for ActionError {
    fn from(error: MailError) -> Self {
        Self {
            code: "mail_failed".to_owned(),
            message: error.message,
            permanent: error.permanent,
        }
    }
}
