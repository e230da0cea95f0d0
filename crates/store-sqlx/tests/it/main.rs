//! SQLite passes the suite, and what only SQLite does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod host;
mod open;
mod suite;
mod support;
mod writer;
