//! Running statements, whatever database they are for.

use signoff_store::sql::{Arg, Bound, Cause, Cell, Dialect, Failed, Row, Written};
use sqlx::{
    Database, Executor, IntoArguments, Row as _,
    error::{BoxDynError, DatabaseError},
};

/// A database of sqlx as the store sees it.
pub(crate) trait Speaks: Database<Arguments: IntoArguments<Self>> {
    /// Whose SQL it speaks.
    const DIALECT: Dialect;

    /// Adds an argument.
    fn add(arguments: &mut Self::Arguments, arg: &Arg) -> Result<(), BoxDynError>;

    /// A column of a row.
    fn cell(row: &Self::Row, index: usize) -> sqlx::Result<Cell>;

    /// How many rows a statement changed.
    fn changed(done: &Self::QueryResult) -> u64;

    /// Why the database refused something.
    fn cause(error: &dyn DatabaseError) -> Cause;
}

/// All rows of a statement that reads.
pub(crate) async fn read<'c, D: Speaks>(
    connection: impl Executor<'c, Database = D>,
    bound: &Bound,
) -> Result<Vec<Row>, Failed> {
    let query = sqlx::query_with(bound.text(D::DIALECT), arguments::<D>(bound)?);
    let rows = query.fetch_all(connection).await.map_err(failed::<D>)?;
    rows.iter()
        .map(row::<D>)
        .collect::<sqlx::Result<_>>()
        .map_err(failed::<D>)
}

/// Runs a statement that writes.
pub(crate) async fn write<'c, D: Speaks>(
    connection: impl Executor<'c, Database = D>,
    bound: &Bound,
) -> Result<Written, Failed> {
    if bound.returns() {
        let rows = read(connection, bound).await?;
        let changed = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        return Written { changed, rows }.checked(bound);
    }
    let query = sqlx::query_with(bound.text(D::DIALECT), arguments::<D>(bound)?);
    let done = query.execute(connection).await.map_err(failed::<D>)?;
    let written = Written {
        changed: D::changed(&done),
        rows: Vec::new(),
    };
    written.checked(bound)
}

/// Runs statements without parameters.
pub(crate) async fn batch<'c, D: Speaks>(
    connection: impl Executor<'c, Database = D>,
    sql: &'static str,
) -> Result<(), Failed> {
    let done = sqlx::raw_sql(sql).execute(connection).await;
    done.map(|_| ()).map_err(failed::<D>)
}

/// The failure that an error is.
pub(crate) fn failed<D: Speaks>(error: sqlx::Error) -> Failed {
    let cause = match &error {
        sqlx::Error::Database(database) => D::cause(&**database),
        // Text that is not UTF-8.
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Cause::Corrupt,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Cause::Unavailable,
        // An answer that nobody understands may be one to what was done.
        sqlx::Error::PoolClosed | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Cause::Lost
        }
        _ => Cause::Other,
    };
    Failed::caused_by(cause, error)
}

fn arguments<D: Speaks>(bound: &Bound) -> Result<D::Arguments, Failed> {
    let mut arguments = D::Arguments::default();
    for arg in bound.args(D::DIALECT) {
        D::add(&mut arguments, arg).map_err(|error| failed::<D>(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}

fn row<D: Speaks>(row: &D::Row) -> sqlx::Result<Row> {
    let cells = (0..row.len()).map(|index| D::cell(row, index));
    cells.collect::<sqlx::Result<_>>().map(Row::new)
}

/// Begins a transaction by a task of its own. When nobody waits for a beginning any more, sqlx gives
/// the connection back to the pool with the transaction open, and what others are told is written by
/// that connection is in no database.
#[cfg(feature = "postgres")]
pub(crate) async fn begin<D: Speaks>(
    begun: impl Future<Output = sqlx::Result<sqlx::Transaction<'static, D>>> + Send + 'static,
) -> Result<sqlx::Transaction<'static, D>, Failed> {
    let begun = tokio::spawn(begun).await;
    let begun = begun.map_err(|error| Failed::caused_by(Cause::Lost, error))?;
    begun.map_err(failed::<D>)
}
