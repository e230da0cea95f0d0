//! A statement with its arguments.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Nullable, Text, Untyped},
    sqlite::Sqlite,
};
use signoff_store::sql::{Arg, Bound};

use super::{error::Failed, row::Row};

/// A statement with its arguments, which can be run any number of times.
///
/// Each connection prepares a text once: diesel's cache knows a query without a static id by its
/// text.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    bound: Bound,
    gives: Gives,
}

/// What is of interest when a statement writes.
#[derive(Clone, Copy, Debug)]
enum Gives {
    Count,
    Rows,
}

/// What a statement that writes gave.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// How many rows it changed; 0 when it returns them.
    pub(super) changed: usize,
    /// The rows that it returns.
    pub(super) rows: Vec<Row>,
}

impl Statement {
    pub(super) const fn new(sql: &'static str) -> Self {
        Self {
            bound: Bound::new(sql),
            gives: Gives::Count,
        }
    }

    /// The same with the next argument.
    pub(super) fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.bound.args.push(value.into());
        self
    }

    /// The same, when it writes and returns rows.
    pub(super) const fn returning(mut self) -> Self {
        self.gives = Gives::Rows;
        self
    }

    /// Runs it to write.
    pub(super) fn write(&self, connection: &mut SqliteConnection) -> Result<Written, Failed> {
        Ok(match self.gives {
            Gives::Count => Written {
                changed: self.execute(connection)?,
                rows: Vec::new(),
            },
            Gives::Rows => Written {
                changed: 0,
                rows: self.rows(connection)?,
            },
        })
    }

    /// All its rows.
    pub(super) fn rows(&self, connection: &mut SqliteConnection) -> Result<Vec<Row>, Failed> {
        Ok(self.load(connection)?)
    }
}

impl QueryFragment<Sqlite> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.bound.sql);
        // Diesel writes a `?` for each argument; the text has numbered ones already, so these go
        // into a comment.
        out.push_sql("\n-- ");
        for arg in &self.bound.args {
            match arg {
                Arg::Blob(id) => out.push_bind_param::<Binary, [u8]>(id.as_bytes().as_slice())?,
                Arg::Bytes(bytes) => out.push_bind_param::<Binary, [u8]>(bytes.as_slice())?,
                Arg::Integer(number) => out.push_bind_param::<BigInt, i64>(number)?,
                Arg::Null => out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&None)?,
                Arg::Text(text) => out.push_bind_param::<Text, str>(text)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for &Statement {}

impl From<Bound> for Statement {
    fn from(bound: Bound) -> Self {
        Self {
            bound,
            gives: Gives::Count,
        }
    }
}
