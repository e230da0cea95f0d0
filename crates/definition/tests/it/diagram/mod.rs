//! Diagrams.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod generated;
mod golden;
mod graphs;
mod hostile;
mod picture;
mod svg;
