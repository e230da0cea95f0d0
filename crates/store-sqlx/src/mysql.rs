//! The contract on MySQL and MariaDB.
//!
//! A commit is a transaction of a few statements; a deadlock, which the database ends by undoing one of
//! those who stand in each other's way, is tried again. The statements are those of
//! [`signoff_store::sql`].

mod driver;
mod host;
mod options;
mod schema;
mod session;
mod statement;
mod store;
mod transaction;

pub use self::{
    host::{HostMySql, mysql},
    options::MySqlOptions,
    schema::MySqlSchema,
    store::MySqlStore,
    transaction::MySqlTx,
};
