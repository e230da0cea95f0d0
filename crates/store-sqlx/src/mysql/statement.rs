//! The statements of MySQL and MariaDB.

use signoff_store::sql::{Arg, Cause, Cell, Dialect};
use sqlx::{
    Arguments, MySql, Row as _, Type, ValueRef,
    error::{BoxDynError, DatabaseError},
    mysql::{MySqlArguments, MySqlDatabaseError, MySqlQueryResult, MySqlRow},
};

use crate::{connections::Pooled, statement::Speaks};

/// A savepoint of that name is not there.
const NO_SAVEPOINT: u16 = 1305;

impl Pooled for MySql {
    // It takes the answer to a statement that is prepared for the answer to the one that is run, and
    // forgets the head of a packet whose body has not come yet.
    const RESUMES: bool = false;
}

impl Speaks for MySql {
    const DIALECT: Dialect = Dialect::MySql;

    fn add(arguments: &mut MySqlArguments, arg: &Arg) -> Result<(), BoxDynError> {
        match arg {
            Arg::Bytes(bytes) => arguments.add(bytes.as_deref()),
            Arg::Id(id) => arguments.add(id.as_ref().map(|id| id.as_bytes().as_slice())),
            Arg::Integer(number) => arguments.add(*number),
            Arg::Text(text) => arguments.add(text.as_deref()),
        }
    }

    fn cell(row: &MySqlRow, index: usize) -> sqlx::Result<Cell> {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let kind = value.type_info();
        // What has a collation is a text, also where it compares by its bytes.
        Ok(if <String as Type<Self>>::compatible(&kind) {
            Cell::Text(row.try_get_unchecked(index)?)
        } else if <Vec<u8> as Type<Self>>::compatible(&kind) {
            Cell::Bytes(row.try_get_unchecked(index)?)
        } else {
            Cell::Integer(row.try_get_unchecked(index)?)
        })
    }

    fn changed(done: &MySqlQueryResult) -> u64 {
        done.rows_affected()
    }

    fn cause(error: &dyn DatabaseError) -> Cause {
        number(error).map_or(Cause::Other, cause_of)
    }
}

/// Whether the error is that there is no savepoint of that name.
pub(super) fn is_without_savepoint(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.and_then(number) == Some(NO_SAVEPOINT)
}

fn number(error: &dyn DatabaseError) -> Option<u16> {
    let error = error.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

const fn cause_of(number: u16) -> Cause {
    match number {
        // Duplicate entry, which has two numbers.
        1062 | 1586 => Cause::Conflict,
        // A record has changed since it was read (MariaDB); a deadlock.
        1020 | 1213 => Cause::Restart,
        // A lock is not had in time, or a statement takes too long (MariaDB, MySQL): only the statement
        // is undone.
        1205 | 1969 | 3024 => Cause::Busy,
        // The disk, or the table, is full.
        1021 | 1114 => Cause::Full,
        // A packet, or a text for its column, is too long.
        1153 | 1406 => Cause::TooLong,
        // The server, or the transaction, only reads.
        1290 | 1792 | 1836 => Cause::ReadOnly,
        // A table crashed, a page is damaged.
        126 | 127 | 1194 | 1877 => Cause::Corrupt,
        // Too many connections of the server or the user; the server stops; the connection or the
        // statement was killed; packets are out of order or cut; it was idle for too long.
        1040 | 1203 | 1226 | 1053 | 1079 | 1317 | 1927 | 1156..=1161 | 4031 => Cause::Unavailable,
        _ => Cause::Other,
    }
}
