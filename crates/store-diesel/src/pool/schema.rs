//! Applying the schema on a connection of its own.

use async_trait::async_trait;
use signoff_store::{
    Error, Result,
    schema::{Schema, SchemaConnection},
    sql::{Bound, Cause, Row, cannot},
};

use super::{Link, shown};
use crate::SchemaOnOpen;

/// What is done to a database before it is used.
#[derive(Debug)]
pub(crate) struct Preparation<'a> {
    pub(crate) url: &'a str,
    /// What is run before everything else; what is there already does not matter.
    pub(crate) first: Vec<String>,
    pub(crate) schema: &'a Schema,
    pub(crate) on_open: SchemaOnOpen,
}

/// Brings a database up to the schema, or checks it.
pub(crate) async fn prepare<C: Link>(preparation: Preparation<'_>) -> Result<()> {
    let Preparation {
        url,
        first,
        schema,
        on_open,
    } = preparation;
    let name = shown(url);
    let what = format!("open the database `{name}`");
    let mut connection = C::connect(url).await.map_err(cannot(&what))?;
    for sql in first {
        match connection.batch(&sql).await {
            Err(failed) if failed.cause() != Cause::Conflict => {
                return Err(failed.into_error(&what));
            }
            _ => {}
        }
    }
    let mut connection = ForSchema(connection);
    let done = schema.open(&mut connection, on_open).await;
    done.map_err(|error| {
        let message = format!("cannot open the database `{name}`: {error}");
        Error::new(error.kind(), message).caused_by(error)
    })
}

/// A connection as the runner of the schema wants it.
struct ForSchema<C>(C);

#[async_trait]
impl<C: Link> SchemaConnection for ForSchema<C> {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        self.0.batch(sql).await.map_err(cannot("apply the schema"))
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        let rows = self.0.read(bound).await;
        rows.map_err(cannot("read the schema version"))
    }
}
