//! Tests of the whole: every store, a real SMTP server, many clients at once.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod at_once;
mod children;
mod dropped;
mod flow_at_once;
mod mail;
mod messages;
mod operators;
mod restart;
mod scenarios;
mod schedules;
#[path = "../../crates/actions/tests/it/smtp_sink.rs"]
#[expect(dead_code, reason = "the tests of the mailers look at more of it")]
mod smtp_sink;
mod stores;
mod turns;
mod upgrades;
mod world;
