//! How a database is opened.

use std::time::Duration;

use signoff_store::{PostgresProfile, sql::GROUP_SETTINGS};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use crate::SchemaOnOpen;

/// How many statements a connection keeps prepared: all that there are.
const STATEMENTS: usize = 512;

/// How a PostgreSQL database is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PostgresOptions {
    /// How many connections there are at most, from 1; 10 by default. A transaction of
    /// [`begin`](signoff_store::Instances::begin) has one to itself.
    pub max_connections: u32,
    /// How many commits are under way, each by itself, before others wait and are sent together; 4 by
    /// default. With 0 all are sent as those that wait. Those that wait are sent on two connections
    /// more.
    pub commits_alone: u32,
    /// How long a call waits for a connection; 30 seconds by default. Then it fails with
    /// `Unavailable`.
    pub acquire_timeout: Duration,
    /// How long one statement may take, what it waits for others included; 60 seconds by default,
    /// zero for ever. Then it fails with `Unavailable`.
    pub statement_timeout: Duration,
    /// What becomes of a database that lacks tables; they are made by default.
    pub schema: SchemaOnOpen,
    /// The schema of the database that the tables are in, to the letter. The tables of `public` are
    /// then found too, behind those of this schema. By default the first of the user's `search_path`.
    pub in_schema: Option<String>,
    /// What the database can do; `Full` by default.
    pub profile: PostgresProfile,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 10,
            commits_alone: 4,
            acquire_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(60),
            schema: SchemaOnOpen::Apply,
            in_schema: None,
            profile: PostgresProfile::Full,
        }
    }
}

impl PostgresOptions {
    /// The options of a connection to a place.
    pub(super) fn to_connect(&self, place: PgConnectOptions) -> PgConnectOptions {
        let timeout = self.statement_timeout.as_millis().to_string();
        let options = place
            .statement_cache_capacity(STATEMENTS)
            .disable_statement_logging()
            .options([
                ("default_transaction_isolation", "read committed"),
                ("statement_timeout", timeout.as_str()),
            ]);
        match self.quoted_schema() {
            Some(name) => options.options([("search_path", format!("{name},public"))]),
            None => options,
        }
    }

    /// The options of the connections that commit several changes at once.
    pub(super) fn to_commit(&self, connect: &PgConnectOptions) -> PgConnectOptions {
        connect.clone().options(GROUP_SETTINGS)
    }

    /// The name of the schema as SQL has it.
    pub(super) fn quoted_schema(&self) -> Option<String> {
        let name = self.in_schema.as_ref()?;
        Some(format!("\"{}\"", name.replace('"', "\"\"")))
    }
}
