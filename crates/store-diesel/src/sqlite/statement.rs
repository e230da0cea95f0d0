//! Running statements.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    deserialize::{self, FromSql, QueryableByName},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    row::{Field as _, NamedRow},
    sql_types::{BigInt, Binary, Nullable, Text, Untyped},
    sqlite::{Sqlite, SqliteType},
};
use signoff_store::sql::{Arg, Bound, Cell, Dialect, Failed, Row, Written};

use super::error::failed;

/// All rows of a statement that reads.
pub(super) fn read(connection: &mut SqliteConnection, bound: &Bound) -> Result<Vec<Row>, Failed> {
    let rows: QueryResult<Vec<Found>> = Statement(bound).load(connection);
    let rows = rows.map_err(failed)?;
    Ok(rows.into_iter().map(|Found(row)| row).collect())
}

/// Runs a statement that writes.
pub(super) fn write(connection: &mut SqliteConnection, bound: &Bound) -> Result<Written, Failed> {
    let written = if bound.returns() {
        let rows = read(connection, bound)?;
        let changed = rows.len();
        (changed, rows)
    } else {
        let changed = Statement(bound).execute(connection).map_err(failed)?;
        (changed, Vec::new())
    };
    let (changed, rows) = written;
    let changed = u64::try_from(changed).unwrap_or(u64::MAX);
    Written { changed, rows }.checked(bound)
}

/// Runs statements without parameters.
pub(super) fn batch(connection: &mut SqliteConnection, sql: &str) -> Result<(), Failed> {
    connection.batch_execute(sql).map_err(failed)
}

/// Each connection prepares a text once: diesel's cache knows a query without a static id by its
/// text.
#[derive(Debug)]
struct Statement<'a>(&'a Bound);

impl QueryFragment<Sqlite> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.0.text(Dialect::Sqlite));
        // Diesel writes a `?` for each argument; the text has numbered ones already, so these go
        // into a comment.
        out.push_sql("\n-- ");
        for arg in self.0.args(Dialect::Sqlite) {
            match arg {
                Arg::Bytes(Some(bytes)) => out.push_bind_param::<Binary, [u8]>(bytes.as_slice())?,
                Arg::Id(Some(id)) => {
                    out.push_bind_param::<Binary, [u8]>(id.as_bytes().as_slice())?;
                }
                Arg::Integer(Some(number)) => out.push_bind_param::<BigInt, i64>(number)?,
                Arg::Text(Some(text)) => out.push_bind_param::<Text, str>(text)?,
                Arg::Bytes(None) | Arg::Id(None) | Arg::Integer(None) | Arg::Text(None) => {
                    out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&None)?;
                }
            }
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}

/// A row, whatever its columns are.
struct Found(Row);

impl QueryableByName<Sqlite> for Found {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let field = diesel::row::Row::get(row, index);
            let value = field.as_ref().and_then(|field| field.value());
            cells.push(match value {
                None => Cell::Null,
                Some(value) => match value.value_type() {
                    None => Cell::Null,
                    Some(SqliteType::Binary) => {
                        Cell::Bytes(FromSql::<Binary, Sqlite>::from_sql(value)?)
                    }
                    Some(SqliteType::Text) => Cell::Text(FromSql::<Text, Sqlite>::from_sql(value)?),
                    Some(_) => Cell::Integer(FromSql::<BigInt, Sqlite>::from_sql(value)?),
                },
            });
        }
        Ok(Self(Row::new(cells)))
    }
}
