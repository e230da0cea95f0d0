//! SQLite on diesel passes the suite, and what only it does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod host;
mod open;
mod shared;
mod suite;
// The same rows are written to both, so one file makes them.
#[path = "../../../store-sqlx/tests/it/support.rs"]
mod support;
mod writer;
