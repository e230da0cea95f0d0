//! A driver whose statements fail.

use std::any::Any;

use async_trait::async_trait;

use super::{Fault, Faults};
use crate::{
    contract::Capabilities,
    error::Error,
    sql::{Bound, Cause, Connection, Dialect, Driver, Failed, Row, Sql, Transaction, Written},
};

/// What no database can run: it stands in the place of the statement that fails.
static BROKEN: Sql = Sql::new("DELETE FROM signoff_no_such_table");

/// A driver that hands everything on to another one, and fails when it is told to: each statement is
/// one, beginning and finishing a transaction too. So it is a store that fails at any statement.
#[derive(Clone, Debug)]
pub struct FaultyDriver<D> {
    inner: D,
    faults: Faults,
}

/// A transaction of it.
#[derive(Debug)]
pub struct FaultyConnection<C> {
    inner: C,
    faults: Faults,
}

impl<D> FaultyDriver<D> {
    /// A driver that fails as `faults` say.
    #[must_use]
    pub fn new(inner: D, faults: &Faults) -> Self {
        let faults = faults.clone();
        Self { inner, faults }
    }
}

const fn lost() -> Failed {
    Failed::new(Cause::Unavailable)
}

#[async_trait]
impl<D: Driver> Driver for FaultyDriver<D> {
    type Transaction = FaultyConnection<D::Transaction>;

    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn capabilities(&self) -> Capabilities {
        Driver::capabilities(&self.inner)
    }

    async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed> {
        match self.faults.next() {
            None => self.inner.read(bound).await,
            Some(_) => Err(lost()),
        }
    }

    async fn write(&self, mut statements: Vec<Bound>) -> Result<Written, Failed> {
        for at in 0..statements.len() {
            match self.faults.next() {
                None => {}
                Some(Fault::After) => {
                    return self.inner.write(statements).await.and(Err(lost()));
                }
                Some(Fault::Before) => {
                    // Those before it have done their work by then.
                    statements.truncate(at);
                    statements.push(Bound::new(&BROKEN));
                    return self.inner.write(statements).await.and(Err(lost()));
                }
                Some(Fault::Down) => return Err(lost()),
            }
        }
        self.inner.write(statements).await
    }

    async fn open(&self) -> Result<Self::Transaction, Failed> {
        match self.faults.next() {
            None => Ok(FaultyConnection {
                inner: self.inner.open().await?,
                faults: self.faults.clone(),
            }),
            Some(_) => Err(lost()),
        }
    }

    fn announce(&self) {
        self.inner.announce();
    }

    async fn announced(&self) {
        self.inner.announced().await;
    }
}

#[async_trait]
impl<C: Connection> Connection for FaultyConnection<C> {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        match self.faults.next() {
            None => self.inner.read(bound).await,
            Some(_) => Err(lost()),
        }
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        match self.faults.next() {
            None => self.inner.write(bound).await,
            Some(Fault::After) => self.inner.write(bound).await.and(Err(lost())),
            Some(Fault::Before) => {
                // The database sees an error inside the transaction.
                let refused = self.inner.write(&Bound::new(&BROKEN)).await;
                refused.and(Err(lost()))
            }
            Some(Fault::Down) => Err(lost()),
        }
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        match self.faults.next() {
            None => self.inner.batch(sql).await,
            Some(Fault::After) => self.inner.batch(sql).await.and(Err(lost())),
            Some(Fault::Before | Fault::Down) => Err(lost()),
        }
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        self.inner.driver()
    }

    fn error(&self, what: &str, failed: Failed) -> Error {
        self.inner.error(what, failed)
    }
}

#[async_trait]
impl<T: Transaction> Transaction for FaultyConnection<T> {
    async fn finish(self: Box<Self>) -> Result<(), Failed> {
        let Self { inner, faults } = *self;
        match faults.next() {
            None => Box::new(inner).finish().await,
            Some(Fault::After) => Box::new(inner).finish().await.and(Err(lost())),
            Some(Fault::Before | Fault::Down) => Err(lost()),
        }
    }
}
