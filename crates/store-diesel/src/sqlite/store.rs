//! The store.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use signoff_store::Result;

use super::{connection::Opener, options::SqliteOptions, readers::Readers, writer::Writer};

/// The contract on one SQLite file.
///
/// A clone is another handle of the same store. One thread writes and groups concurrent commits into
/// one wait for the disk; a few threads read; all end with the last handle. Its futures need no
/// runtime of any kind.
///
/// A transaction of [`begin`](signoff_store::Instances::begin) borrows the writer: whatever else
/// writes waits until it is finished or dropped, so it must be short, and may not itself wait for
/// another write of the same store. What is read and written in it is done on the caller's thread.
///
/// Any number of stores, in one process or several on one machine, may use one file, those of
/// `signoff-store-sqlx` among them.
///
/// # Example
/// ```
/// use signoff_store_diesel::SqliteStore;
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
    readers: Readers,
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
        let opener = Opener {
            path: path.clone(),
            options,
        };
        let writer = Writer::open(opener.clone()).await?;
        let readers = Readers::begin(&opener)?;
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

    /// Closes every connection after what waits is done. Calls on other handles fail then with
    /// `Unavailable`.
    pub async fn close(self) {
        self.inner.readers.close().await;
        // The last connection to close folds the log into the file.
        self.inner.writer.close().await;
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(super) fn readers(&self) -> &Readers {
        &self.inner.readers
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}
