//! Workflows and their published versions.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::error::Result;

/// A workflow: a named process with any number of published versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkflowRow {
    /// The key, unique per tenant.
    pub key: WorkflowKey,
    /// Whether new instances may start.
    pub active: bool,
    /// The newest version, from 1.
    pub latest: u32,
    /// The title of the newest version, as JSON.
    pub title: String,
}

/// One published, immutable version of a workflow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DefinitionRow {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// The version, from 1.
    pub version: u32,
    /// SHA-256 of the canonical document without `tests`, lowercase hex.
    pub hash: String,
    /// The title, as JSON.
    pub title: String,
    /// The document, as JSON.
    pub document: String,
    /// When it was published.
    pub published_at: Timestamp,
}

/// What publishing came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Published {
    /// A new version.
    New(u32),
    /// The newest version has the same content.
    Same(u32),
}

impl Published {
    /// The version that holds the content now.
    #[must_use]
    pub const fn version(self) -> u32 {
        match self {
            Self::New(version) | Self::Same(version) => version,
        }
    }
}

/// Publishing and reading definitions.
#[async_trait]
pub trait Definitions {
    /// Publishes the documents, all or none. A document whose hash is that of the newest version of
    /// its workflow gives that version; any other makes the next one. `version` in the rows is
    /// ignored. A new workflow is active.
    ///
    /// # Errors
    /// `Unavailable`, `Other`. Two concurrent calls for one workflow give different versions or the
    /// same content once.
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
    ) -> Result<Vec<Published>>;

    /// A version of a workflow, the newest when `version` is `None`.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<DefinitionRow>>;

    /// The newest version that was published at `published` or before; `None` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn definition_as_of(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        published: Timestamp,
    ) -> Result<Option<DefinitionRow>>;

    /// The workflow.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn workflow(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>>;

    /// All workflows of the tenant, by key.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn workflows(&self, tenant: &TenantId) -> Result<Vec<WorkflowRow>>;

    /// Lets new instances start, or not; `false` when there is no such workflow.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn set_active(&self, tenant: &TenantId, key: &WorkflowKey, active: bool) -> Result<bool>;
}
