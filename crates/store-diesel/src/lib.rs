//! Signoff's storage contract on [diesel](https://docs.rs/diesel).
//!
//! On SQLite, [`SqliteStore`] keeps everything in one file, and [`sqlite`] lets the engine take part
//! in a transaction that the host holds on a connection of its own. Tables and files are those of
//! `signoff-store-sqlx`: either store opens what the other wrote, and both may use one file at once.
//!
//! # Features
//! - `sqlite` (default): SQLite through diesel's synchronous connection, bundled.

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use self::sqlite::{
    HostSqlite, SchemaOnOpen, SqliteOptions, SqliteStore, SqliteTx, Synchronous, sqlite,
};
