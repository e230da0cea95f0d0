//! A connection to apply the schema on.

use std::path::Path;

use async_trait::async_trait;
use signoff_store::{
    Result,
    schema::SchemaConnection,
    sql::{Bound, Cause, Failed, Row, cannot},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Sqlite, SqliteConnection};
use tokio::time::{Duration, Instant, sleep};

use super::options::SqliteOptions;
use crate::{
    SchemaOnOpen,
    statement::{self, failed},
};

/// A connection that [`schema::SQLITE`](signoff_store::schema::SQLITE) is applied or checked on,
/// without a store.
#[derive(Debug)]
pub struct SqliteSchema(SqliteConnection);

impl SqliteSchema {
    /// Opens a file; with [`SchemaOnOpen::Apply`] it is made where there is none.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be opened, `Corrupt` when it is no database.
    pub async fn open(path: impl AsRef<Path>, schema: SchemaOnOpen) -> Result<Self> {
        let options = SqliteOptions {
            schema,
            ..SqliteOptions::default()
        };
        Self::open_with(path.as_ref(), &options).await
    }

    /// Closes the connection; the last one to close folds the log into the file.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn close(self) -> Result<()> {
        let closed = self.0.close().await.map_err(failed::<Sqlite>);
        closed.map_err(cannot("close the database"))
    }

    pub(super) async fn open_with(path: &Path, options: &SqliteOptions) -> Result<Self> {
        let opened = first(path, options).await;
        let what = format!("open the database `{}`", path.display());
        Ok(Self(opened.map_err(cannot(&what))?))
    }
}

/// Opens a connection to write. Of several that make a fresh file WAL at once, SQLite fails all but
/// one as busy without waiting, so the waiting is done here.
async fn first(
    path: &Path,
    options: &SqliteOptions,
) -> std::result::Result<SqliteConnection, Failed> {
    const PAUSE: Duration = Duration::from_millis(10);
    let until = Instant::now() + options.busy_timeout;
    loop {
        let opened = options
            .to_write(path)
            .connect()
            .await
            .map_err(failed::<Sqlite>);
        match opened {
            Err(failed) if failed.cause() == Cause::Busy && Instant::now() < until => {
                sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

#[async_trait]
impl SchemaConnection for SqliteSchema {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        // The text is that of the migrations, nobody's input.
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0);
        done.await
            .map_err(failed::<Sqlite>)
            .map_err(cannot("apply the schema"))?;
        Ok(())
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        let rows = statement::read(&mut self.0, bound).await;
        rows.map_err(cannot("read the schema version"))
    }
}
