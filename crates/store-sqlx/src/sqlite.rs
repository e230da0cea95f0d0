//! The contract on SQLite.
//!
//! One writer owns the only connection that writes and groups whatever waits into one transaction;
//! readers have a small pool. The statements are those of [`signoff_store::sql::sqlite`].

mod bindings;
mod columns;
mod commit;
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
mod queries;
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
