//! One store of a router.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use signoff_store::{Error, ErrorKind, Result, Store};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout},
};

use crate::router::StoreDown;

/// How long a call for all tenants waits for one store.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits for one that has to be opened first, which may bring its schema up to date.
const OPENING: Duration = Duration::from_secs(30);
/// How long a store is left alone after it failed; twice as long after every further failure.
const REST: Duration = Duration::from_secs(5);
/// The longest that it is left alone.
const LONGEST_REST: Duration = Duration::from_secs(60);

type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Store>>> + Send>>;

/// A store under its name.
pub(super) struct Member {
    pub(super) name: String,
    open: Box<dyn Fn() -> Opening + Send + Sync>,
    opened: OnceCell<Arc<dyn Store>>,
    failing: Mutex<Option<Failing>>,
}

/// A store that failed.
struct Failing {
    error: String,
    since: Instant,
    times: u32,
    until: Instant,
}

impl Member {
    pub(super) fn of(name: String, store: Arc<dyn Store>) -> Self {
        let open = {
            let store = Arc::clone(&store);
            move || -> Opening {
                let store = Arc::clone(&store);
                Box::pin(async move { Ok(store) })
            }
        };
        Self {
            opened: OnceCell::new_with(Some(store)),
            ..Self::lazy(name, Box::new(open))
        }
    }

    pub(super) fn opened_by<F, Fut, S>(name: String, open: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<S>> + Send + 'static,
        S: Store + 'static,
    {
        let open = move || -> Opening {
            let opening = open();
            Box::pin(async move { Ok(Arc::new(opening.await?) as Arc<dyn Store>) })
        };
        Self::lazy(name, Box::new(open))
    }

    fn lazy(name: String, open: Box<dyn Fn() -> Opening + Send + Sync>) -> Self {
        Self {
            name,
            open,
            opened: OnceCell::new(),
            failing: Mutex::new(None),
        }
    }

    /// The store, opened if it was not; who comes while it is being opened waits for that.
    pub(super) async fn store(&self) -> Result<Arc<dyn Store>> {
        let opened = self.opened.get_or_try_init(|| (self.open)()).await?;
        Ok(Arc::clone(opened))
    }

    /// The store, if it is open.
    pub(super) fn opened(&self) -> Option<&Arc<dyn Store>> {
        self.opened.get()
    }

    /// Asks the store for something of all its tenants, unless it failed a short while ago.
    pub(super) async fn ask<T, Fut>(&self, call: impl FnOnce(Arc<dyn Store>) -> Fut) -> Result<T>
    where
        Fut: Future<Output = Result<T>>,
    {
        if let Some(failing) = &*self.failing()
            && Instant::now() < failing.until
        {
            return Err(Error::new(ErrorKind::Unavailable, failing.error.clone()));
        }
        let patience = match self.opened() {
            Some(_) => PATIENCE,
            None => OPENING,
        };
        let answer = timeout(patience, async { call(self.store().await?).await }).await;
        let answer = answer.unwrap_or_else(|_| {
            let message = format!("no answer within {} seconds", patience.as_secs());
            Err(Error::new(ErrorKind::Unavailable, message))
        });
        match &answer {
            Ok(_) => self.works(),
            Err(error) => self.fails(error),
        }
        answer
    }

    /// What is to be told of the store, if it fails.
    pub(super) fn down(&self) -> Option<StoreDown> {
        let failing = self.failing();
        failing.as_ref().map(|failing| StoreDown {
            name: self.name.clone(),
            error: failing.error.clone(),
            lasting: failing.since.elapsed(),
        })
    }

    fn works(&self) {
        if self.failing().take().is_some() {
            tracing::info!(store = self.name, "a store of the router answers again");
        }
    }

    fn fails(&self, error: &Error) {
        tracing::error!(
            store = self.name,
            error = error as &dyn std::error::Error,
            "a store of the router fails; work goes on in the others"
        );
        let now = Instant::now();
        let mut failing = self.failing();
        let (since, times) = match &*failing {
            Some(before) => (before.since, before.times.saturating_add(1)),
            None => (now, 0),
        };
        let rest = REST.saturating_mul(1_u32 << times.min(4)).min(LONGEST_REST);
        *failing = Some(Failing {
            error: error.to_string(),
            since,
            times,
            until: now + rest,
        });
    }

    fn failing(&self) -> MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
