//! From our message to lettre's.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::address::Address;
use super::error::MailError;
use super::message::Message;
use crate::error::{Error, ErrorKind};

/// Holds the name of the template.
pub(super) const TEMPLATE: &str = "X-Signoff-Template";

/// Holds the tenant.
pub(super) const TENANT: &str = "X-Signoff-Tenant";

/// Reads a mailer's default sender.
pub(super) fn sender(address: &Address) -> Result<Mailbox, Error> {
    mailbox(address).map_err(|error| Error::new(ErrorKind::InvalidMailer, error.message))
}

/// Builds the whole mail; lettre adds the date.
pub(super) fn compose(message: &Message, sender: &Mailbox) -> Result<lettre::Message, MailError> {
    message.check()?;
    let from = match &message.from {
        Some(from) => mailbox(from)?,
        None => sender.clone(),
    };
    let message_id = format!("<{}@{}>", message.id, from.email.domain());
    let mut builder = lettre::Message::builder()
        .message_id(Some(message_id))
        .from(from)
        .to(mailbox(&message.to)?)
        .subject(&message.subject)
        .raw_header(header(TEMPLATE, &message.template))
        .raw_header(header(TENANT, &message.tenant))
        .raw_header(header("Content-Language", &message.locale))
        // Keeps well-behaved autoresponders from answering (RFC 3834).
        .raw_header(header("Auto-Submitted", "auto-generated"));
    for address in &message.cc {
        builder = builder.cc(mailbox(address)?);
    }
    builder
        .multipart(MultiPart::alternative_plain_html(
            message.text.clone(),
            message.html.clone(),
        ))
        .map_err(|error| MailError::permanent(format!("cannot write the mail: {error}")))
}

fn mailbox(address: &Address) -> Result<Mailbox, MailError> {
    let email = address.address.parse().map_err(|error| {
        MailError::permanent(format!(
            "`{}` is not a mail address: {error}",
            address.address.escape_debug()
        ))
    })?;
    let name = address.name.clone().filter(|name| !name.trim().is_empty());
    Ok(Mailbox::new(name, email))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
