//! Drafts: documents that may be incomplete, edited part by part.
//!
//! A [`Draft`] is a document and the [`Strategy`] that it is to have. [`Edit`]s change it, all or
//! none; what they leave is put in order: pipelines and stages have keys and stand in their order.
//! [`Outline`] says what is there and what the first thing is that is missing.

mod edit;
mod order;
mod outline;
mod sizes;
mod strategy;

pub use self::{
    edit::{Draft, Edit},
    outline::{DEFAULT_COLOR, Element, ElementKind, Outline, PipelineOutline, StageOutline},
    sizes::{MAX_ELEMENT_BYTES, MAX_META_BYTES, sizes},
    strategy::Strategy,
};
