//! Tests of the engine.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod examples;
mod scenarios;
