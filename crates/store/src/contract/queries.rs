//! What people and operators look at.

use async_trait::async_trait;
use signoff_core::{
    actor::Person,
    change::{HistoryRow, IncidentRow},
    id::{InstanceId, PersonId, Subject, TaskId, TenantId},
    instance::{InstanceRow, TaskRow},
};

use crate::{
    contract::{Page, PageRequest},
    error::Result,
};

/// Whose tasks.
#[derive(Clone, Debug, PartialEq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Open tasks that nobody has and the person may take: named as a candidate, by a role, or
    /// offered to anyone.
    AvailableTo(Person),
    /// Tasks that the person decided.
    DoneBy(PersonId),
    /// Open tasks that the person has.
    HeldBy(PersonId),
}

/// Which tasks. Everything named must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFilter {
    /// Whose.
    pub whose: Whose,
    /// Of which instance.
    pub instance: Option<InstanceId>,
    /// Only open ones, only closed ones, or both.
    pub open: Option<bool>,
}

/// A task with what a list shows of its instance.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSummary {
    /// The task.
    pub task: TaskRow,
    /// The key of its workflow.
    pub workflow: String,
    /// The version of its definition.
    pub definition: u32,
    /// The title of its instance, as JSON.
    pub title: String,
    /// The subject of its instance.
    pub subject: Option<Subject>,
    /// Who asked for its instance.
    pub requester: Option<PersonId>,
}

/// Which instances. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceFilter {
    /// The status: `running`, `completed` …
    pub status: Option<String>,
    /// The key of the workflow.
    pub workflow: Option<String>,
    /// The subject.
    pub subject: Option<Subject>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// The instance that started it.
    pub parent: Option<InstanceId>,
}

/// An instance as a list shows it: the row, with neither state nor data nor forms.
pub type InstanceSummary = InstanceRow;

/// Which incidents. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentFilter {
    /// Of which instance.
    pub instance: Option<InstanceId>,
}

/// What people and operators look at. Reads see what was committed before them.
#[async_trait]
pub trait Queries {
    /// Tasks: open ones by opening, then by id; after them closed ones by closing, then by id, with
    /// the latest first.
    ///
    /// # Errors
    /// `Unavailable`, `Other`; `Other` when the cursor is not one of this list.
    async fn tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>>;

    /// How many tasks there are.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64>;

    /// The task, open or closed.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>>;

    /// Instances, the latest started first.
    ///
    /// # Errors
    /// `Unavailable`, `Other`; `Other` when the cursor is not one of this list.
    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>>;

    /// The history of an instance, from the first entry; empty when there is no such instance.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>>;

    /// Open incidents, the latest first.
    ///
    /// # Errors
    /// `Unavailable`, `Other`; `Other` when the cursor is not one of this list.
    async fn incidents(
        &self,
        tenant: &TenantId,
        filter: &IncidentFilter,
        page: &PageRequest,
    ) -> Result<Page<IncidentRow>>;
}
