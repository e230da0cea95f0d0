//! A transaction of the engine's own.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Connection, Dialect, Failed, Row, Transaction, Written},
};

use super::{loan::Loan, statement};

/// A transaction on the writer's connection, which nobody else uses meanwhile.
#[derive(Debug)]
pub struct SqliteTx {
    loan: Loan,
    /// What `driver` gives if the connection is gone, which no path leads to.
    nothing: (),
}

impl SqliteTx {
    pub(super) const fn new(loan: Loan) -> Self {
        Self { loan, nothing: () }
    }
}

#[async_trait]
impl Connection for SqliteTx {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::SQLITE
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        statement::read(self.loan.connection()?, bound)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        statement::write(self.loan.connection()?, bound)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        statement::batch(self.loan.connection()?, sql)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        match self.loan.connection() {
            Ok(connection) => connection,
            Err(_) => &mut self.nothing,
        }
    }
}

#[async_trait]
impl Transaction for SqliteTx {
    async fn finish(self: Box<Self>) -> Result<(), Failed> {
        self.loan.finish().await
    }
}
