//! The contract on SQLite.
//!
//! One thread owns the only connection that writes and groups whatever waits into one transaction;
//! a few more threads read. Callers await their answers and need no runtime of any kind. The
//! statements are those of [`signoff_store::sql`].

mod connection;
mod driver;
mod error;
mod host;
mod loan;
mod options;
mod owner;
mod readers;
mod schema;
mod statement;
mod store;
mod transaction;
mod writer;

pub use self::{
    host::{HostSqlite, sqlite},
    options::{SqliteOptions, Synchronous},
    store::SqliteStore,
    transaction::SqliteTx,
};
