//! A transaction of the engine's own.

use std::any::Any;

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use signoff_store::{
    Capabilities, PostgresProfile,
    sql::{Bound, Connection, Dialect, Failed, Row, Transaction, Written},
};

use crate::pool::Loan;

/// A transaction on a connection of the pool.
#[derive(Debug)]
pub struct PostgresTx {
    loan: Loan<AsyncPgConnection>,
    profile: PostgresProfile,
    /// What `driver` gives if the transaction is over.
    nothing: (),
}

impl PostgresTx {
    pub(super) const fn new(loan: Loan<AsyncPgConnection>, profile: PostgresProfile) -> Self {
        Self {
            loan,
            profile,
            nothing: (),
        }
    }
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
        self.loan.read(bound).await
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        self.loan.write(bound).await
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        self.loan.batch(sql).await
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        match self.loan.connection() {
            Ok(connection) => connection,
            Err(_) => &mut self.nothing,
        }
    }
}

#[async_trait]
impl Transaction for PostgresTx {
    async fn finish(mut self: Box<Self>) -> Result<(), Failed> {
        self.loan.commit().await
    }
}
