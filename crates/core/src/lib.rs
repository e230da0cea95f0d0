//! The pure core of Signoff.

pub mod actor;
pub mod calendar;
pub mod change;
pub mod check;
pub mod codes;
pub mod command;
pub mod compile;
pub mod conditions;
pub mod document;
pub mod event;
pub mod facts;
pub mod graph;
pub mod id;
pub mod instance;
pub mod limits;
pub mod machine;
pub mod pointer;
pub mod principal;
pub mod problem;
pub mod reading;
pub mod refusal;
pub mod schemas;
pub mod template;
pub mod text;
#[cfg(test)]
mod variants;
