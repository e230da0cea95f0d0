//! The command line as a user sees it: output, messages, exit codes.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod audit;
mod bpmn;
mod db;
mod demo;
mod diagram;
mod eval;
mod incident;
mod list;
mod postgres;
mod publish;
mod run;
mod test;
mod validate;
