//! Committing changes: which statements do it.

mod args;
mod joined;
mod parts;
mod shapes;
mod steps;
mod tasks;
mod together;
mod view;

use signoff_core::change::Rows;

pub(super) use self::{
    joined::statement as alone,
    parts::Change,
    together::{MOST, statement as together},
};
use crate::{
    contract::Capabilities,
    error::Result,
    sql::{Bound, Connection, Dialect, Failed},
};

/// What commits changes, each whole or not at all, when run one after the other in one transaction.
///
/// # Errors
/// `Other` when a row has no JSON form or a version is beyond 63 bits.
pub(super) fn statements(
    dialect: Dialect,
    capabilities: Capabilities,
    changes: &[Rows],
) -> Result<Vec<Bound>> {
    let mut statements = Vec::new();
    for rows in changes {
        match dialect {
            Dialect::Sqlite => statements.push(view::commit(rows)?),
            Dialect::Postgres if capabilities.multi_statement_cte => {
                statements.extend(joined::commit(rows)?);
            }
            Dialect::Postgres | Dialect::MySql => statements.extend(steps::commit(rows)?),
        }
    }
    Ok(statements)
}

/// A change that may be committed by one statement with those of others.
///
/// # Errors
/// As [`statements`].
pub(super) fn joint(changes: &[Rows]) -> Result<Option<Change>> {
    match changes {
        [rows] => Change::joint(rows),
        _ => Ok(None),
    }
}

/// Runs statements inside an open transaction, all or none of them; on an error the transaction can
/// go on.
pub(super) async fn run_all(
    connection: &mut dyn Connection,
    statements: &[Bound],
) -> std::result::Result<(), Failed> {
    // One statement of SQLite is whole or nothing by itself.
    if let (Dialect::Sqlite, [statement]) = (connection.dialect(), statements) {
        connection.write(statement).await?;
        return Ok(());
    }
    connection.batch("SAVEPOINT signoff").await?;
    for statement in statements {
        if let Err(failed) = connection.write(statement).await {
            // An error that ended the whole transaction took the savepoint with it; it is the one to tell.
            let _ = connection.batch("ROLLBACK TO SAVEPOINT signoff").await;
            let _ = connection.batch("RELEASE SAVEPOINT signoff").await;
            return Err(failed);
        }
    }
    connection.batch("RELEASE SAVEPOINT signoff").await
}
