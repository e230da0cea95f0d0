//! Requests with a name that change no instance, or several: done once, and answered alike again.
//!
//! A command is noted with the change that it makes (`once.rs`). What is here is kept before it is done,
//! with the id of what it is to make, and answered after: who takes it over, because nothing was heard
//! of whoever did it, makes the same thing once more, not another one.

use std::{future::Future, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use signoff_core::{
    id::TenantId,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{ErrorKind as StoreErrorKind, KeptRequest};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    engine::{Engine, door},
    error::{Error, ErrorKind, NotDone},
    once::Once,
};

/// How long nothing is heard of a request under way before whoever repeats it does it.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is kept, in bytes.
const LONGEST: usize = 1024 * 1024;
/// How long a repetition waits before it looks again: at first, and at most.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// One attempt at a request that has a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// For what the request makes: the same at every attempt.
    pub id: Uuid,
    /// When the first attempt began.
    pub begun_at: Timestamp,
    /// How often it was tried before, by somebody of whom nothing more was heard.
    pub before: u64,
}

/// What is no success, and may have written something all the same.
pub trait Unsuccessful: From<NotDone> {
    /// Whether it is certain that nothing was written.
    fn wrote_nothing(&self) -> bool;
}

impl Unsuccessful for NotDone {
    fn wrote_nothing(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl Engine {
    /// Does something once under a name that is no command of one instance; that has
    /// [`Call::once`](crate::Call::once) and [`Start::once`](crate::Start::once).
    ///
    /// Sent again, it is not done but answered as the first time, for 24 hours. While it is under way,
    /// a repetition waits for its answer. What wrote nothing is forgotten, and tried anew.
    ///
    /// When the process ends in the middle, or it fails, a repetition does it 10 seconds after it was
    /// begun. So `work` must come to the same when it is done twice: what it makes has the
    /// [id of the attempt](Attempt::id), and commands in it have [parts](Once::part) of the name.
    ///
    /// # Errors
    /// Refused: `request_reused` when the name was given to something else; `limit_exceeded` when it
    /// was done, and its answer, longer than 1 MiB of JSON, was not kept. Failed: the store. Otherwise
    /// what `work` gives.
    pub async fn once<T, E, F>(
        &self,
        tenant: &TenantId,
        once: &Once,
        work: impl FnOnce(Attempt) -> F,
    ) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        E: Unsuccessful,
        F: Future<Output = Result<T, E>>,
    {
        // Not the id that a command of this name has.
        let once = once.part("answer");
        let attempt = match self.begin(tenant, &once).await? {
            Begun::Answered(text) => return Ok(answer(&text)?),
            Begun::Attempt(attempt) => attempt,
        };
        let store = &self.inner().store;
        match work(attempt).await {
            Ok(made) => {
                let kept = self.keep(tenant, &once, &made).await?;
                Ok(kept.unwrap_or(made))
            }
            Err(not_done) => {
                if not_done.wrote_nothing() {
                    let forgotten = store.request_forget(tenant, &once.id, attempt.before);
                    if let Err(error) = forgotten.await {
                        tracing::warn!(%error, "a refused request cannot be forgotten");
                    }
                }
                Err(not_done)
            }
        }
    }

    /// Waits until there is an answer, or somebody must do it.
    async fn begin(&self, tenant: &TenantId, once: &Once) -> Result<Begun, NotDone> {
        door::tenant(tenant)?;
        let (store, clock) = (&self.inner().store, &self.inner().clock);
        let new = KeptRequest {
            id: once.id.clone(),
            hash: once.hash.clone(),
            resource: Uuid::now_v7(),
            taken_over: 0,
            answer: None,
            at: clock.now(),
        };
        let mut wait = LOOKS.0;
        let mut silent_since = (0, Instant::now());
        loop {
            let kept = match store.request_begin(tenant, &new).await {
                Ok(None) => return Ok(Begun::first(&new)),
                Ok(Some(kept)) => kept,
                // It was forgotten while we looked.
                Err(error)
                    if error.kind() == StoreErrorKind::Conflict
                        && silent_since.1.elapsed() < PATIENCE =>
                {
                    sleep(wait).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if kept.hash != once.hash {
                return Err(super::once::reused());
            }
            if let Some(text) = kept.answer {
                return Ok(Begun::Answered(text));
            }
            if silent_since.0 != kept.taken_over {
                silent_since = (kept.taken_over, Instant::now());
            }
            let age = clock.now().duration_since(kept.at);
            let is_old =
                kept.taken_over == 0 && Duration::try_from(age).is_ok_and(|age| age >= PATIENCE);
            if is_old || silent_since.1.elapsed() >= PATIENCE {
                let taken = store.request_take_over(tenant, &once.id, kept.taken_over);
                if taken.await? {
                    return Ok(Begun::again(&kept));
                }
            }
            sleep(wait).await;
            wait = LOOKS.1.min(wait * 2);
        }
    }

    /// Keeps an answer; gives the one that was kept before by somebody else.
    async fn keep<T>(&self, tenant: &TenantId, once: &Once, made: &T) -> Result<Option<T>, NotDone>
    where
        T: Serialize + DeserializeOwned,
    {
        let text = serde_json::to_string(made).map_err(|error| {
            let message = "failed to keep the answer of a request";
            Error::new(ErrorKind::Store, message).caused_by(error)
        })?;
        let text = if text.len() > LONGEST { "" } else { &text };
        let store = &self.inner().store;
        match store.request_answer(tenant, &once.id, text).await {
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(error) => {
                // It is done all the same; a repetition does it again, to the same effect.
                tracing::warn!(%error, "the answer of a request cannot be kept");
                return Ok(None);
            }
        }
        // Somebody else was faster, or a day is over.
        match self.begin(tenant, once).await? {
            Begun::Answered(text) => answer(&text).map(Some),
            Begun::Attempt(_) => Ok(None),
        }
    }
}

enum Begun {
    Answered(String),
    Attempt(Attempt),
}

impl Begun {
    fn first(new: &KeptRequest) -> Self {
        Self::Attempt(Attempt {
            id: new.resource,
            begun_at: new.at,
            before: 0,
        })
    }

    fn again(kept: &KeptRequest) -> Self {
        Self::Attempt(Attempt {
            id: kept.resource,
            begun_at: kept.at,
            before: kept.taken_over + 1,
        })
    }
}

fn answer<T: DeserializeOwned>(text: &str) -> Result<T, NotDone> {
    if text.is_empty() {
        let message = "the request was done; its answer is too long to be kept and told again";
        return Err(Refusal::new(RefusalCode::LimitExceeded, message).into());
    }
    serde_json::from_str(text).map_err(|error| {
        let message = "cannot read the answer of a request";
        Error::new(ErrorKind::Store, message)
            .caused_by(error)
            .into()
    })
}
