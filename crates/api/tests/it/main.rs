//! Tests of the engine.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod answers;
mod bindings;
mod briefs;
mod configured;
mod counted;
mod drafts;
mod examples;
mod files;
mod flow_bulk;
#[cfg(feature = "sqlx-sqlite")]
mod flow_functions;
mod flow_history;
mod flow_jobs;
mod flow_looks;
mod flow_messages;
mod flow_next;
mod flow_orphans;
mod flow_races;
mod flow_retry;
mod flow_rights;
mod flow_signals;
mod flow_starts;
mod flow_versions;
mod flow_visits;
mod follow;
mod kept;
mod migrations;
mod naming;
mod once;
mod reading;
mod router;
#[cfg(feature = "sqlx-sqlite")]
mod router_files;
#[cfg(feature = "sqlx-postgres")]
mod router_postgres;
mod router_suite;
mod scenarios;
mod steps;
#[cfg(feature = "sqlx-sqlite")]
mod steps_shared;
mod stored_actions;
mod substitutions;
mod texts;
mod titles;
mod world;
