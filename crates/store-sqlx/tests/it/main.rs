//! The suite on every database, and what each of them alone does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod given_up;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
#[cfg(any(feature = "mysql", feature = "postgres"))]
#[cfg_attr(
    not(feature = "postgres"),
    expect(dead_code, reason = "answers are lost on PostgreSQL only")
)]
mod way;
