//! The store.

use std::{fmt, sync::Arc};

use signoff_store::{Error, PostgresProfile, Result, sql::GroupCommit};
use sqlx::{
    PgPool, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    bell::Bell,
    group_commit,
    options::PostgresOptions,
    schema::{PostgresSchema, parse},
};
use crate::connections::Connections;

/// The contract on a PostgreSQL database.
///
/// A clone is another handle of the same store. Any number of stores, in one process or many, may use
/// one database; writers of different instances do not wait for each other.
///
/// # Example
/// ```no_run
/// use signoff_store_sqlx::PostgresStore;
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::open("postgres://app:secret@localhost/app").await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// The database without a password, to be named in errors.
    place: String,
    connections: Connections<Postgres>,
    group_commit: GroupCommit,
    /// The connections of the group commit.
    committing: Arc<Connections<Postgres>>,
    bell: Bell,
    profile: PostgresProfile,
}

impl PostgresStore {
    /// Opens the database and brings it up to the schema, with the default options.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, PostgresOptions::default()).await
    }

    /// Opens the database at `postgres://user:password@host:port/database`, with what
    /// [`PgConnectOptions`] knows behind a `?`.
    ///
    /// # Errors
    /// `Other` when the address or the password is wrong, `Unavailable` when the server cannot be
    /// reached, `Schema` when its tables are not those that this program knows.
    pub async fn open_with(url: &str, options: PostgresOptions) -> Result<Self> {
        let (connect, place) = parse(url, &options)?;
        prepare(&connect, &place, &options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(connect.clone());
        let (group_commit, committing) = group_commit::open(&connect, &options);
        Ok(Self {
            inner: Arc::new(Inner {
                place,
                // Whoever uses the pool by itself finds the other half.
                connections: Connections::new(pool, options.max_connections / 2),
                group_commit,
                committing,
                bell: Bell::new(connect),
                profile: options.profile,
            }),
        })
    }

    /// The connections. The store keeps up to half of them for its own statements, so it is
    /// [closed](Self::close) itself, and not its pool.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        self.inner.connections.pool()
    }

    pub(super) fn connections(&self) -> &Connections<Postgres> {
        &self.inner.connections
    }

    pub(super) fn group_commit(&self) -> &GroupCommit {
        &self.inner.group_commit
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.inner.bell
    }

    /// What the database is taken to be able to do.
    #[must_use]
    pub fn profile(&self) -> PostgresProfile {
        self.inner.profile
    }

    /// Closes every connection once it is given back. Other handles can do no more.
    pub async fn close(self) {
        self.inner.bell.close().await;
        self.inner.committing.close().await;
        self.inner.connections.close().await;
    }
}

/// Opens a connection once, so that what is wrong is told at once.
async fn prepare(connect: &PgConnectOptions, place: &str, options: &PostgresOptions) -> Result<()> {
    let mut connection = PostgresSchema::open_with(connect, place, options).await?;
    let schema = options.profile.schema();
    let done = schema.open(&mut connection, options.schema).await;
    // It has done all that it should; how it closes changes nothing.
    let _ = connection.close().await;
    done.map_err(|error| {
        let message = format!("cannot open the database `{place}`: {error}");
        Error::new(error.kind(), message).caused_by(error)
    })
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("place", &self.inner.place)
            .field("profile", &self.inner.profile)
            .finish_non_exhaustive()
    }
}
