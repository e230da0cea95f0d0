//! Connections that stay with the store from one statement to the next.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use signoff_store::sql::{Bound, Failed, Row, Written};
use sqlx::{Executor, Pool, pool::PoolConnection};
use tokio::runtime::Handle;

use crate::statement::{self, Speaks, failed};

/// How long a connection stays before the pool, which knows how old it may become, has it again.
const STAY: Duration = Duration::from_secs(10);

/// A database that has servers.
pub(crate) trait Pooled: Speaks {
    /// Whether sqlx can use a connection again after a statement on it was given up half-way.
    const RESUMES: bool;
}

/// The connections of a pool. A pool asks the database whether a connection is well each time one comes
/// back: a round trip for each statement. One whose statement ended well therefore stays here.
pub(crate) struct Connections<D: Pooled> {
    pool: Pool<D>,
    state: Mutex<State<D>>,
}

struct State<D: Pooled> {
    /// The one used last is used next: it has what it needs at hand.
    kept: Vec<Kept<D>>,
    /// How many are kept at most; none once the store is closed.
    most: usize,
    /// How many wait for a connection of the pool. While anybody does, none is kept.
    waiting: usize,
}

struct Kept<D: Pooled> {
    connection: PoolConnection<D>,
    since: Instant,
}

/// A connection, lent for a statement or a transaction. Dropping it gives it back to the pool.
pub(crate) struct Lent<'a, D: Pooled> {
    of: &'a Connections<D>,
    kept: Kept<D>,
}

impl<D: Pooled> Connections<D> {
    /// Keeps at most so many; those who use the pool itself find the others only.
    pub(crate) fn new(pool: Pool<D>, most: u32) -> Self {
        let state = State {
            kept: Vec::new(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            waiting: 0,
        };
        Self {
            pool,
            state: Mutex::new(state),
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) const fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// Borrows a connection; one that was idle may be gone.
    pub(crate) async fn get(&self) -> Result<Lent<'_, D>, Failed> {
        let waits = match self.kept() {
            Ok(kept) => return Ok(Lent { of: self, kept }),
            Err(waits) => waits,
        };
        let connection = self.pool.acquire().await.map_err(failed::<D>)?;
        drop(waits);
        let since = Instant::now();
        let kept = Kept { connection, since };
        Ok(Lent { of: self, kept })
    }

    /// The one kept last, or a place among those who wait.
    fn kept(&self) -> Result<Kept<D>, Waits<'_, D>> {
        let mut state = self.state();
        while let Some(kept) = state.kept.pop() {
            if kept.is_fresh() {
                return Ok(kept);
            }
        }
        state.waiting += 1;
        Err(Waits(self))
    }

    /// Closes every connection once it is given back.
    pub(crate) async fn close(&self) {
        self.state().end();
        self.pool.close().await;
    }

    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Pooled> State<D> {
    /// Gives all back, and keeps no more.
    fn end(&mut self) {
        self.most = 0;
        self.kept.clear();
    }
}

/// Somebody who waits for a connection of the pool.
struct Waits<'a, D: Pooled>(&'a Connections<D>);

impl<D: Pooled> Drop for Waits<'_, D> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<D: Pooled> Kept<D> {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < STAY
    }
}

impl<D: Pooled> Lent<'_, D>
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    /// All rows of a statement that reads.
    pub(crate) async fn read(mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let mut busy = Busy::with(&mut self.kept.connection);
        let rows = statement::read(busy.connection(), bound).await;
        let rows = busy.end(rows)?;
        self.keep();
        Ok(rows)
    }

    /// Runs a statement that writes.
    pub(crate) async fn write(mut self, bound: &Bound) -> Result<Written, Failed> {
        let mut busy = Busy::with(&mut self.kept.connection);
        let written = statement::write(busy.connection(), bound).await;
        let written = busy.end(written)?;
        self.keep();
        Ok(written)
    }
}

impl<D: Pooled> Lent<'_, D> {
    /// Keeps it for the next one. Only after a statement that ended well, outside of a transaction.
    fn keep(self) {
        let Self { of, kept } = self;
        let mut state = of.state();
        if state.waiting == 0 && state.kept.len() < state.most && kept.is_fresh() {
            state.kept.push(kept);
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn connection(&mut self) -> &mut D::Connection {
        &mut self.kept.connection
    }

    /// For a transaction, which gives it back to the pool.
    pub(crate) fn into_pooled(self) -> PoolConnection<D> {
        self.kept.connection
    }
}

/// A connection while a statement runs on it. One on which that was given up closes, unless sqlx can use
/// it again.
pub(crate) struct Busy<'a, D: Pooled> {
    connection: &'a mut PoolConnection<D>,
    is_over: bool,
}

impl<'a, D: Pooled> Busy<'a, D> {
    pub(crate) const fn with(connection: &'a mut PoolConnection<D>) -> Self {
        Self {
            connection,
            is_over: false,
        }
    }

    pub(crate) fn connection(&mut self) -> &mut D::Connection {
        self.connection
    }

    /// Looks at what the statement gave.
    pub(crate) fn end<T>(mut self, result: Result<T, Failed>) -> Result<T, Failed> {
        self.is_over = !result.as_ref().is_err_and(Failed::is_of_connection);
        result
    }
}

impl<D: Pooled> Drop for Busy<'_, D> {
    fn drop(&mut self) {
        if !self.is_over && !D::RESUMES {
            self.connection.close_on_drop();
        }
    }
}

impl<D: Pooled> Drop for State<D> {
    fn drop(&mut self) {
        // A pool takes connections back by a task, which only a runtime can run.
        if Handle::try_current().is_err() {
            for kept in self.kept.drain(..) {
                drop(kept.connection.detach());
            }
        }
    }
}

impl<D: Pooled> fmt::Debug for Connections<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Connections")
            .field("kept", &state.kept.len())
            .field("waiting", &state.waiting)
            .finish_non_exhaustive()
    }
}
