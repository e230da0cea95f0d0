//! A connection, lent.

use std::fmt;

use deadpool::managed::Object;
use diesel_async::{AnsiTransactionManager, TransactionManager};
use signoff_store::sql::{Bound, Cause, Failed, Row, Written};
use tokio::runtime::Handle;

use super::{Link, manager::Lender};

/// A connection of the pool, lent to one caller. Dropping it gives the connection back; a transaction
/// that is still open is rolled back before.
pub(crate) struct Loan<C: Link> {
    /// Nothing only after it was given back.
    connection: Option<Object<Lender<C>>>,
    /// Why it must not be used any more. A connection that is `Lost` is closed: something still ran
    /// on it when its caller went away, or the database is.
    end: Option<Cause>,
}

impl<C: Link> Loan<C> {
    pub(super) const fn new(connection: Object<Lender<C>>) -> Self {
        Self {
            connection: Some(connection),
            end: None,
        }
    }

    /// The connection, unless it must not be used any more.
    pub(crate) fn connection(&mut self) -> Result<&mut C, Failed> {
        if let Some(cause) = self.end {
            return Err(Failed::new(cause));
        }
        let connection = self.connection.as_deref_mut();
        connection.ok_or(Failed::new(Cause::Lost))
    }

    pub(crate) async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let connection = self.lend()?;
        let done = connection.read(bound).await;
        self.settle(done)
    }

    pub(crate) async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let connection = self.lend()?;
        let done = connection.write(bound).await;
        self.settle(done)
    }

    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), Failed> {
        let connection = self.lend()?;
        let done = connection.batch(sql).await;
        self.settle(done)
    }

    /// Begins a transaction. Diesel keeps count, so what a host does in it with diesel's own
    /// transactions becomes savepoints.
    pub(crate) async fn begin(&mut self) -> Result<(), Failed> {
        let connection = self.lend()?;
        let done = AnsiTransactionManager::begin_transaction_sql(connection, C::BEGIN).await;
        self.settle(done.map_err(C::failed))
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Failed> {
        if self.connection()?.depth() > 1 {
            return Err(Failed::new(Cause::StillOpen));
        }
        let connection = self.lend()?;
        let done = AnsiTransactionManager::commit_transaction(connection).await;
        self.settle(done.map_err(C::failed))
    }

    /// Rolls back; when that fails the connection is closed.
    pub(crate) async fn roll_back(&mut self) {
        if self.end == Some(Cause::Lost) {
            return;
        }
        self.end = None;
        let Ok(connection) = self.lend() else { return };
        let done = roll_back(connection).await;
        if self.settle(done).is_err() {
            self.end = Some(Cause::Lost);
        }
    }

    /// The connection for one call, after which the loan is [settled](Self::settle). Who goes away in
    /// between leaves it lost.
    fn lend(&mut self) -> Result<&mut C, Failed> {
        if let Some(cause) = self.end {
            return Err(Failed::new(cause));
        }
        self.end = Some(Cause::Lost);
        let connection = self.connection.as_deref_mut();
        connection.ok_or(Failed::new(Cause::Lost))
    }

    fn settle<T>(&mut self, done: Result<T, Failed>) -> Result<T, Failed> {
        self.end = match &done {
            Err(failed) if failed.is_of_connection() => Some(Cause::Lost),
            // The transaction is over, and what came now would be outside of it.
            Err(failed) if failed.cause() == Cause::Restart => Some(Cause::Restart),
            _ => None,
        };
        done
    }
}

/// Rolls back everything that is open.
async fn roll_back<C: Link>(connection: &mut C) -> Result<(), Failed> {
    while connection.depth() > 0 {
        let done = AnsiTransactionManager::rollback_transaction(connection).await;
        done.map_err(C::failed)?;
    }
    Ok(())
}

impl<C: Link> Drop for Loan<C> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.end != Some(Cause::Lost) {
            if connection.depth() == 0 {
                return;
            }
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(async move {
                    if roll_back(&mut *connection).await.is_err() {
                        drop(Object::take(connection));
                    }
                });
                return;
            }
        }
        // The database rolls back when a connection is closed.
        drop(Object::take(connection));
    }
}

impl<C: Link> fmt::Debug for Loan<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
