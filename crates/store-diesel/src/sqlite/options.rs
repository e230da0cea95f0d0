//! How a database file is opened.

use std::time::Duration;

use crate::SchemaOnOpen;

/// How a database file is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SqliteOptions {
    /// How much a commit survives; `Full` by default.
    pub synchronous: Synchronous,
    /// How long a call waits for another process that writes; 5 seconds by default, at most 24 days.
    /// Then it fails with `Unavailable`.
    pub busy_timeout: Duration,
    /// How many connections read at once, from 1; 4 by default. Each has a thread.
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
