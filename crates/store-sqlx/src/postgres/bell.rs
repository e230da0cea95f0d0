//! Telling other processes that there is work.
//!
//! A notification inside the transaction that writes would make all commits of the database wait for
//! each other, so it is sent after them, by a connection that does nothing else meanwhile, once for
//! all that were asked for within a moment.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{runtime::Handle, sync::Mutex, time::sleep};

/// What all stores of a database listen to.
const CHANNEL: &str = "signoff_work";

/// How long announcements are gathered.
const GATHER: Duration = Duration::from_millis(20);

/// How long to wait before listening is tried again.
const PAUSE: Duration = Duration::from_secs(5);

/// Announcing and listening.
pub(super) struct Bell {
    is_rung: Arc<AtomicBool>,
    /// The one connection that listens, apart from those that work.
    listening: PgPool,
    listener: Mutex<Option<PgListener>>,
}

impl Bell {
    pub(super) fn new(connect: PgConnectOptions) -> Self {
        let one = PgPoolOptions::new().max_connections(1);
        Self {
            is_rung: Arc::default(),
            listening: one.connect_lazy_with(connect),
            listener: Mutex::new(None),
        }
    }

    /// Announces soon that there is work, by one of the connections that work.
    pub(super) fn ring(&self, pool: &PgPool) {
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
            let sent = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL);
            if let Err(error) = sent.execute(&pool).await {
                tracing::debug!(%error, "that there is work is not announced");
            }
        });
    }

    /// Waits until any process announced work.
    pub(super) async fn heard(&self) {
        let mut listener = self.listener.lock().await;
        loop {
            match self.listen(&mut listener).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(%error, "what other processes announce is not heard");
                    *listener = None;
                    sleep(PAUSE).await;
                }
            }
        }
    }

    pub(super) async fn close(&self) {
        // A listener gives its connection back when it goes.
        if let Ok(mut listener) = self.listener.try_lock() {
            *listener = None;
        }
        self.listening.close().await;
    }

    async fn listen(&self, listener: &mut Option<PgListener>) -> sqlx::Result<()> {
        let listener = match listener {
            Some(listener) => listener,
            none => {
                let mut fresh = PgListener::connect_with(&self.listening).await?;
                fresh.listen(CHANNEL).await?;
                none.insert(fresh)
            }
        };
        listener.recv().await?;
        // Whoever looks for work once has done it for all of them.
        while listener.next_buffered().is_some() {}
        Ok(())
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}
