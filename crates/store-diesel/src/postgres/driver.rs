//! The store as a driver of its database.

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Dialect, Driver, Failed, GroupCommit, Row, Written},
};

use super::{PostgresStore, transaction::PostgresTx};

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
        self.pool().read(&bound).await
    }

    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        self.pool().write(&statements).await
    }

    fn group_commit(&self) -> Option<&GroupCommit> {
        let can = Driver::capabilities(self).multi_statement_cte;
        can.then(|| Self::group_commit(self))
    }

    async fn open(&self) -> Result<PostgresTx, Failed> {
        Ok(PostgresTx::new(self.pool().open().await?, self.profile()))
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
