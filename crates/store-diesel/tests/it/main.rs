//! SQLite, PostgreSQL and MySQL on diesel pass the suite, and what only they do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

// Calls are given up on both alike.
#[cfg(any(feature = "mysql", feature = "postgres"))]
#[path = "../../../store-sqlx/tests/it/given_up.rs"]
mod given_up;
mod host;
#[cfg(feature = "mysql")]
mod mysql;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod servers;
mod shared;
mod suite;
// The same rows are written to both, so one file makes them.
#[path = "../../../store-sqlx/tests/it/support.rs"]
mod support;
#[cfg(any(feature = "mysql", feature = "postgres"))]
#[path = "../../../store-sqlx/tests/it/way.rs"]
#[expect(dead_code, reason = "the tests of sqlx lose answers on it too")]
mod way;
mod writer;
