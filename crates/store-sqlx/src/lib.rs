//! Signoff's storage contract on [sqlx](https://docs.rs/sqlx).
//!
//! On SQLite, [`SqliteStore`] keeps everything in one file, and [`sqlite`] lets the engine take part
//! in a transaction that the host holds on a connection of its own. With their features,
//! `PostgresStore` and `postgres` do the same on PostgreSQL, `MySqlStore` and `mysql` on MySQL and
//! MariaDB.
//!
//! # Features
//! - `sqlite` (default): SQLite, bundled.
//! - `postgres`: PostgreSQL and what is compatible with it.
//! - `mysql`: MySQL and MariaDB.

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod connections;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod statement;

#[cfg(feature = "mysql")]
pub use self::mysql::{HostMySql, MySqlOptions, MySqlSchema, MySqlStore, MySqlTx, mysql};
#[cfg(feature = "postgres")]
pub use self::postgres::{
    HostPostgres, PostgresOptions, PostgresSchema, PostgresStore, PostgresTx, postgres,
};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{
    HostSqlite, SqliteOptions, SqliteSchema, SqliteStore, SqliteTx, Synchronous, sqlite,
};
#[cfg(feature = "postgres")]
pub use signoff_store::PostgresProfile;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use signoff_store::schema::SchemaOnOpen;
