//! Committing changes.

use signoff_core::change::Rows;
use signoff_store::{
    Result,
    sql::{CommitArgs, sqlite::COMMIT},
};
use sqlx::SqliteConnection;

use super::{error::cannot, statement::Statement};

/// What commits `changes`: one statement each.
pub(super) fn statements(changes: &[Rows]) -> Result<Vec<Statement>> {
    changes
        .iter()
        .map(|rows| Ok(statement(CommitArgs::of(rows)?)))
        .collect()
}

fn statement(args: CommitArgs) -> Statement {
    Statement::new(COMMIT)
        .bind(args.before)
        .bind(args.tenant)
        .bind_id(args.id)
        .bind(args.version)
        .bind(args.workflow)
        .bind(args.definition)
        .bind(args.status)
        .bind(args.title)
        .bind(args.subject_type)
        .bind(args.subject_id)
        .bind(args.exclusive)
        .bind(args.requester)
        .bind(args.started_at)
        .bind(args.changed_at)
        .bind(args.ended_at)
        .bind(args.state)
        .bind(args.data)
        .bind(args.forms)
        .bind(args.at)
        .bind(args.person)
        .bind(args.event)
        .bind(args.tasks)
        .bind(args.activations)
        .bind(args.dropped_activations)
        .bind(args.jobs)
        .bind(args.dropped_jobs)
        .bind(args.incidents)
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
