//! The contract on PostgreSQL.
//!
//! A pool of connections, each statement prepared once on each of them. The statements are those of
//! [`signoff_store::sql`].

mod bell;
mod driver;
mod group_commit;
mod host;
mod options;
mod schema;
mod statement;
mod store;
mod transaction;

pub use self::{
    host::{HostPostgres, postgres},
    options::PostgresOptions,
    schema::PostgresSchema,
    store::PostgresStore,
    transaction::PostgresTx,
};
