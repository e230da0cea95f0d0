//! Drafts: the one mutable document of a workflow.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{PersonId, TenantId, WorkflowKey};

use crate::error::Result;

/// The draft of a workflow, possibly incomplete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftRow {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Which writing this is: each is one more than the last of the workflow, thrown away ones
    /// included, so no number ever means two contents.
    pub revision: u64,
    /// Which of the three shapes an approval is to have, from 1.
    pub strategy: Option<u8>,
    /// What the source is written in, such as `yaml`.
    pub format: String,
    /// The text.
    pub source: String,
    /// Who wrote it.
    pub changed_by: Option<PersonId>,
    /// When it was written.
    pub changed_at: Timestamp,
}

/// Keeping drafts.
#[async_trait]
pub trait Drafts {
    /// The draft of a workflow.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn draft(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Option<DraftRow>>;

    /// How often drafts of the workflow were written or thrown away, even if it was dropped since: the
    /// next revision is one more.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn draft_edits(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<u64>;

    /// Writes a draft in place of the last one, if its revision is the next: `edits` of the workflow
    /// plus 1, and 1 adds a workflow in status draft. `title` is that of the workflow while nothing is
    /// published. `false`, and nothing written, when somebody else was faster.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn draft_save(&self, tenant: &TenantId, row: &DraftRow, title: &str) -> Result<bool>;

    /// Throws the draft away if it is still of that revision; a workflow without versions stays, empty.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn draft_drop(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        revision: u64,
    ) -> Result<bool>;
}
