//! A mailer for tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::error::MailError;
use super::mailer::Mailer;
use super::message::Message;

/// Keeps what it is given and sends nothing.
///
/// Every successful attempt is kept, so a test sees a mail that was sent twice.
#[derive(Debug, Default)]
pub struct MemoryMailer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Message>,
    failure: Option<MailError>,
}

impl MemoryMailer {
    /// A mailer that has sent nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was sent so far, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Message> {
        self.state().sent.clone()
    }

    /// What was sent since the last call; forgets it.
    #[must_use]
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state().sent)
    }

    /// Lets every attempt fail with `failure` until called with `None`.
    pub fn fail_with(&self, failure: Option<MailError>) {
        self.state().failure = failure;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        message.check()?;
        let mut state = self.state();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        state.sent.push(message.clone());
        Ok(())
    }
}
