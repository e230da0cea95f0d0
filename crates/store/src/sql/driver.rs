//! What a driver does for a SQL store.

use std::{any::Any, fmt::Debug};

use async_trait::async_trait;

use crate::{
    contract::Capabilities,
    error::Error,
    sql::{Bound, Cause, Failed, GroupCommit, Row},
};

/// Whose SQL a database speaks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL and what is compatible with it.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

/// What a statement that writes gave.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// How many rows it changed.
    pub changed: u64,
    /// The rows that it [returns](Bound::returning).
    pub rows: Vec<Row>,
}

impl Written {
    /// Itself, or a conflict when `bound` expected another number of changed rows.
    ///
    /// # Errors
    /// `Conflict`.
    pub fn checked(self, bound: &Bound) -> Result<Self, Failed> {
        match bound.expected() {
            Some(expected) if expected != self.changed => Err(Failed::new(Cause::Conflict)),
            _ => Ok(self),
        }
    }
}

/// A database as one driver reaches it. Whatever is a driver is a [`Store`](crate::Store): the
/// statements, and how their rows are read, are the same for all.
#[async_trait]
pub trait Driver: Debug + Send + Sync {
    /// A transaction of the driver's own.
    type Transaction: Transaction + 'static;

    /// Whose SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// What the database can do.
    fn capabilities(&self) -> Capabilities;

    /// All rows of a statement that reads, outside a transaction.
    async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed>;

    /// Runs statements, all or none of them, durably; what the last one gave. Fails with `Conflict`
    /// when one did not change as many rows as it [must](Bound::expecting).
    async fn write(&self, statements: Vec<Bound>) -> Result<Written, Failed>;

    /// Where commits wait for each other, when the database takes several as one statement.
    fn group_commit(&self) -> Option<&GroupCommit> {
        None
    }

    /// Begins a transaction; where readers and writers do not lock each other out anyway, READ
    /// COMMITTED.
    async fn open(&self) -> Result<Self::Transaction, Failed>;

    /// As [`write`](Self::write), for a job: where one writes at a time, jobs have at most half of the
    /// [turns](crate::sql::WriterQueue) while others wait too.
    async fn write_for_job(&self, statements: Vec<Bound>) -> Result<Written, Failed> {
        self.write(statements).await
    }

    /// As [`open`](Self::open), for a job.
    async fn open_for_job(&self) -> Result<Self::Transaction, Failed> {
        self.open().await
    }

    /// As [`Store::announce`](crate::Store::announce).
    fn announce(&self) {}

    /// As [`Store::announced`](crate::Store::announced).
    async fn announced(&self) {
        std::future::pending().await
    }
}

/// A connection with an open transaction: a driver's own, or one that a host lends. Whatever is a
/// connection is a [`UnitOfWork`](crate::UnitOfWork).
#[async_trait]
pub trait Connection: Send {
    /// Whose SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// What the database can do.
    fn capabilities(&self) -> Capabilities;

    /// All rows of a statement that reads.
    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed>;

    /// Runs a statement that writes; fails with `Conflict` when it did not change as many rows as it
    /// [must](Bound::expecting).
    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed>;

    /// Runs statements without parameters, one or several.
    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed>;

    /// The driver's own connection, by type.
    fn driver(&mut self) -> &mut (dyn Any + Send);

    /// The error of something that failed on this connection.
    fn error(&self, what: &str, failed: Failed) -> Error {
        failed.into_error(what)
    }
}

/// A transaction of a driver's own. Dropping it rolls back.
#[async_trait]
pub trait Transaction: Connection {
    /// Commits.
    async fn finish(self: Box<Self>) -> Result<(), Failed>;
}
