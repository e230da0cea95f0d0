//! A mail that is ready to be sent.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::error::MailError;

/// Ids longer than this are refused: they are file names and part of a header line.
const MAX_ID: usize = 128;

/// One mail to one recipient, complete but for its date.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Message {
    /// Our own id, the part of the Message-ID before the `@`: 1 to 128 letters, digits, `-`, `_`
    /// and `.`, not starting with `.`. The same for every attempt.
    pub id: String,
    /// The sender; the mailer's own when missing.
    pub from: Option<Address>,
    /// The recipient.
    pub to: Address,
    /// Who gets a copy, openly.
    pub cc: Vec<Address>,
    /// The subject, one line.
    pub subject: String,
    /// The HTML body.
    pub html: String,
    /// The plain-text body, for readers without HTML.
    pub text: String,
    /// The name of the template it was made from.
    pub template: String,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The locale of the texts, as `ar`.
    pub locale: String,
}

impl Message {
    /// Checks what every mailer relies on: the id, and that no header holds a line break.
    ///
    /// Mailers call it first; the form of the addresses is checked by those that send.
    ///
    /// # Errors
    ///
    /// A permanent [`MailError`] that names the part.
    pub fn check(&self) -> Result<(), MailError> {
        if !is_id(&self.id) {
            return Err(MailError::permanent(format!(
                "message id `{}` is not 1 to {MAX_ID} letters, digits, `-`, `_`, `.`",
                self.id.escape_debug()
            )));
        }
        check_line("subject", &self.subject)?;
        check_line("template", &self.template)?;
        check_line("tenant", &self.tenant)?;
        check_line("locale", &self.locale)?;
        for address in self.from.iter().chain([&self.to]).chain(&self.cc) {
            check_line("name", address.name.as_deref().unwrap_or_default())?;
            check_line("address", &address.address)?;
        }
        Ok(())
    }
}

/// Whether a text can be the id of a message; then it is also a safe file name.
pub(super) fn is_id(id: &str) -> bool {
    matches!(id.len(), 1..=MAX_ID)
        && !id.starts_with('.')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Refuses control characters: a line break would start a header of the sender's choice.
fn check_line(part: &str, text: &str) -> Result<(), MailError> {
    if text.chars().any(char::is_control) {
        return Err(MailError::permanent(format!(
            "{part} `{}` contains a control character",
            text.escape_debug()
        )));
    }
    Ok(())
}
