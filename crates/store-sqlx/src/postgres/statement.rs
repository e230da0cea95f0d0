//! PostgreSQL's statements.

use signoff_store::sql::{Arg, Cause, Cell, Dialect};
use sqlx::{
    Arguments, Postgres, Row as _, TypeInfo, ValueRef,
    error::{BoxDynError, DatabaseError},
    postgres::{PgArguments, PgQueryResult, PgRow},
};

use crate::{connections::Pooled, statement::Speaks};

impl Pooled for Postgres {
    // It counts the answers that are still to come.
    const RESUMES: bool = true;
}

impl Speaks for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    fn add(arguments: &mut PgArguments, arg: &Arg) -> Result<(), BoxDynError> {
        match arg {
            Arg::Bytes(bytes) => arguments.add(bytes.as_deref()),
            Arg::Id(id) => arguments.add(*id),
            Arg::Integer(number) => arguments.add(*number),
            Arg::Text(text) => arguments.add(text.as_deref()),
        }
    }

    fn cell(row: &PgRow, index: usize) -> sqlx::Result<Cell> {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        Ok(match value.type_info().name() {
            "BOOL" => Cell::Integer(row.try_get_unchecked::<bool, _>(index)?.into()),
            "BYTEA" => Cell::Bytes(row.try_get_unchecked(index)?),
            "INT4" => Cell::Integer(row.try_get_unchecked::<i32, _>(index)?.into()),
            "INT8" => Cell::Integer(row.try_get_unchecked(index)?),
            "UUID" => Cell::Id(row.try_get_unchecked(index)?),
            _ => Cell::Text(row.try_get_unchecked(index)?),
        })
    }

    fn changed(done: &PgQueryResult) -> u64 {
        done.rows_affected()
    }

    fn cause(error: &dyn DatabaseError) -> Cause {
        let code = error.code().unwrap_or_default();
        match &*code {
            "23505" => Cause::Conflict,
            "25006" => Cause::ReadOnly,
            "25P01" => Cause::NoTransaction,
            // A serialization failure, a deadlock; the server stops or threw this connection out, and
            // what was not committed with it.
            "40001" | "40P01" | "57P01" | "57P02" => Cause::Restart,
            "53100" => Cause::Full,
            // Longer than an index takes, or than a type.
            "54000" | "22001" => Cause::TooLong,
            "55P03" | "57014" => Cause::Busy,
            "57P03" => Cause::Unavailable,
            "XX001" | "XX002" => Cause::Corrupt,
            code if code.starts_with("08") => Cause::Lost,
            code if code.starts_with("53") => Cause::Unavailable,
            _ => Cause::Other,
        }
    }
}
