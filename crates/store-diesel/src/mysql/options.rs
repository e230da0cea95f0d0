//! How a database is opened.

use std::time::Duration;

use crate::SchemaOnOpen;

/// How a database is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MySqlOptions {
    /// How many connections there are at most, from 1; 16 by default.
    pub connections: u32,
    /// How long a call waits for one of the connections; 30 seconds by default. Then it fails with
    /// `Unavailable`.
    pub acquire_timeout: Duration,
    /// How long a statement waits for rows that another transaction has locked, in whole seconds from 1;
    /// 5 seconds by default. Then it fails with `Unavailable`.
    pub lock_timeout: Duration,
    /// What becomes of a database that lacks tables; they are made by default.
    pub schema: SchemaOnOpen,
}

impl Default for MySqlOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            acquire_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(5),
            schema: SchemaOnOpen::Apply,
        }
    }
}

impl MySqlOptions {
    /// What a new connection runs first. Errors are told apart by their messages.
    pub(super) fn session(&self) -> String {
        format!(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
             innodb_lock_wait_timeout = {}, lc_messages = 'en_US'; \
             SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            self.lock_timeout.as_secs().max(1)
        )
    }
}
