//! Applying the schema on a connection.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use diesel::SqliteConnection;
use signoff_store::{
    Error, ErrorKind, Result,
    schema::{SQLITE, SchemaConnection},
    sql::{Bound, Row, cannot},
};

use super::{connection::Opener, statement};

/// Opens the connection that writes and brings the file up to the schema, or checks it.
pub(super) fn prepare(opener: &Opener) -> Result<SqliteConnection> {
    let name = opener.path.display();
    let mut connection = opener
        .to_write()
        .map_err(cannot(&format!("open the database `{name}`")))?;
    let mut for_schema = ForSchema(&mut connection);
    let done = now(SQLITE.open(&mut for_schema, opener.options.schema));
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
        statement::batch(self.0, sql).map_err(cannot("apply the schema"))
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        statement::read(self.0, bound).map_err(cannot("read the schema version"))
    }
}

/// Runs a future that never waits, because its connection never does.
fn now<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => Err(Error::new(ErrorKind::Other, "the schema waits for nothing")),
    }
}
