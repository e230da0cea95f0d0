//! Signoff's storage contract on [diesel](https://docs.rs/diesel).
//!
//! On SQLite, `SqliteStore` keeps everything in one file; on PostgreSQL and MySQL or MariaDB,
//! `PostgresStore` and `MySqlStore` share one database with any number of others. The functions
//! `sqlite`, `postgres`, `pg_sync` and `mysql` let the engine take part in a transaction that the host
//! holds on a connection of its own. Tables are those of `signoff-store-sqlx`: either store opens what
//! the other wrote, and both may use one database at once.
//!
//! # Features
//! - `sqlite` (default): SQLite through diesel's synchronous connection, bundled.
//! - `postgres`: PostgreSQL through diesel-async; no libpq.
//! - `postgres-sync`: a host's transaction on diesel's synchronous connection to PostgreSQL; needs
//!   libpq.
//! - `mysql`: MySQL and MariaDB through diesel-async; no libmysqlclient.

#[cfg(any(feature = "_pool", feature = "postgres-sync"))]
mod error;
#[cfg(any(feature = "_pool", feature = "postgres-sync"))]
mod host;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "_pool")]
mod pool;
#[cfg(any(feature = "postgres", feature = "postgres-sync"))]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "mysql")]
pub use self::mysql::{HostMySql, MySqlOptions, MySqlStore, MySqlTx, mysql};
#[cfg(feature = "postgres-sync")]
pub use self::postgres::{HostPgSync, pg_sync};
#[cfg(feature = "postgres")]
pub use self::postgres::{HostPostgres, PostgresOptions, PostgresStore, PostgresTx, postgres};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{HostSqlite, SqliteOptions, SqliteStore, SqliteTx, Synchronous, sqlite};
#[cfg(any(feature = "postgres", feature = "postgres-sync"))]
pub use signoff_store::PostgresProfile;
#[cfg(any(feature = "_pool", feature = "sqlite"))]
pub use signoff_store::schema::SchemaOnOpen;
