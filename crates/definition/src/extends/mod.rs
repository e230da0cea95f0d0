//! Definitions that extend another one, its base.
//!
//! `extends: KEY`, or `extends: {workflow: KEY, version: N, without: [KEY]}`. Everything of the base is
//! inherited but what belongs to one workflow alone: `key`, `title`, `description`, `tests` and `was`.
//! What the document says goes over it:
//!
//! - `without` takes nodes, pipelines, stages and steps of the base out, steps with their transitions.
//! - A node that says what it does takes the place of the inherited one; one that does not changes the
//!   inherited one key by key.
//! - Pipelines, their stages, and steps change the inherited one of their key, key by key. What is new
//!   stands behind what precedes it in the document, else before what follows it, else at the end.
//! - A transition takes the place of all inherited ones with its `from` and `to`.
//! - `forms`, `defaults` and `actions` are taken over key by key; any other key is replaced.
//!
//! [`resolve`] gives the whole document, which is what is published, with the version of the base in it:
//! a base that is published anew changes nothing that was published or runs. A resolved document,
//! resolved again, is the same.

mod merge;
mod place;
mod resolve;

pub use self::resolve::{Base, BaseRef, Resolved, pin, resolve};
