//! The two calls that carry the engine: load what a command needs, commit what it changes.

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{ActivationId, InstanceId, PersonId, Subject, TaskId, TenantId, WorkflowKey},
    instance::{LoadedRows, TaskRow},
};

use crate::{contract::OwnedTx, error::Result};

/// What to load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Load {
    /// The tenant; rows of others are never seen.
    pub tenant: TenantId,
    /// Which instance.
    pub target: Target,
    /// How much of it.
    pub part: Part,
}

/// Which instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// That one.
    Instance(InstanceId),
    /// The one that has the task, open or closed.
    Task(TaskId),
}

/// How much of an instance; the instance row with data and forms always.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// One activation with its open tasks.
    Activation(ActivationId),
    /// Every live activation with its open tasks.
    All,
    /// The instance row alone.
    Header,
    /// The activation that owns the target task, with its open tasks; of a target instance nothing more.
    OfTask,
}

/// What was loaded, all of it from one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The rows.
    pub rows: LoadedRows,
    /// The target task, open or closed, when a task was the target.
    pub task: Option<TaskRow>,
}

/// Loading and committing.
#[async_trait]
pub trait Instances {
    /// Loads an instance; `None` when the tenant has no such instance or task.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn load(&self, load: &Load) -> Result<Option<Loaded>>;

    /// Writes every change whole, in order, or none of them, durably: without an explicit
    /// transaction, in as few round trips as the database allows. All are of one tenant.
    ///
    /// A change with `before` 0 inserts its instance row, any other updates the row only where the
    /// stored version is `before`. The version is the only lock. What is said of an instance at its
    /// start (workflow, subject, business key, requester, parent, moment) and of a task at its opening (instance,
    /// activation, number, moment) never changes and is not written again.
    ///
    /// Within a change, what it drops goes before what it adds comes; a job takes the place of the
    /// one with its id, a subscription that of its activation. A consumed message stays, with the
    /// instance and the moment of the change; whether it has expired is not asked again.
    ///
    /// # Errors
    /// `Conflict` when a version is not the expected one, an instance exists already, the
    /// `exclusive` key is taken, another instance of the workflow has its `unique_key`, a request was answered before, a new instance names a version of a
    /// workflow that was dropped, or a consumed message is not there or was consumed before, even by these changes. Called twice with the same changes, the second call conflicts.
    async fn commit_now(&self, changes: &[Rows]) -> Result<()>;

    /// Begins a transaction of the engine's own; what is done in it is of that tenant alone.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>>;

    /// As [`commit_now`](Self::commit_now), for what the engine does by itself: where one writes at a
    /// time, that has at most half of the turns while others wait too.
    ///
    /// # Errors
    /// As [`commit_now`](Self::commit_now).
    async fn commit_for_job(&self, changes: &[Rows]) -> Result<()> {
        self.commit_now(changes).await
    }

    /// As [`begin`](Self::begin), for what the engine does by itself.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    async fn begin_for_job(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        self.begin(tenant).await
    }

    /// The running instance of the workflow for the subject, newest first.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>>;

    /// The latest started instance of the workflow, running or ended, that has the business key.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>>;

    /// Gives the next turn of a pool to the member with the fewest turns ever, ties by id, and
    /// counts it; one atomic step, so concurrent calls never give the same turn.
    ///
    /// A turn whose command fails later stays counted: a failure costs at most one turn of fairness.
    ///
    /// # Errors
    /// `Unavailable`, `Other`; `Other` when `members` is empty.
    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId>;
}
