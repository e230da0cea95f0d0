//! A statement with its arguments.

use signoff_store::sql::{Arg, Bound};
use sqlx::{
    Arguments, Executor, Sqlite,
    sqlite::{SqliteArguments, SqliteRow},
};

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
    pub(super) fn bind(mut self, value: impl Into<Arg>) -> Self {
        let added = match value.into() {
            Arg::Blob(id) => self.args.add(id.into_bytes().to_vec()),
            Arg::Bytes(bytes) => self.args.add(bytes),
            Arg::Integer(number) => self.args.add(number),
            Arg::Null => self.args.add(None::<i64>),
            Arg::Text(text) => self.args.add(text),
        };
        added.expect("texts, blobs and integers always have a form");
        self
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

impl From<Bound> for Statement {
    fn from(bound: Bound) -> Self {
        bound
            .args
            .into_iter()
            .fold(Self::new(bound.sql), Self::bind)
    }
}
