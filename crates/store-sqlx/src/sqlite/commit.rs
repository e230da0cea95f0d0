//! Committing changes.

use signoff_core::change::Rows;
use signoff_store::{Result, sql::sqlite};
use sqlx::SqliteConnection;

use super::{error::cannot, statement::Statement};

/// What commits `changes`: one statement each.
pub(super) fn statements(changes: &[Rows]) -> Result<Vec<Statement>> {
    changes
        .iter()
        .map(|rows| Ok(sqlite::commit(rows)?.into()))
        .collect()
}

/// Runs statements inside an open transaction, all or none; on an error the transaction can go on.
/// How many rows the last one changed.
///
/// One statement needs no savepoint: it is whole or nothing by itself.
pub(super) async fn run_all(
    connection: &mut SqliteConnection,
    statements: &[Statement],
) -> sqlx::Result<u64> {
    if let [statement] = statements {
        return statement.clone().run(connection).await;
    }
    Statement::new("SAVEPOINT signoff")
        .run(&mut *connection)
        .await?;
    let mut changed = 0;
    for statement in statements {
        match statement.clone().run(&mut *connection).await {
            Ok(rows) => changed = rows,
            Err(error) => {
                // An error that ended the whole transaction took the savepoint with it.
                let back = sqlx::raw_sql("ROLLBACK TO signoff; RELEASE signoff");
                let _ = back.execute(&mut *connection).await;
                return Err(error);
            }
        }
    }
    Statement::new("RELEASE signoff")
        .run(&mut *connection)
        .await?;
    Ok(changed)
}

/// Commits changes inside a transaction that is open on the connection.
pub(super) async fn commit(connection: &mut SqliteConnection, changes: &[Rows]) -> Result<()> {
    let statements = statements(changes)?;
    if statements.is_empty() {
        return Ok(());
    }
    run_all(connection, &statements)
        .await
        .map_err(cannot("commit"))?;
    Ok(())
}
