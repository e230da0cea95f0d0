//! Applying the schema on a connection.

use async_trait::async_trait;
use signoff_store::{
    Result,
    schema::{Applied, SchemaConnection},
    sql::Cells,
};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{columns::Columns, error::cannot, statement::Statement};

/// A connection as the runner of the schema wants it.
#[derive(Debug)]
pub(super) struct ForSchema<'c>(pub(super) &'c mut SqliteConnection);

#[async_trait]
impl SchemaConnection for ForSchema<'_> {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        // The text is that of the migrations, nobody's input.
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut *self.0)
            .await
            .map_err(cannot("apply the schema"))?;
        Ok(())
    }

    async fn applied(&mut self) -> Result<Vec<Applied>> {
        const EXISTS: &str =
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'signoff_schema_version'";
        const APPLIED: &str =
            "SELECT version, name, checksum FROM signoff_schema_version ORDER BY version";
        let failed = cannot("read the schema version");
        let exists = Statement::new(EXISTS)
            .row(&mut *self.0)
            .await
            .map_err(&failed)?;
        if exists.is_none() {
            return Ok(Vec::new());
        }
        let rows = Statement::new(APPLIED)
            .rows(&mut *self.0)
            .await
            .map_err(&failed)?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Applied {
                    version: columns.number()?,
                    name: columns.text()?,
                    checksum: columns.text()?,
                })
            })
            .collect()
    }
}
