//! How a database is opened.

use std::{str::FromStr, time::Duration};

use signoff_store::{Error, ErrorKind, Result};
use sqlx::{
    ConnectOptions,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
};

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

/// How many statements a connection keeps prepared: all that there are.
const STATEMENTS: usize = 256;

/// The options of a connection to what a URL names.
pub(super) fn to_connect(url: &str) -> Result<MySqlConnectOptions> {
    let options = MySqlConnectOptions::from_str(url).map_err(|error| {
        let message =
            "cannot open the database: expected `mysql://user:password@host:port/database`";
        Error::new(ErrorKind::Other, message).caused_by(error)
    })?;
    Ok(options
        // The session is set up by `session`, in one call.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .charset("utf8mb4")
        .set_names(true)
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging())
}

impl MySqlOptions {
    /// What a new connection runs first.
    pub(super) fn session(&self) -> String {
        format!(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
             innodb_lock_wait_timeout = {}; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            self.lock_timeout.as_secs().max(1)
        )
    }

    /// The options of the connections together.
    pub(super) fn to_pool(&self) -> MySqlPoolOptions {
        let session = self.session();
        MySqlPoolOptions::new()
            .max_connections(self.connections.max(1))
            .acquire_timeout(self.acquire_timeout)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let session = session.clone();
                Box::pin(async move {
                    let set = sqlx::raw_sql(sqlx::AssertSqlSafe(session));
                    set.execute(connection).await.map(|_| ())
                })
            })
    }
}
