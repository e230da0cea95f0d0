//! Sending through an SMTP server.

use std::error::Error as _;
use std::fmt;
use std::sync::OnceLock;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::runtime::Handle;
use url::Url;

use super::address::Address;
use super::compose::{compose, sender};
use super::error::MailError;
use super::mailer::Mailer;
use super::message::Message;
use crate::error::{Error, ErrorKind};

/// Sends mails to an SMTP server, over up to ten kept connections.
///
/// A command that is not answered within 60 seconds fails and is tried again. Sending needs a
/// tokio runtime; without one it fails, not permanently. Sending one by one is slow: have four to
/// eight mails under way.
pub struct SmtpMailer {
    builder: AsyncSmtpTransportBuilder,
    /// Built by the first mail, because the pool needs the runtime.
    transport: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
    sender: Mailbox,
}

impl SmtpMailer {
    /// A mailer for the server at `url`, with the sender of messages that name none.
    ///
    /// `smtp://user:password@host:port?tls=MODE`, user and password percent-encoded and optional:
    ///
    /// | `tls` | meaning | default port |
    /// | --- | --- | --- |
    /// | `required`, or missing | STARTTLS, fails when the server has none | 587 |
    /// | `starttls` | STARTTLS when the server offers it | 587 |
    /// | `none` | never encrypted; for a server on the same machine | 25 |
    ///
    /// `smtps://` is encrypted from the start, port 465, and takes no `tls`. Nothing is connected.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidMailer`] for the URL or the sender's address; the message never holds
    /// the password.
    pub fn new(url: &str, default_sender: &Address) -> Result<Self, Error> {
        Ok(Self {
            builder: connect(url)?,
            transport: OnceLock::new(),
            sender: sender(default_sender)?,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let mail = compose(message, &self.sender)?;
        if Handle::try_current().is_err() {
            return Err(MailError::transient("sending mail needs a tokio runtime"));
        }
        let transport = self.transport.get_or_init(|| self.builder.clone().build());
        match transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) => Err(describe(&error)),
        }
    }
}

impl fmt::Debug for SmtpMailer {
    /// Leaves the server out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer")
            .field("sender", &self.sender)
            .finish_non_exhaustive()
    }
}

fn connect(url: &str) -> Result<AsyncSmtpTransportBuilder, Error> {
    let mut url = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
    let mut tls = None;
    for (key, value) in url.query_pairs() {
        if key != "tls" || tls.is_some() {
            return Err(refuse("the only parameter is `tls`, once"));
        }
        tls = Some(value.into_owned());
    }
    // lettre has other words, and encrypts nothing when there is none.
    let query = match (url.scheme(), tls.as_deref()) {
        ("smtp", None | Some("required")) => Some("tls=required"),
        ("smtp", Some("starttls")) => Some("tls=opportunistic"),
        ("smtp", Some("none")) | ("smtps", None) => None,
        ("smtp", Some(_)) => return Err(refuse("`tls` is none, starttls or required")),
        ("smtps", Some(_)) => return Err(refuse("smtps takes no `tls`")),
        _ => return Err(refuse("expected smtp:// or smtps://")),
    };
    url.set_query(query);
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
        .map_err(|error| refuse(&with_causes(&error)))
}

fn refuse(why: &str) -> Error {
    Error::new(
        ErrorKind::InvalidMailer,
        format!("cannot use the SMTP URL: {why}"),
    )
}

/// Only the server's own 5xx is permanent; whatever else went wrong may pass.
fn describe(error: &lettre::transport::smtp::Error) -> MailError {
    MailError {
        message: with_causes(error),
        permanent: error.is_permanent(),
    }
}

fn with_causes(error: &lettre::transport::smtp::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}
