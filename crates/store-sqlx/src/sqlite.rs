//! The contract on SQLite.
//!
//! One writer owns the only connection that writes and groups whatever waits into one transaction;
//! readers have a small pool. The statements are those of [`signoff_store::sql`].

mod driver;
mod host;
mod loan;
mod options;
mod schema;
mod statement;
mod store;
mod transaction;
mod writer;

pub use self::{
    host::{HostSqlite, sqlite},
    options::{SqliteOptions, Synchronous},
    schema::SqliteSchema,
    store::SqliteStore,
    transaction::SqliteTx,
};
