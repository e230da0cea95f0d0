//! Running statements.

use signoff_store::sql::{Arg, Bound, Cell, Dialect, Failed, Row, Written};
use sqlx::{
    Arguments, Row as _, SqliteConnection, TypeInfo, ValueRef,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::error::failed;

/// All rows of a statement that reads.
pub(super) async fn read<'c>(
    connection: impl sqlx::Executor<'c, Database = sqlx::Sqlite>,
    bound: &Bound,
) -> Result<Vec<Row>, Failed> {
    let query = sqlx::query_with(bound.text(Dialect::Sqlite), arguments(bound));
    let rows = query.fetch_all(connection).await.map_err(failed)?;
    rows.iter()
        .map(row)
        .collect::<sqlx::Result<_>>()
        .map_err(failed)
}

/// Runs a statement that writes.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    bound: &Bound,
) -> Result<Written, Failed> {
    if bound.returns() {
        let rows = read(connection, bound).await?;
        let changed = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        return Written { changed, rows }.checked(bound);
    }
    let query = sqlx::query_with(bound.text(Dialect::Sqlite), arguments(bound));
    let done = query.execute(connection).await.map_err(failed)?;
    let written = Written {
        changed: done.rows_affected(),
        rows: Vec::new(),
    };
    written.checked(bound)
}

/// Runs statements without parameters.
pub(super) async fn batch(
    connection: &mut SqliteConnection,
    sql: &'static str,
) -> Result<(), Failed> {
    let done = sqlx::raw_sql(sql).execute(connection).await;
    done.map(|_| ()).map_err(failed)
}

fn arguments(bound: &Bound) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for arg in bound.args(Dialect::Sqlite) {
        let added = match arg {
            Arg::Bytes(bytes) => arguments.add(bytes.clone()),
            Arg::Id(id) => arguments.add(id.map(|id| id.into_bytes().to_vec())),
            Arg::Integer(number) => arguments.add(*number),
            Arg::Text(text) => arguments.add(text.clone()),
        };
        added.expect("texts, blobs and integers always have a form");
    }
    arguments
}

fn row(row: &SqliteRow) -> sqlx::Result<Row> {
    let cells = (0..row.len()).map(|index| {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        Ok(match value.type_info().name() {
            "BLOB" => Cell::Bytes(row.try_get_unchecked(index)?),
            "TEXT" => Cell::Text(row.try_get_unchecked(index)?),
            _ => Cell::Integer(row.try_get_unchecked(index)?),
        })
    });
    cells.collect::<sqlx::Result<_>>().map(Row::new)
}
