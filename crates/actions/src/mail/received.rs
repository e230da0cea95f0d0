//! A mail read back from its file.

use mail_parser::MessageParser;
use mail_parser::parsers::MessageStream;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::compose::{TEMPLATE, TENANT};

/// What a recipient would see of a mail, and its headers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Received {
    /// The id of the [`Message`](super::Message) that was sent.
    pub id: String,
    /// The sender.
    pub from: Option<Address>,
    /// The recipients.
    pub to: Vec<Address>,
    /// Who got a copy.
    pub cc: Vec<Address>,
    /// The subject, decoded.
    pub subject: String,
    /// When it was written, in RFC 3339.
    pub date: Option<String>,
    /// The HTML body; to be shown in a sandbox only.
    pub html: String,
    /// The plain-text body.
    pub text: String,
    /// The name of the template it was made from.
    pub template: String,
    /// The tenant it belongs to.
    pub tenant: String,
    /// All headers in their order, decoded.
    pub headers: Vec<(String, String)>,
}

impl Received {
    /// Reads a mail; `None` when the bytes are none.
    pub(super) fn parse(id: &str, bytes: &[u8]) -> Option<Self> {
        let mail = MessageParser::new().parse(bytes)?;
        let headers: Vec<_> = mail
            .headers_raw()
            .map(|(name, raw)| (name.to_owned(), decode(raw)))
            .collect();
        let header = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map_or_else(String::new, |(_, text)| text.clone())
        };
        Some(Self {
            id: id.to_owned(),
            from: addresses(mail.from()).into_iter().next(),
            to: addresses(mail.to()),
            cc: addresses(mail.cc()),
            subject: mail.subject().unwrap_or_default().to_owned(),
            date: mail.date().map(|date| date.to_rfc3339()),
            html: mail.body_html(0).unwrap_or_default().into_owned(),
            text: mail.body_text(0).unwrap_or_default().into_owned(),
            template: header(TEMPLATE),
            tenant: header(TENANT),
            headers,
        })
    }
}

/// The text of a header with its encoded words decoded.
fn decode(raw: &str) -> String {
    let value = MessageStream::new(raw.as_bytes()).parse_unstructured();
    value.as_text().unwrap_or_default().to_owned()
}

fn addresses(list: Option<&mail_parser::Address<'_>>) -> Vec<Address> {
    list.into_iter()
        .flat_map(mail_parser::Address::iter)
        .map(|mailbox| Address {
            name: mailbox.name().map(ToOwned::to_owned),
            address: mailbox.address().unwrap_or_default().to_owned(),
        })
        .collect()
}
