//! The contract on PostgreSQL and what is compatible with it.
//!
//! The statements are those of [`signoff_store::sql`]; each connection prepares a text once.

#[cfg(feature = "postgres")]
mod bell;
#[cfg(feature = "postgres")]
mod driver;
mod error;
#[cfg(feature = "postgres")]
mod group_commit;
#[cfg(feature = "postgres")]
mod host;
#[cfg(feature = "postgres")]
mod link;
#[cfg(feature = "postgres")]
mod options;
mod statement;
#[cfg(feature = "postgres")]
mod store;
#[cfg(feature = "postgres-sync")]
mod sync;
#[cfg(feature = "postgres")]
mod transaction;

#[cfg(feature = "postgres-sync")]
pub use self::sync::{HostPgSync, pg_sync};
#[cfg(feature = "postgres")]
pub use self::{
    host::{HostPostgres, postgres},
    options::PostgresOptions,
    store::PostgresStore,
    transaction::PostgresTx,
};
