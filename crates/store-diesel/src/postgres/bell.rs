//! Telling other processes that there is work, those on sqlx among them.
//!
//! A notification inside the transaction that writes would make all commits of the database wait for
//! each other, so it is sent after them, once for all that were asked for within a moment.

use std::{
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use diesel_async::AsyncPgConnection;
use futures_util::{FutureExt, StreamExt};
use signoff_store::sql::{Cause, Failed};
use tokio::{runtime::Handle, sync::Mutex, time::sleep};

use super::error::failed;
use crate::pool::{Link, Pool};

/// To the channel that all stores of a database listen to.
const NOTIFY: &str = "NOTIFY signoff_work";

const LISTEN: &str = "LISTEN signoff_work";

/// How long announcements are gathered.
const GATHER: Duration = Duration::from_millis(20);

/// How long to wait before listening is tried again.
const PAUSE: Duration = Duration::from_secs(5);

/// Announcing and listening.
pub(super) struct Bell {
    is_rung: Arc<AtomicBool>,
    url: String,
    /// The one connection that listens, apart from those that work.
    listener: Mutex<Option<AsyncPgConnection>>,
}

impl Bell {
    pub(super) fn new(url: &str) -> Self {
        Self {
            is_rung: Arc::default(),
            url: url.to_owned(),
            listener: Mutex::new(None),
        }
    }

    /// Announces soon that there is work, by one of the connections that work.
    pub(super) fn ring(&self, pool: &Pool<AsyncPgConnection>) {
        // Without a runtime nobody could send it; whoever looks for work finds it later.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.is_rung.swap(true, Ordering::AcqRel) {
            return;
        }
        let (is_rung, pool) = (Arc::clone(&self.is_rung), pool.clone());
        runtime.spawn(async move {
            sleep(GATHER).await;
            // Before it is sent: what is asked for from now on is announced again.
            is_rung.store(false, Ordering::Release);
            let sent = async { pool.get().await?.batch(NOTIFY).await };
            if let Err(failed) = sent.await {
                tracing::debug!(?failed, "that there is work is not announced");
            }
        });
    }

    /// Waits until any process announced work.
    pub(super) async fn heard(&self) {
        let mut listener = self.listener.lock().await;
        loop {
            match self.listen(&mut listener).await {
                Ok(()) => return,
                Err(failed) => {
                    tracing::debug!(?failed, "what other processes announce is not heard");
                    *listener = None;
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Closes the connection, unless somebody listens on it: then it goes with the last handle.
    pub(super) fn close(&self) {
        if let Ok(mut listener) = self.listener.try_lock() {
            *listener = None;
        }
    }

    async fn listen(&self, listener: &mut Option<AsyncPgConnection>) -> Result<(), Failed> {
        let listener = match listener {
            Some(listener) => listener,
            none => {
                let mut fresh = AsyncPgConnection::connect(&self.url).await?;
                fresh.batch(LISTEN).await?;
                none.insert(fresh)
            }
        };
        let mut heard = pin!(listener.notifications_stream());
        match heard.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(failed(error)),
            None => return Err(Failed::new(Cause::Lost)),
        }
        // Whoever looks for work once has done it for all of them.
        while let Some(Some(Ok(_))) = heard.next().now_or_never() {}
        Ok(())
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}
