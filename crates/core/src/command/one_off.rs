//! An action that no definition names.

use std::sync::Arc;

use crate::graph::ActionSpec;

/// An action that runs once, because somebody says so. Equal is what is the same one.
#[derive(Clone, Debug)]
pub struct OneOff(Arc<ActionSpec>);

impl OneOff {
    /// The action.
    #[must_use]
    pub fn new(spec: ActionSpec) -> Self {
        Self(Arc::new(spec))
    }

    /// The action.
    #[must_use]
    pub fn spec(&self) -> &ActionSpec {
        &self.0
    }
}

impl PartialEq for OneOff {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
