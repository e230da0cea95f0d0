//! Tests of the whole: every store, a real SMTP server, many clients at once.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]
#![expect(clippy::print_stderr, reason = "whoever runs tests looks there")]

mod at_once;
mod children;
mod clocks;
mod crash;
mod differential;
mod dropped;
mod faults;
mod flow_at_once;
mod mail;
mod messages;
mod operators;
mod picture;
#[path = "../../crates/core/tests/it/pieces.rs"]
#[expect(dead_code, reason = "the reference interpreter looks at more of it")]
mod pieces;
mod restart;
mod scenarios;
mod schedules;
mod seed;
mod servers;
#[path = "../../crates/actions/tests/it/smtp_sink.rs"]
#[expect(dead_code, reason = "the tests of the mailers look at more of it")]
mod smtp_sink;
#[path = "../../crates/core/tests/it/steps_random.rs"]
mod steps_random;
mod stores;
mod turns;
mod upgrades;
mod world;
mod zombies;
