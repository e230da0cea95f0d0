//! Applying the schema on a connection.

use async_trait::async_trait;
use signoff_store::{
    Result,
    schema::SchemaConnection,
    sql::{Bound, Row, cannot},
};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{error::failed, statement};

/// A connection as the runner of the schema wants it.
#[derive(Debug)]
pub(super) struct ForSchema<'c>(pub(super) &'c mut SqliteConnection);

#[async_trait]
impl SchemaConnection for ForSchema<'_> {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        // The text is that of the migrations, nobody's input.
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *self.0);
        done.await
            .map_err(failed)
            .map_err(cannot("apply the schema"))?;
        Ok(())
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        let rows = statement::read(&mut *self.0, bound).await;
        rows.map_err(cannot("read the schema version"))
    }
}
