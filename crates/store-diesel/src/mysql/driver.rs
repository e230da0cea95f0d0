//! The store as a driver of its database.

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Dialect, Driver, Failed, Row, Written},
};

use super::{MySqlStore, transaction::MySqlTx};

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
        self.pool().read(&bound).await
    }

    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        self.pool().write(&statements).await
    }

    async fn open(&self) -> Result<MySqlTx, Failed> {
        Ok(MySqlTx::new(self.pool().open().await?))
    }
}
