//! Connections and what is done with one at the top: opening it, and its transactions.

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use signoff_store::sql::{Cause, Failed};

use super::{
    error::{failed, not_open},
    options::{SqliteOptions, Synchronous},
};
use crate::SchemaOnOpen;

/// How long to wait before trying again what SQLite does not wait for.
const RETRY: Duration = Duration::from_millis(2);

/// Which file, and how it is opened.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    pub(super) path: PathBuf,
    pub(super) options: SqliteOptions,
}

impl Opener {
    /// The connection that writes.
    pub(super) fn to_write(&self) -> Result<SqliteConnection, Failed> {
        let mut connection = self.open(match self.options.schema {
            SchemaOnOpen::Apply => "rwc",
            SchemaOnOpen::Check => "rw",
        })?;
        self.use_log(&mut connection)?;
        connection
            .batch_execute(match self.options.synchronous {
                Synchronous::Full => "PRAGMA synchronous = FULL",
                Synchronous::Normal => "PRAGMA synchronous = NORMAL",
            })
            .map_err(failed)?;
        Ok(connection)
    }

    /// Sees to it that the file has a write-ahead log.
    ///
    /// Of several connections that are the first to want it, SQLite fails all but one at once,
    /// whatever the timeout.
    fn use_log(&self, connection: &mut SqliteConnection) -> Result<(), Failed> {
        let begun = Instant::now();
        loop {
            let done = connection.batch_execute("PRAGMA journal_mode = WAL");
            match done.map_err(failed) {
                Err(failed)
                    if failed.cause() == Cause::Busy
                        && begun.elapsed() < self.options.busy_timeout =>
                {
                    thread::sleep(RETRY);
                }
                done => return done,
            }
        }
    }

    /// A connection that reads.
    pub(super) fn to_read(&self) -> Result<SqliteConnection, Failed> {
        let mut connection = self.open("rw")?;
        connection
            .batch_execute("PRAGMA query_only = ON")
            .map_err(failed)?;
        Ok(connection)
    }

    fn open(&self, mode: &str) -> Result<SqliteConnection, Failed> {
        // As a URI, so that no name has a special meaning and a missing file can stay missing.
        let name = percent_encode(self.path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
        let mut connection =
            SqliteConnection::establish(&format!("file:{name}?mode={mode}")).map_err(not_open)?;
        let timeout = i32::try_from(self.options.busy_timeout.as_millis()).unwrap_or(i32::MAX);
        connection
            .batch_execute(&format!(
                "PRAGMA busy_timeout = {timeout}; PRAGMA foreign_keys = OFF"
            ))
            .map_err(failed)?;
        Ok(connection)
    }
}

/// Begins a transaction that may write. Diesel keeps count, so what a host does in it with
/// diesel's own transactions becomes savepoints.
pub(super) fn begin(connection: &mut SqliteConnection) -> Result<(), Failed> {
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE").map_err(failed)
}

/// Commits, or rolls back when that fails.
pub(super) fn commit(connection: &mut SqliteConnection) -> Result<(), Failed> {
    AnsiTransactionManager::commit_transaction(connection).map_err(failed)
}

/// Rolls back; when that fails, the connection [is not idle](is_idle).
pub(super) fn roll_back(connection: &mut SqliteConnection) {
    if let Err(error) = AnsiTransactionManager::rollback_transaction(connection) {
        tracing::debug!(%error, "a transaction cannot be rolled back");
    }
}

/// Whether no transaction is open; a connection that does not know is not idle either.
pub(super) fn is_idle(connection: &mut SqliteConnection) -> bool {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    matches!(status.transaction_depth(), Ok(None))
}

/// Runs `work` in a transaction: all of it or nothing.
pub(super) fn in_transaction<T>(
    connection: &mut SqliteConnection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failed>,
) -> Result<T, Failed> {
    begin(connection)?;
    match work(connection) {
        Ok(value) => {
            commit(connection)?;
            Ok(value)
        }
        Err(failed) => {
            roll_back(connection);
            Err(failed)
        }
    }
}
