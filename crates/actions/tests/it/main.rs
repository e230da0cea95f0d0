//! What the crate promises, through its public interface only.

#[cfg(feature = "mail")]
#[expect(clippy::unwrap_used, reason = "a failing helper fails the test")]
mod folder;
mod memory;
mod registry;
#[cfg(feature = "mail")]
#[expect(clippy::unwrap_used, reason = "a failing helper fails the test")]
mod smtp;
#[cfg(feature = "mail")]
#[expect(clippy::unwrap_used, reason = "a failing helper fails the test")]
mod smtp_sink;
mod support;
mod templates;
