//! Applying the schema on a connection.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use diesel::{SqliteConnection, connection::SimpleConnection};
use signoff_store::{
    Error, ErrorKind, Result,
    schema::{Applied, SQLITE, SchemaConnection},
    sql::Cells,
};

use super::{
    connection::Opener,
    error::{Failed, cannot},
    options::SchemaOnOpen,
    statement::Statement,
};

/// Opens the connection that writes and brings the file up to the schema, or checks it.
pub(super) fn prepare(opener: &Opener) -> Result<SqliteConnection> {
    let name = opener.path.display();
    let mut connection = opener
        .to_write()
        .map_err(cannot(&format!("open the database `{name}`")))?;
    let mut for_schema = ForSchema(&mut connection);
    let done = match opener.options.schema {
        SchemaOnOpen::Apply => now(SQLITE.apply(&mut for_schema)),
        SchemaOnOpen::Check => now(SQLITE.check(&mut for_schema)),
    };
    done.map_err(|error| {
        let message = format!("cannot open the database `{name}`: {error}");
        Error::new(error.kind(), message).caused_by(error)
    })?;
    Ok(connection)
}

/// A connection as the runner of the schema wants it.
struct ForSchema<'c>(&'c mut SqliteConnection);

#[async_trait]
impl SchemaConnection for ForSchema<'_> {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        let done = self.0.batch_execute(sql).map_err(Failed::from);
        done.map_err(cannot("apply the schema"))
    }

    async fn applied(&mut self) -> Result<Vec<Applied>> {
        const EXISTS: &str =
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'signoff_schema_version'";
        const APPLIED: &str =
            "SELECT version, name, checksum FROM signoff_schema_version ORDER BY version";
        let mut read = |sql| {
            let rows = Statement::new(sql).rows(self.0);
            rows.map_err(cannot("read the schema version"))
        };
        if read(EXISTS)?.is_empty() {
            return Ok(Vec::new());
        }
        let rows = read(APPLIED)?.into_iter();
        rows.map(|mut row| {
            Ok(Applied {
                version: row.number()?,
                name: row.text()?,
                checksum: row.text()?,
            })
        })
        .collect()
    }
}

/// Runs a future that never waits, because its connection never does.
fn now<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => Err(Error::new(ErrorKind::Other, "the schema waits for nothing")),
    }
}
