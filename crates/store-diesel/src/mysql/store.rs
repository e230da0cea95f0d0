//! The store.

use std::fmt;

use diesel_async::AsyncMysqlConnection;
use signoff_store::{Result, schema::MYSQL, sql::cannot};

use super::options::MySqlOptions;
use crate::pool::{Pool, Preparation, prepare, shown};

/// The contract on one database of MySQL 8.0 or MariaDB 10.6, or newer.
///
/// A clone is another handle of the same store. Any number of stores, in one process or in many, may
/// use one database, those of `signoff-store-sqlx` among them. It needs a tokio runtime.
///
/// # Example
/// ```no_run
/// use signoff_store_diesel::MySqlStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MySqlStore::open("mysql://signoff@localhost/signoff").await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MySqlStore {
    url: String,
    pool: Pool<AsyncMysqlConnection>,
}

impl MySqlStore {
    /// Opens a database by its URL and brings it up to the schema, with the default options.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, MySqlOptions::default()).await
    }

    /// Opens the database at `mysql://user:password@host:port/database`. Connections are not encrypted,
    /// and a URL that demands it (`ssl-mode=REQUIRED`, `require_ssl=true`) is refused: over a network that
    /// is not trusted, use the store on sqlx.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached, `Schema` when its tables are not those that
    /// this program knows, `Other` when the URL is none or the database refuses it.
    pub async fn open_with(url: &str, options: MySqlOptions) -> Result<Self> {
        let pool = Pool::new(
            url,
            options.session(),
            options.connections,
            options.acquire_timeout,
        );
        let pool = pool.map_err(cannot("open the database"))?;
        let preparation = Preparation {
            url,
            first: vec![options.session()],
            schema: &MYSQL,
            on_open: options.schema,
        };
        prepare::<AsyncMysqlConnection>(preparation).await?;
        Ok(Self {
            url: url.to_owned(),
            pool,
        })
    }

    /// Closes every connection that is not in use, and the others as they come back. Calls on other
    /// handles fail then with `Unavailable`.
    #[expect(clippy::unused_async, reason = "the stores are used alike")]
    pub async fn close(self) {
        self.pool.close();
    }

    pub(super) const fn pool(&self) -> &Pool<AsyncMysqlConnection> {
        &self.pool
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore")
            .field("url", &shown(&self.url))
            .finish_non_exhaustive()
    }
}
