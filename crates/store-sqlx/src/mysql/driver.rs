//! The store as a driver of its database.

use std::time::Duration;

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Cause, Connection as _, Dialect, Driver, Failed, Row, Written},
};

use super::{MySqlStore, transaction::MySqlTx};

/// How often statements are run when others stand in their way.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(5);

#[async_trait]
impl Driver for MySqlStore {
    type Transaction = MySqlTx;

    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::MYSQL
    }

    async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed> {
        self.connections().get().await?.read(&bound).await
    }

    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match write_once(self, &statements).await {
                Err(failed) if failed.cause() == Cause::Restart => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                done => return done,
            }
        }
        write_once(self, &statements).await
    }

    async fn open(&self) -> Result<MySqlTx, Failed> {
        MySqlTx::begin(self.connections().get().await?).await
    }
}

async fn write_once(store: &MySqlStore, statements: &[Bound]) -> Result<Written, Failed> {
    if let [statement] = statements {
        return store.connections().get().await?.write(statement).await;
    }
    let mut transaction = MySqlTx::begin(store.connections().get().await?).await?;
    match write_all(&mut transaction, statements).await {
        Ok(written) => {
            transaction.commit().await?;
            Ok(written)
        }
        Err(failed) => {
            // At once, so that nobody waits for its locks.
            transaction.rollback().await;
            Err(failed)
        }
    }
}

async fn write_all(transaction: &mut MySqlTx, statements: &[Bound]) -> Result<Written, Failed> {
    let mut written = Written::default();
    for statement in statements {
        written = transaction.write(statement).await?;
    }
    Ok(written)
}
