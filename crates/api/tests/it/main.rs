//! Tests of the engine.
#![cfg(feature = "testing")]

mod scenarios;
