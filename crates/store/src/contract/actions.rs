//! Actions that are kept beside the definitions of a workflow, and change without publishing.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{ActionId, PersonId, TenantId, WorkflowKey};

use crate::error::Result;

/// An action that is kept beside the definitions of a workflow; it belongs to its key, not to a
/// version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActionRow {
    /// Its id.
    pub id: ActionId,
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Where it belongs: there, and nowhere else.
    pub scope: ActionScope,
    /// The event that it reacts to.
    pub event: String,
    /// What it does, as in a document, as JSON.
    pub body: String,
    /// Who wrote it; `None` for the host.
    pub changed_by: Option<PersonId>,
    /// When it was written.
    pub changed_at: Timestamp,
}

/// Where an action belongs.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ActionScope {
    /// To the whole workflow.
    Workflow,
    /// To a group of nodes, such as a pipeline, by its key.
    Group(String),
    /// To a node, such as a stage or a step, by its key.
    Node(String),
}

impl ActionScope {
    /// The kind and the key as stored; the workflow has an empty key.
    #[must_use]
    pub fn stored(&self) -> (&'static str, &str) {
        match self {
            Self::Workflow => ("workflow", ""),
            Self::Group(key) => ("group", key),
            Self::Node(key) => ("node", key),
        }
    }

    /// The scope of a stored kind and key.
    #[must_use]
    pub fn of(kind: &str, key: String) -> Option<Self> {
        match kind {
            "workflow" => Some(Self::Workflow),
            "group" => Some(Self::Group(key)),
            "node" => Some(Self::Node(key)),
            _ => None,
        }
    }
}

/// Keeping actions.
#[async_trait]
pub trait Actions {
    /// The actions of a workflow, by id.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn actions(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Vec<ActionRow>>;

    /// One action.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn action(&self, tenant: &TenantId, id: ActionId) -> Result<Option<ActionRow>>;

    /// Writes an action in place of the one of its id.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn action_put(&self, tenant: &TenantId, row: &ActionRow) -> Result<()>;

    /// Drops an action; `false` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn action_drop(&self, tenant: &TenantId, id: ActionId) -> Result<bool>;
}
