//! Tests of the engine.
#![cfg(feature = "testing")]

mod examples;
mod scenarios;
