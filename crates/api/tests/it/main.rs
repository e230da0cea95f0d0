//! Tests of the engine.

mod examples;
mod scenarios;
