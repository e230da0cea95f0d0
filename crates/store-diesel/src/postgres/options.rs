//! How a database is opened.

use std::time::Duration;

use crate::SchemaOnOpen;
use signoff_store::{PostgresProfile, sql::GROUP_SETTINGS};

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
    /// What a new connection runs first.
    pub(super) fn session(&self) -> String {
        // Single statements are transactions too.
        let mut session = format!(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
             SET statement_timeout = {}",
            self.statement_timeout.as_millis()
        );
        if let Some(name) = self.quoted_schema() {
            session.push_str(&format!("; SET search_path = {name}, public"));
        }
        session
    }

    /// What a connection that commits several changes at once runs first.
    pub(super) fn committing_session(&self) -> String {
        let settings = GROUP_SETTINGS.map(|(name, value)| format!("; SET {name} = {value}"));
        self.session() + &settings.concat()
    }

    /// What the connection that makes the tables runs first.
    pub(super) fn first(&self) -> Vec<String> {
        let Some(name) = self.quoted_schema() else {
            return Vec::new();
        };
        let make = format!("CREATE SCHEMA IF NOT EXISTS {name}");
        let make = (self.schema == SchemaOnOpen::Apply).then_some(make);
        // Tables of `public` are not those of this schema.
        make.into_iter()
            .chain([format!("SET search_path = {name}")])
            .collect()
    }

    /// The name of the schema as SQL has it.
    fn quoted_schema(&self) -> Option<String> {
        let name = self.in_schema.as_ref()?;
        Some(format!("\"{}\"", name.replace('"', "\"\"")))
    }
}
