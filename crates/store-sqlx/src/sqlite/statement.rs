//! SQLite's statements.

use signoff_store::sql::{Arg, CONFLICT, Cause, Cell, Dialect};
use sqlx::{
    Arguments, Row as _, Sqlite, TypeInfo, ValueRef,
    error::{BoxDynError, DatabaseError},
    sqlite::{SqliteArguments, SqliteQueryResult, SqliteRow},
};

use crate::statement::Speaks;

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOT_A_DATABASE: i32 = 26;
const CONSTRAINT_PRIMARY_KEY: i32 = 1555;
const CONSTRAINT_UNIQUE: i32 = 2067;

impl Speaks for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    fn add(arguments: &mut SqliteArguments, arg: &Arg) -> Result<(), BoxDynError> {
        match arg {
            Arg::Bytes(bytes) => arguments.add(bytes.clone()),
            Arg::Id(id) => arguments.add(id.map(|id| id.into_bytes().to_vec())),
            Arg::Integer(number) => arguments.add(*number),
            Arg::Text(text) => arguments.add(text.clone()),
        }
    }

    fn cell(row: &SqliteRow, index: usize) -> sqlx::Result<Cell> {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        Ok(match value.type_info().name() {
            "BLOB" => Cell::Bytes(row.try_get_unchecked(index)?),
            "TEXT" => Cell::Text(row.try_get_unchecked(index)?),
            _ => Cell::Integer(row.try_get_unchecked(index)?),
        })
    }

    fn changed(done: &SqliteQueryResult) -> u64 {
        done.rows_affected()
    }

    fn cause(error: &dyn DatabaseError) -> Cause {
        let code = error.code().and_then(|code| code.parse::<i32>().ok());
        match code.unwrap_or(0) {
            CONSTRAINT_PRIMARY_KEY | CONSTRAINT_UNIQUE => Cause::Conflict,
            code if code & 0xff == CONSTRAINT && error.message() == CONFLICT => Cause::Conflict,
            code => cause_of(code & 0xff),
        }
    }
}

const fn cause_of(primary: i32) -> Cause {
    match primary {
        BUSY | LOCKED => Cause::Busy,
        CANNOT_OPEN => Cause::CannotOpen,
        CORRUPT => Cause::Corrupt,
        FULL => Cause::Full,
        IO => Cause::Unavailable,
        NOT_A_DATABASE => Cause::NotADatabase,
        READ_ONLY => Cause::ReadOnly,
        _ => Cause::Other,
    }
}
