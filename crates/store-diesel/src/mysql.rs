//! The contract on MySQL and MariaDB.
//!
//! The statements are those of [`signoff_store::sql`]; each connection prepares a text once.

mod driver;
mod error;
mod host;
mod link;
mod options;
mod statement;
mod store;
mod transaction;

pub use self::{
    host::{HostMySql, mysql},
    options::MySqlOptions,
    store::MySqlStore,
    transaction::MySqlTx,
};
