//! Workflows and their published versions.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::error::Result;

/// A workflow: a named process with at most one draft and any number of published versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkflowRow {
    /// The key, unique per tenant.
    pub key: WorkflowKey,
    /// What its owner says of it.
    pub status: WorkflowStatus,
    /// Whether lists leave it out.
    pub hidden: bool,
    /// Whose it is, such as a company.
    pub owner: Option<String>,
    /// The newest version, from 1; 0 while nothing is published.
    pub latest: u32,
    /// How often its drafts were written or thrown away; the revision of the draft while it has one.
    pub edits: u64,
    /// Whether it has a draft.
    pub has_draft: bool,
    /// The title of the newest version, else that of the draft, as JSON.
    pub title: String,
}

impl WorkflowRow {
    /// Whether new instances may start: it is active, and something is published.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == WorkflowStatus::Active && self.latest > 0
    }
}

/// What the owner of a workflow says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WorkflowStatus {
    /// It may be started.
    Active,
    /// It is being written: published first, or taken back to the drawing board.
    Draft,
    /// It was switched off.
    Inactive,
}

impl WorkflowStatus {
    /// The word as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draft => "draft",
            Self::Inactive => "inactive",
        }
    }

    /// The status of that word, without regard to case.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Draft, Self::Inactive]
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(word))
    }
}

/// What changes of a workflow beside its content; `None` stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WorkflowChange {
    /// What its owner says of it.
    pub status: Option<WorkflowStatus>,
    /// Whether lists leave it out.
    pub hidden: Option<bool>,
    /// Whose it is; `Some(None)` is nobody's.
    pub owner: Option<Option<String>>,
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

/// The starts of a workflow that come by themselves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StartsOf {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Each start, and when it first comes; of one that is named twice, the first counts.
    pub rows: Vec<(String, Timestamp)>,
}

/// Publishing and reading definitions.
#[async_trait]
pub trait Definitions: Sync {
    /// Publishes the documents, all or none. A document whose hash is that of the newest version of
    /// its workflow gives that version; any other makes the next one. `version` in the rows is
    /// ignored. A new version makes a workflow in status draft active, and a new workflow is active;
    /// one that was switched off stays so. A dropped workflow goes on with the next number.
    ///
    /// With the documents or not at all, the starts that come by themselves become exactly those of
    /// `starts`, in each workflow that it names; one that has a row keeps its moment. Called again with
    /// the same `starts`, they stay as they are.
    ///
    /// # Errors
    /// `Unavailable`, `Other`. Two concurrent calls for one workflow give different versions or the
    /// same content once.
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
        starts: &[StartsOf],
    ) -> Result<Vec<Published>>;

    /// Publishes what a draft became and throws the draft away, both or neither; `None`, and nothing
    /// written, when the draft is no longer of that revision. What [`publish`](Self::publish) says of
    /// versions and starts holds.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn publish_draft(
        &self,
        tenant: &TenantId,
        definition: &DefinitionRow,
        starts: &[(String, Timestamp)],
        revision: u64,
    ) -> Result<Option<Published>>;

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

    /// Changes what a workflow has beside its content; `false` when there is no such workflow.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn workflow_change(
        &self,
        tenant: &TenantId,
        key: &WorkflowKey,
        change: &WorkflowChange,
    ) -> Result<bool>;

    /// Drops a workflow that has no instance, not even an ended one, with its versions, its draft and
    /// its schedules, all or nothing; `false` when there is none, or it has instances. A start that is
    /// committed afterwards conflicts.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn workflow_drop(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<bool>;

    /// Lets new instances start, or not; `false` when there is no such workflow.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn set_active(&self, tenant: &TenantId, key: &WorkflowKey, active: bool) -> Result<bool> {
        let status = if active {
            WorkflowStatus::Active
        } else {
            WorkflowStatus::Inactive
        };
        let change = WorkflowChange {
            status: Some(status),
            ..WorkflowChange::default()
        };
        self.workflow_change(tenant, key, &change).await
    }
}
