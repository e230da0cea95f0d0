//! The port through which mails leave.

use async_trait::async_trait;

use super::error::MailError;
use super::message::Message;

/// Sends mails; a host may plug in its own.
///
/// # Example: the smallest mailer
///
/// ```
/// use signoff_actions::mail::{MailError, Mailer, Message};
///
/// struct Nowhere;
///
/// #[async_trait::async_trait]
/// impl Mailer for Nowhere {
///     async fn send(&self, message: &Message) -> Result<(), MailError> {
///         message.check()
///     }
/// }
/// ```
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Makes one attempt to send a mail.
    ///
    /// It may be called again with the same message, even after it succeeded; where the transport
    /// allows it, the recipient then still gets one mail, known by [`Message::id`].
    ///
    /// # Errors
    ///
    /// A [`MailError`]; the caller tries again later unless it is permanent.
    async fn send(&self, message: &Message) -> Result<(), MailError>;
}
