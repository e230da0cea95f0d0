//! The store.

use std::{fmt, sync::Arc};

use signoff_store::{Result, schema};
use sqlx::{MySql, mysql::MySqlConnectOptions};

use super::{
    options::{MySqlOptions, to_connect},
    schema::{MySqlSchema, of_database},
};
use crate::connections::Connections;

/// The contract on one database of a MySQL server from 8.0.21, or a MariaDB server from 10.6.
///
/// A clone is another handle of the same store. Any number of stores, in one process or many on several
/// machines, may use one database.
///
/// Names of persons and roles have at most 255 letters there, tenants and types of subjects 100, ids of
/// subjects 400: what is longer is refused.
///
/// # Example
/// ```no_run
/// use signoff_store_sqlx::MySqlStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MySqlStore::open("mysql://signoff@localhost/signoff").await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MySqlStore {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    connections: Connections<MySql>,
}

impl MySqlStore {
    /// Opens the database and brings it up to the schema, with the default options.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, MySqlOptions::default()).await
    }

    /// Opens the database that `url` names: `mysql://user:password@host:port/database`, with the
    /// parameters that sqlx knows.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached, `Schema` when its tables are not those that this program
    /// knows, `Other` when the URL names no database, the server is too old or refuses.
    pub async fn open_with(url: &str, options: MySqlOptions) -> Result<Self> {
        let connect = to_connect(url)?;
        let prepared = prepare(&connect, &options).await;
        prepared.map_err(|error| of_database(&connect, error))?;
        let name = connect.get_database().unwrap_or_default().to_owned();
        let pool = options.to_pool().connect_lazy_with(connect);
        Ok(Self {
            inner: Arc::new(Inner {
                name,
                connections: Connections::new(pool, options.connections),
            }),
        })
    }

    /// Closes every connection, after those that are in use have been given back. Other handles can do
    /// no more.
    pub async fn close(self) {
        self.inner.connections.close().await;
    }

    pub(super) fn connections(&self) -> &Connections<MySql> {
        &self.inner.connections
    }
}

/// Opens the database once, so that what is wrong with it is told at once.
async fn prepare(connect: &MySqlConnectOptions, options: &MySqlOptions) -> Result<()> {
    let mut connection = MySqlSchema::open_with(connect).await?;
    let done = schema::MYSQL.open(&mut connection, options.schema).await;
    connection.close().await?;
    done
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore")
            .field("name", &self.inner.name)
            .finish_non_exhaustive()
    }
}
