//! How a database file is opened.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::SchemaOnOpen;

/// How a database file is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SqliteOptions {
    /// How much a commit survives; `Full` by default.
    pub synchronous: Synchronous,
    /// How long a call waits for another process that writes; 5 seconds by default. Then it fails
    /// with `Unavailable`.
    pub busy_timeout: Duration,
    /// How many connections read at once, from 1; 4 by default.
    pub readers: u32,
    /// What becomes of a database that lacks tables; they are made by default.
    pub schema: SchemaOnOpen,
}

/// How much a commit survives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Synchronous {
    /// A loss of power: each commit reaches the disk before it is acknowledged.
    Full,
    /// A crash of the process, but the last commits may be lost with the power. Never corrupts.
    Normal,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            schema: SchemaOnOpen::Apply,
        }
    }
}

impl SqliteOptions {
    /// The options of the connection that writes.
    pub(super) fn to_write(&self, path: &Path) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(self.schema == SchemaOnOpen::Apply)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match self.synchronous {
                Synchronous::Full => SqliteSynchronous::Full,
                Synchronous::Normal => SqliteSynchronous::Normal,
            })
            .foreign_keys(false)
            .busy_timeout(self.busy_timeout)
            .disable_statement_logging()
    }

    /// The options of a connection that reads.
    pub(super) fn to_read(&self, path: &Path) -> SqliteConnectOptions {
        self.to_write(path)
            .create_if_missing(false)
            .pragma("query_only", "ON")
    }
}
