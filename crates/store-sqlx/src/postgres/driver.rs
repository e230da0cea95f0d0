//! The store as a driver of its database.

use std::time::Duration;

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Cause, Dialect, Driver, Failed, GroupCommit, Row, Written},
};
use sqlx::{Connection as _, Postgres, SqlStr, pool::PoolConnection};

use super::{PostgresStore, transaction::PostgresTx};
use crate::{
    connections::Lent,
    statement::{self, failed},
};

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// How often a write is tried that the database ended in favour of another one.
const ATTEMPTS: u32 = 5;

/// How long it waits after the first of them.
const PAUSE: Duration = Duration::from_millis(2);

impl PostgresStore {
    /// A connection that is known to be there. Those that are gone leave the pool one by one.
    async fn living(&self) -> Result<Lent<'_, Postgres>, Failed> {
        for _ in 0..=self.pool().options().get_max_connections() {
            let mut lent = self.connections().get().await?;
            match lent.connection().ping().await {
                Ok(()) => return Ok(lent),
                Err(_) => drop(lent.into_pooled().detach()),
            }
        }
        Err(Failed::new(Cause::Unavailable))
    }

    async fn begin(&self, lent: Lent<'_, Postgres>) -> Result<PostgresTx, Failed> {
        Ok(PostgresTx {
            transaction: begin(lent.into_pooled()).await?,
            profile: self.profile(),
        })
    }

    /// One attempt of a write: a single statement needs no transaction around it.
    async fn write_once(lent: Lent<'_, Postgres>, statements: &[Bound]) -> Result<Written, Failed> {
        if let [bound] = statements {
            return lent.write(bound).await;
        }
        let mut transaction = begin(lent.into_pooled()).await?;
        let mut last = Written::default();
        for bound in statements {
            last = statement::write(&mut *transaction, bound).await?;
        }
        transaction.commit().await.map_err(failed::<Postgres>)?;
        Ok(last)
    }
}

async fn begin(
    connection: PoolConnection<Postgres>,
) -> Result<sqlx::Transaction<'static, Postgres>, Failed> {
    let sql = SqlStr::from_static(BEGIN);
    statement::begin(async move { sqlx::Transaction::begin(connection, Some(sql)).await }).await
}

/// Whether the connection was gone before anything was done, or may have been: what only reads, or
/// has only begun, can be tried on another.
fn is_gone(failed: &Failed) -> bool {
    failed.is_of_connection() || failed.cause() == Cause::Restart
}

#[async_trait]
impl Driver for PostgresStore {
    type Transaction = PostgresTx;

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        self.profile().capabilities()
    }

    async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed> {
        match self.connections().get().await?.read(&bound).await {
            Err(failed) if is_gone(&failed) => self.living().await?.read(&bound).await,
            done => done,
        }
    }

    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        if statements.is_empty() {
            return Ok(Written::default());
        }
        let mut lent = self.connections().get().await?;
        for attempt in 1..ATTEMPTS {
            match Self::write_once(lent, &statements).await {
                // Nothing of it was kept.
                Err(failed) if failed.cause() == Cause::Restart => {
                    tracing::debug!(?failed, attempt, "a write is tried again");
                    tokio::time::sleep(PAUSE * attempt).await;
                    lent = self.living().await?;
                }
                done => return done,
            }
        }
        Self::write_once(lent, &statements).await
    }

    fn group_commit(&self) -> Option<&GroupCommit> {
        let can = Driver::capabilities(self).multi_statement_cte;
        can.then(|| Self::group_commit(self))
    }

    async fn open(&self) -> Result<PostgresTx, Failed> {
        match self.begin(self.connections().get().await?).await {
            Err(failed) if is_gone(&failed) => self.begin(self.living().await?).await,
            done => done,
        }
    }

    fn announce(&self) {
        if Driver::capabilities(self).notify {
            self.bell().ring(self.pool());
        }
    }

    async fn announced(&self) {
        if Driver::capabilities(self).notify {
            self.bell().heard().await;
        } else {
            std::future::pending().await
        }
    }
}
