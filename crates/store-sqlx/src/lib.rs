//! Signoff's storage contract on [sqlx](https://docs.rs/sqlx).
//!
//! On SQLite, [`SqliteStore`] keeps everything in one file, and [`sqlite`] lets the engine take part
//! in a transaction that the host holds on a connection of its own.
//!
//! # Features
//! - `sqlite` (default): SQLite, bundled.

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use self::sqlite::{
    HostSqlite, SchemaOnOpen, SqliteOptions, SqliteSchema, SqliteStore, SqliteTx, Synchronous,
    sqlite,
};
