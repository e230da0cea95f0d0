//! JSON Schema (draft 2020-12) behind core's port.
//!
//! A schema is checked before it is compiled: references stay inside it, regular expressions are
//! small, and what it costs to check a value against it grows with the value only, never
//! exponentially. See [`JsonSchemas`] for what that rules out.

mod compile;
mod cost;
mod flatten;
mod formats;
mod graph;
mod keywords;
mod message;
mod shown;

pub use self::compile::JsonSchemas;
