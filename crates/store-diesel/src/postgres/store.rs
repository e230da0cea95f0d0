//! The store.

use std::{fmt, sync::Arc};

use diesel_async::AsyncPgConnection;
use signoff_store::PostgresProfile;
use signoff_store::{
    Result,
    sql::{GroupCommit, cannot},
};

use super::{bell::Bell, group_commit, options::PostgresOptions};
use crate::pool::{Pool, Preparation, prepare, shown};

/// The contract on one PostgreSQL database.
///
/// A clone is another handle of the same store. Any number of stores, in one process or in many, may
/// use one database, those of `signoff-store-sqlx` among them. It needs a tokio runtime.
///
/// # Example
/// ```no_run
/// use signoff_store_diesel::PostgresStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::open("postgres://signoff@localhost/signoff").await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    url: String,
    pool: Pool<AsyncPgConnection>,
    group_commit: GroupCommit,
    /// The connections of the group commit.
    committing: Pool<AsyncPgConnection>,
    bell: Arc<Bell>,
    profile: PostgresProfile,
}

impl PostgresStore {
    /// Opens a database by its URL and brings it up to the schema, with the default options.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, PostgresOptions::default()).await
    }

    /// Opens the database at `postgres://user:password@host:port/database`, with what
    /// `tokio_postgres` knows behind a `?`. Connections are not encrypted, and a URL that demands it
    /// (`sslmode=require`, `verify-ca`, `verify-full`) is refused: over a network that is not trusted,
    /// use the store on sqlx. `disable`, `allow` and `prefer` go on without.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached, `Schema` when its tables are not those that
    /// this program knows, `Other` when the URL is none or the database refuses it.
    pub async fn open_with(url: &str, options: PostgresOptions) -> Result<Self> {
        let pool = Pool::new(
            url,
            options.session(),
            options.max_connections,
            options.acquire_timeout,
        );
        let pool = pool.map_err(cannot("open the database"))?;
        let group_commit = group_commit::open(url, &options);
        let (group_commit, committing) = group_commit.map_err(cannot("open the database"))?;
        let preparation = Preparation {
            url,
            first: options.first(),
            schema: &options.profile.schema(),
            on_open: options.schema,
        };
        prepare::<AsyncPgConnection>(preparation).await?;
        Ok(Self {
            url: url.to_owned(),
            pool,
            group_commit,
            committing,
            bell: Arc::new(Bell::new(url)),
            profile: options.profile,
        })
    }

    /// Closes every connection that is not in use, and the others as they come back. Calls on other
    /// handles fail then with `Unavailable`.
    #[expect(clippy::unused_async, reason = "the stores are used alike")]
    pub async fn close(self) {
        self.bell.close();
        self.committing.close();
        self.pool.close();
    }

    pub(super) const fn pool(&self) -> &Pool<AsyncPgConnection> {
        &self.pool
    }

    pub(super) const fn group_commit(&self) -> &GroupCommit {
        &self.group_commit
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    pub(super) const fn profile(&self) -> PostgresProfile {
        self.profile
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("url", &shown(&self.url))
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
