//! Mails: what is sent, and the ways to send it.
//!
//! A [`Message`] is complete: one recipient, rendered texts, an id of ours. A [`Mailer`] sends it
//! once; whoever keeps the outbox tries again unless [`MailError::permanent`] says otherwise.
//!
//! | mailer | for |
//! | --- | --- |
//! | `SmtpMailer` (feature `mail`) | production |
//! | `FolderMailer` (feature `mail`) | demonstrations: one `.eml` file per mail, readable again |
//! | [`MemoryMailer`] | tests |

mod address;
#[cfg(feature = "mail")]
mod compose;
mod error;
#[cfg(feature = "mail")]
mod folder;
mod mailer;
mod memory;
mod message;
#[cfg(feature = "mail")]
mod received;
#[cfg(feature = "mail")]
mod smtp;

pub use self::address::Address;
pub use self::error::MailError;
#[cfg(feature = "mail")]
pub use self::folder::FolderMailer;
pub use self::mailer::Mailer;
pub use self::memory::MemoryMailer;
pub use self::message::Message;
#[cfg(feature = "mail")]
pub use self::received::Received;
#[cfg(feature = "mail")]
pub use self::smtp::SmtpMailer;
