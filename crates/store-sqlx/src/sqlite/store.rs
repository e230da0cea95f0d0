//! The store.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use signoff_store::{Error, Result, schema};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

use super::{options::SqliteOptions, schema::SqliteSchema, writer::Writer};

/// How long a read waits for one of the connections.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// The contract on one SQLite file.
///
/// A clone is another handle of the same store. One task writes, begun by the first call that
/// writes and ended with the last handle; it groups concurrent commits into one wait for the disk.
/// A transaction of [`begin`](signoff_store::Instances::begin) borrows the writer: whatever else
/// writes waits until it is finished or dropped, so it must be short, and may not itself wait for
/// another write of the same store.
///
/// Any number of stores, in one process or several on one machine, may use one file.
///
/// # Example
/// ```
/// use signoff_store_sqlx::SqliteStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = SqliteStore::open(folder.path().join("signoff.db")).await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens or creates the file and brings it up to the schema, with the default options.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, SqliteOptions::default()).await
    }

    /// Opens the file. A database in memory is not supported: each connection would see its own.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be opened, `Corrupt` when it is no database, `Schema` when
    /// its tables are not those that this program knows.
    pub async fn open_with(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self> {
        let path = path.as_ref().to_owned();
        prepare(&path, &options).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.to_read(&path));
        let writer = Writer::new(path.clone(), options.to_write(&path));
        Ok(Self {
            inner: Arc::new(Inner {
                path,
                writer,
                readers,
            }),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Closes every connection after what waits is written. Other handles can read no more.
    pub async fn close(self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(super) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }
}

/// Opens the file once, so that what is wrong with it is told at once.
async fn prepare(path: &Path, options: &SqliteOptions) -> Result<()> {
    let mut connection = SqliteSchema::open_with(path, options).await?;
    let done = schema::SQLITE.open(&mut connection, options.schema).await;
    connection.close().await?;
    done.map_err(|error| {
        let message = format!("cannot open the database `{}`: {error}", path.display());
        Error::new(error.kind(), message).caused_by(error)
    })
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}
