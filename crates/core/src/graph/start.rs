//! How instances begin.

use std::sync::Arc;

use crate::{conditions::Condition, graph::FormSpec, principal::Principal};

/// Who may start, and what happens when an instance is running.
#[derive(Clone, Debug, Default)]
pub struct StartRule {
    /// Who may start; empty means any active person.
    pub by: Vec<Principal>,
    /// The fields of the data that must be filled.
    pub form: Option<FormSpec>,
    /// When a bound subject starts by itself on creation.
    pub auto: Option<Arc<dyn Condition>>,
    /// What a start does while the same subject has a running instance of the workflow.
    pub if_running: IfRunning,
}

/// What a start does while the same subject has a running instance of the workflow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IfRunning {
    /// Starts another.
    #[default]
    Allow,
    /// Refuses with `already_started`.
    Refuse,
    /// Gives the running one.
    Return,
}
