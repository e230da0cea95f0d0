//! Why a mail was not sent.

/// A mail that was not sent, and whether to try again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct MailError {
    /// What went wrong, for people.
    pub message: String,
    /// Whether another attempt is pointless: the server refused for good (5xx), or the message
    /// itself cannot be sent by anyone. A server that cannot be reached is not permanent.
    pub permanent: bool,
}

impl MailError {
    /// A failure that may pass.
    pub fn transient(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            permanent: false,
        }
    }

    /// A failure that no retry will mend.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            permanent: true,
        }
    }
}
