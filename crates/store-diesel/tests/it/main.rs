//! SQLite on diesel passes the suite, and what only it does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod host;
mod open;
mod shared;
mod suite;
mod support;
mod writer;
