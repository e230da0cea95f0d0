//! Connections of diesel-async: made, lent and taken back.

mod link;
mod loan;
mod manager;
mod schema;
mod tls;

use std::{fmt, time::Duration};

use deadpool::managed::{self, PoolError};
use signoff_store::sql::{Bound, Cause, Failed, Row, Written};
use tokio::time::{sleep, timeout};

use self::manager::Lender;
pub(crate) use self::{
    link::{Check, Link},
    loan::Loan,
    schema::{Preparation, prepare},
    tls::without as without_tls,
};

/// How often statements are run when others stand in their way.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(2);

/// Connections to one database. Clones share them.
pub(crate) struct Pool<C: Link> {
    inner: managed::Pool<Lender<C>>,
    patience: Duration,
}

impl<C: Link> Pool<C> {
    /// At most `connections` at once, each of which runs `session` first; who needs one more waits for
    /// as long as `patience`.
    pub(crate) fn new(
        url: &str,
        session: String,
        connections: u32,
        patience: Duration,
    ) -> Result<Self, Failed> {
        Self::of_age(url, session, connections, patience, Duration::MAX)
    }

    /// The same, of connections that are not used when they are older than `lifetime`.
    pub(crate) fn of_age(
        url: &str,
        session: String,
        connections: u32,
        patience: Duration,
        lifetime: Duration,
    ) -> Result<Self, Failed> {
        let connections = usize::try_from(connections.max(1)).unwrap_or(usize::MAX);
        let lender = Lender::new(url.to_owned(), session, lifetime);
        let pool = managed::Pool::builder(lender).max_size(connections);
        let inner = pool.build();
        Ok(Self {
            inner: inner.map_err(|error| Failed::caused_by(Cause::Other, error))?,
            patience,
        })
    }

    /// Borrows a connection.
    pub(crate) async fn get(&self) -> Result<Loan<C>, Failed> {
        let got = timeout(self.patience, self.inner.get()).await;
        match got {
            Ok(Ok(object)) => Ok(Loan::new(object)),
            Ok(Err(PoolError::Backend(failed))) => Err(failed),
            Ok(Err(PoolError::Closed)) => Err(Failed::new(Cause::Lost)),
            Ok(Err(_)) => Err(Failed::new(Cause::Unavailable)),
            Err(elapsed) => Err(Failed::caused_by(Cause::Unavailable, elapsed)),
        }
    }

    /// Borrows a connection that is known to be there. Those that are gone leave the pool one by one.
    async fn living(&self) -> Result<Loan<C>, Failed> {
        for _ in 0..=self.inner.status().max_size {
            let mut loan = self.get().await?;
            if loan.batch("SELECT 1").await.is_ok() {
                return Ok(loan);
            }
        }
        Err(Failed::new(Cause::Unavailable))
    }

    /// All rows of a statement that reads.
    pub(crate) async fn read(&self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        // The connection is given back before another one is asked for.
        let done = self.get().await?.read(bound).await;
        match done {
            // What only reads can be tried on another.
            Err(failed) if failed.is_of_connection() => self.living().await?.read(bound).await,
            done => done,
        }
    }

    /// Runs statements, all or none of them; what the last one gave.
    pub(crate) async fn write(&self, statements: &[Bound]) -> Result<Written, Failed> {
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match write_once(self.get().await?, statements).await {
                // Nothing of it was kept.
                Err(failed) if failed.cause() == Cause::Restart => {
                    sleep(pause).await;
                    pause *= 2;
                }
                done => return done,
            }
        }
        write_once(self.get().await?, statements).await
    }

    /// Borrows a connection and begins a transaction on it.
    pub(crate) async fn open(&self) -> Result<Loan<C>, Failed> {
        let mut loan = self.get().await?;
        match loan.begin().await {
            // What has only begun, too.
            Err(failed) if failed.is_of_connection() => {
                drop(loan);
                loan = self.living().await?;
                loan.begin().await?;
            }
            done => done?,
        }
        Ok(loan)
    }

    /// Closes what is not in use, and the others as they come back; nobody gets one any more.
    pub(crate) fn close(&self) {
        self.inner.close();
    }
}

async fn write_once<C: Link>(mut loan: Loan<C>, statements: &[Bound]) -> Result<Written, Failed> {
    // A statement is whole or nothing by itself.
    if let [statement] = statements {
        return loan.write(statement).await;
    }
    loan.begin().await?;
    let mut last = Written::default();
    for statement in statements {
        match loan.write(statement).await {
            Ok(written) => last = written,
            Err(failed) => {
                // Before the caller hears of it, so that nothing is locked when it tries again.
                loan.roll_back().await;
                return Err(failed);
            }
        }
    }
    loan.commit().await?;
    Ok(last)
}

impl<C: Link> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            patience: self.patience,
        }
    }
}

impl<C: Link> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("status", &self.inner.status())
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// The URL of a database without what nobody should read.
pub(crate) fn shown(url: &str) -> String {
    let (url, _) = url.split_once('?').unwrap_or((url, ""));
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((kind, _)), Some((_, place))) => format!("{kind}://{place}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (url, expected) in [
            (
                "postgres://ann:p@ss@host/db?password=x",
                "postgres://host/db",
            ),
            ("mysql://host:3306/db", "mysql://host:3306/db"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
