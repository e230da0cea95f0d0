//! A statement with its arguments.

use sqlx::{
    Arguments, Encode, Executor, Sqlite, Type,
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

/// A statement with its arguments; cheap to clone, so it can be run again.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    sql: &'static str,
    args: SqliteArguments,
}

impl Statement {
    pub(super) fn new(sql: &'static str) -> Self {
        Self {
            sql,
            args: SqliteArguments::default(),
        }
    }

    /// The same with the next argument.
    pub(super) fn bind<'a>(mut self, value: impl Encode<'a, Sqlite> + Type<Sqlite>) -> Self {
        self.args
            .add(value)
            .expect("texts, blobs and integers always have a form");
        self
    }

    /// The same with an id as the next argument.
    pub(super) fn bind_id(self, id: Uuid) -> Self {
        self.bind(id.into_bytes().to_vec())
    }

    /// Runs it; how many rows it changed.
    pub(super) async fn run<'c>(
        self,
        connection: impl Executor<'c, Database = Sqlite>,
    ) -> sqlx::Result<u64> {
        let done = sqlx::query_with(self.sql, self.args)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }

    /// All its rows.
    pub(super) async fn rows<'c>(
        self,
        connection: impl Executor<'c, Database = Sqlite>,
    ) -> sqlx::Result<Vec<SqliteRow>> {
        sqlx::query_with(self.sql, self.args)
            .fetch_all(connection)
            .await
    }

    /// Its only row, if any.
    pub(super) async fn row<'c>(
        self,
        connection: impl Executor<'c, Database = Sqlite>,
    ) -> sqlx::Result<Option<SqliteRow>> {
        // All rows are asked for, so a statement that changes something is always carried out whole.
        Ok(self.rows(connection).await?.pop())
    }
}
