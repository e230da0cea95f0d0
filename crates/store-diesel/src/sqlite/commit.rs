//! Committing changes.

use diesel::{SqliteConnection, connection::SimpleConnection};
use signoff_core::change::Rows;
use signoff_store::{Error, sql::sqlite};

use super::{
    error::{Failed, cannot},
    statement::{Statement, Written},
};

/// What commits `changes`: one statement each.
pub(super) fn statements(changes: &[Rows]) -> Result<Vec<Statement>, Error> {
    changes
        .iter()
        .map(|rows| Ok(sqlite::commit(rows)?.into()))
        .collect()
}

/// Runs statements inside an open transaction, all or none; on an error the transaction can go on.
/// What the last one gave.
///
/// One statement needs no savepoint: it is whole or nothing by itself.
pub(super) fn run_all(
    connection: &mut SqliteConnection,
    statements: &[Statement],
) -> Result<Written, Failed> {
    if let [statement] = statements {
        return statement.write(connection);
    }
    connection.batch_execute("SAVEPOINT signoff")?;
    let done = run_each(connection, statements);
    connection
        .batch_execute(match done {
            Ok(_) => "RELEASE signoff",
            Err(_) => "ROLLBACK TO signoff; RELEASE signoff",
        })
        // An error that ended the whole transaction took the savepoint with it; it is the one to tell.
        .or_else(|error| if done.is_err() { Ok(()) } else { Err(error) })?;
    done
}

/// Runs statements one after the other until one fails; what the last one gave.
pub(super) fn run_each(
    connection: &mut SqliteConnection,
    statements: &[Statement],
) -> Result<Written, Failed> {
    let mut last = Written::default();
    for statement in statements {
        last = statement.write(connection)?;
    }
    Ok(last)
}

/// Commits changes inside a transaction that is open on the connection.
pub(super) fn commit(connection: &mut SqliteConnection, changes: &[Rows]) -> Result<(), Error> {
    let statements = statements(changes)?;
    if !statements.is_empty() {
        run_all(connection, &statements).map_err(cannot("commit"))?;
    }
    Ok(())
}
