//! A store over any driver: the contract, part by part.

mod actions;
mod bindings;
mod definitions;
mod drafts;
mod files;
mod instances;
mod jobs;
mod messages;
mod queries;
mod requests;
mod schedules;
mod stream;
mod substitutions;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    contract::{Capabilities, Store},
    error::Result,
    sql::{Bound, Dialect, Driver, Row, cannot, statements},
};

#[async_trait]
impl<D: Driver> Store for D {
    fn capabilities(&self) -> Capabilities {
        Driver::capabilities(self)
    }

    async fn now(&self) -> Result<Option<Timestamp>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        let row = self.row("ask for the time", statements::now()).await?;
        row.map_or(Ok(None), |mut row| row.time_or_none())
    }

    fn announce(&self) {
        Driver::announce(self);
    }

    async fn announced(&self) {
        Driver::announced(self).await;
    }
}

/// What the parts of the contract ask of a driver.
#[async_trait]
trait Calls {
    /// All rows of a statement that reads.
    async fn rows(&self, what: &'static str, bound: Bound) -> Result<Vec<Row>>;

    /// Its only row, if any.
    async fn row(&self, what: &'static str, bound: Bound) -> Result<Option<Row>>;

    /// Runs statements, all or none; how many rows the last one changed.
    async fn change(&self, what: &'static str, statements: Vec<Bound>) -> Result<u64>;

    /// The same, for a job.
    async fn change_for_job(&self, what: &'static str, statements: Vec<Bound>) -> Result<u64>;
}

#[async_trait]
impl<D: Driver> Calls for D {
    async fn rows(&self, what: &'static str, bound: Bound) -> Result<Vec<Row>> {
        self.read(bound).await.map_err(cannot(what))
    }

    async fn row(&self, what: &'static str, bound: Bound) -> Result<Option<Row>> {
        Ok(self.rows(what, bound).await?.pop())
    }

    async fn change(&self, what: &'static str, statements: Vec<Bound>) -> Result<u64> {
        let written = self.write(statements).await.map_err(cannot(what))?;
        Ok(written.changed)
    }

    async fn change_for_job(&self, what: &'static str, statements: Vec<Bound>) -> Result<u64> {
        let written = self.write_for_job(statements).await;
        Ok(written.map_err(cannot(what))?.changed)
    }
}
