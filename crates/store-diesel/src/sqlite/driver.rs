//! The store as a driver of its database.

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{AskedBy, Bound, Dialect, Driver, Failed, Row, Written},
};

use super::{SqliteStore, transaction::SqliteTx};

#[async_trait]
impl Driver for SqliteStore {
    type Transaction = SqliteTx;

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::SQLITE
    }

    async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed> {
        self.readers().read(bound).await
    }

    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        self.writer().write(AskedBy::Person, statements).await
    }

    async fn open(&self) -> Result<SqliteTx, Failed> {
        Ok(SqliteTx::new(self.writer().begin(AskedBy::Person).await?))
    }

    async fn write_for_job(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        self.writer().write(AskedBy::Job, statements).await
    }

    async fn open_for_job(&self) -> Result<SqliteTx, Failed> {
        Ok(SqliteTx::new(self.writer().begin(AskedBy::Job).await?))
    }
}
