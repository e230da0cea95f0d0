//! The contract on SQLite.
//!
//! One thread owns the only connection that writes and groups whatever waits into one transaction;
//! a few more threads read. Callers await their answers and need no runtime of any kind. The
//! statements are those of [`signoff_store::sql::sqlite`].

mod bindings;
mod commit;
mod connection;
mod definitions;
mod drafts;
mod error;
mod files;
mod host;
mod instances;
mod jobs;
mod load;
mod loan;
mod messages;
mod options;
mod owner;
mod queries;
mod readers;
mod row;
mod schedules;
mod schema;
mod statement;
mod store;
mod transaction;
mod writer;

pub use self::{
    host::{HostSqlite, sqlite},
    options::{SchemaOnOpen, SqliteOptions, Synchronous},
    store::SqliteStore,
};
