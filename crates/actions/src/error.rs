//! What can be wrong with a registration, a template or a mailer's settings.

/// The error of this crate: configuration that is refused, or a template that does not render.
///
/// What an action or a mail server answers is not here: see [`ActionError`](crate::ActionError) and
/// [`MailError`](crate::mail::MailError).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What an [`Error`] is about, for branching.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An action of that name is registered already.
    DuplicateAction,
    /// A sender, URL or folder of a mailer cannot be used.
    InvalidMailer,
    /// A name or locale is not written as one.
    InvalidName,
    /// A template has a syntax error or is too large.
    InvalidTemplate,
    /// A template failed or hit a limit while it was rendered.
    RenderFailed,
    /// No template has that name in the locale, its language or English.
    TemplateNotFound,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What the error is about.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code of the kind, snake_case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::DuplicateAction => "duplicate_action",
            ErrorKind::InvalidMailer => "invalid_mailer",
            ErrorKind::InvalidName => "invalid_name",
            ErrorKind::InvalidTemplate => "invalid_template",
            ErrorKind::RenderFailed => "render_failed",
            ErrorKind::TemplateNotFound => "template_not_found",
        }
    }
}
