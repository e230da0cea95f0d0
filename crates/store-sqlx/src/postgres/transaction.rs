//! A transaction of the engine's own.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities, PostgresProfile,
    sql::{Bound, Connection, Dialect, Failed, Row, Transaction, Written},
};
use sqlx::Postgres;

use crate::statement::{self, failed};

/// A transaction on one of the store's connections. Dropping it rolls back.
#[derive(Debug)]
pub struct PostgresTx {
    pub(super) transaction: sqlx::Transaction<'static, Postgres>,
    pub(super) profile: PostgresProfile,
}

#[async_trait]
impl Connection for PostgresTx {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        self.profile.capabilities()
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        statement::read(&mut *self.transaction, bound).await
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        statement::write(&mut *self.transaction, bound).await
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        statement::batch(&mut *self.transaction, sql).await
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        &mut *self.transaction
    }
}

#[async_trait]
impl Transaction for PostgresTx {
    async fn finish(self: Box<Self>) -> Result<(), Failed> {
        self.transaction.commit().await.map_err(failed::<Postgres>)
    }
}
