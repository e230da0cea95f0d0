//! What a type of subject is configured with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use signoff_core::id::WorkflowKey;

/// What a type of subject is configured with; each part may be left out.
///
/// # Example
/// ```
/// use signoff::Binding;
///
/// let binding = Binding::new()
///     .workflow("purchase_request")
///     .status_field("state", Some("new"))
///     .no_direct_change();
/// assert_eq!(binding.workflows.len(), 1);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The workflow that is meant where none is named; it may be started too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_workflow: Option<WorkflowKey>,
    /// The workflows that may be started; every active one when none is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub workflows: BTreeSet<WorkflowKey>,
    /// The field of the host's object that holds its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_field: Option<String>,
    /// The status of an object that nothing was said of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_status: Option<String>,
    /// The field of the host's object that holds its stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_field: Option<String>,
    /// Whether the status of an object may be changed without a workflow; `true`.
    #[serde(default = "yes")]
    pub direct_change: bool,
}

const fn yes() -> bool {
    true
}

impl Default for Binding {
    /// Every workflow, direct changes.
    fn default() -> Self {
        Self {
            default_workflow: None,
            workflows: BTreeSet::new(),
            status_field: None,
            default_status: None,
            stage_field: None,
            direct_change: true,
        }
    }
}

impl Binding {
    /// Every workflow, direct changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a workflow; the others are not allowed any more.
    #[must_use]
    pub fn workflow(mut self, key: impl Into<WorkflowKey>) -> Self {
        self.workflows.insert(key.into());
        self
    }

    /// The workflow that is meant where none is named.
    #[must_use]
    pub fn default_workflow(self, key: impl Into<WorkflowKey>) -> Self {
        Self {
            default_workflow: Some(key.into()),
            ..self
        }
    }

    /// The field of the status, and the status at first.
    #[must_use]
    pub fn status_field(self, field: impl Into<String>, default: Option<&str>) -> Self {
        Self {
            status_field: Some(field.into()),
            default_status: default.map(str::to_owned),
            ..self
        }
    }

    /// The field of the stage.
    #[must_use]
    pub fn stage_field(self, field: impl Into<String>) -> Self {
        Self {
            stage_field: Some(field.into()),
            ..self
        }
    }

    /// The status changes through workflows only.
    #[must_use]
    pub fn no_direct_change(self) -> Self {
        Self {
            direct_change: false,
            ..self
        }
    }

    /// Whether a workflow may be started for objects of this type.
    #[must_use]
    pub fn allows(&self, workflow: &WorkflowKey) -> bool {
        let named = self.workflows.contains(workflow);
        named || self.workflows.is_empty() || self.default_workflow.as_ref() == Some(workflow)
    }
}
