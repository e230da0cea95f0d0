//! What people and operators look at.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    actor::Person,
    change::{HistoryRow, IncidentRow},
    id::{IncidentId, InstanceId, PersonId, Subject, TaskId, TenantId},
    instance::{InstanceRow, LoadedRows, TaskRow},
};

use crate::{
    contract::{Choice, FieldFilter, InstanceOrder, Page, PageRequest, Period},
    error::Result,
};

/// Whose tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Whose {
    /// Everybody's.
    #[default]
    All,
    /// Open tasks that nobody has and the person may take: named as a candidate, by a role, or
    /// offered to anyone.
    AvailableTo(Person),
    /// Tasks that the person decided.
    DoneBy(PersonId),
    /// Open tasks that the person has and did not put out of sight.
    HeldBy(PersonId),
}

/// Which tasks. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskFilter {
    /// Whose.
    pub whose: Whose,
    /// Of which instance.
    pub instance: Option<InstanceId>,
    /// Only open ones, only closed ones, or both.
    pub open: Option<bool>,
    /// Of instances of these workflows.
    pub workflow: Choice,
    /// Of visits of the node with this key.
    pub node: Option<String>,
    /// The state: `ready`, `assigned` …
    pub state: Choice,
    /// When it was opened.
    pub opened: Period,
    /// When it was closed; an open one in the open period alone.
    pub closed: Period,
    /// Of instances about subjects of this type.
    pub subject_type: Option<String>,
    /// What was said: `approved`, `rejected` …
    pub outcome: Option<String>,
    /// When it is due.
    pub due: Period,
    /// Of instances that the host knows by this key.
    pub business_key: Option<String>,
    /// Of instances that this person asked for.
    pub requester: Option<PersonId>,
    /// A part of the instance's title in any language, of its business key, or of the id of its
    /// subject; letters of ASCII in either case.
    pub search: Option<String>,
    /// What fields of the instance's data must be.
    pub fields: Vec<FieldFilter>,
    /// Whether the list is read from its end: open tasks from the latest opened, closed ones before
    /// them from the earliest closed.
    pub reversed: bool,
}

impl TaskFilter {
    /// Tasks of somebody, of any kind.
    #[must_use]
    pub fn of(whose: Whose) -> Self {
        Self {
            whose,
            ..Self::default()
        }
    }

    /// Whether it asks for more than whose tasks, of which instance, open or closed.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.workflow != Choice::Any
            || self.node.is_some()
            || self.state != Choice::Any
            || !self.opened.is_open()
            || !self.closed.is_open()
            || self.subject_type.is_some()
            || self.outcome.is_some()
            || !self.due.is_open()
            || self.business_key.is_some()
            || self.requester.is_some()
            || self.search.is_some()
            || !self.fields.is_empty()
    }
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
    /// What the host knows its instance by.
    pub business_key: Option<String>,
}

/// Which instances. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceFilter {
    /// The status: `running`, `completed` …
    pub status: Choice,
    /// The key of the workflow.
    pub workflow: Choice,
    /// The subject.
    pub subject: Option<Subject>,
    /// The type of the subject; not looked at where `subject` is named.
    pub subject_type: Option<String>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// The instance that started it.
    pub parent: Option<InstanceId>,
    /// What the host knows it by.
    pub business_key: Option<String>,
    /// A part of the title in any language, of the business key, or of the id of the subject; letters
    /// of ASCII in either case.
    pub search: Option<String>,
    /// When it started, or was attached.
    pub started: Period,
    /// When it ended; what runs did not.
    pub ended: Period,
    /// Whether it has open incidents.
    pub incidents: Option<bool>,
    /// What fields of the data must be.
    pub fields: Vec<FieldFilter>,
    /// In which order.
    pub order: InstanceOrder,
}

impl InstanceFilter {
    /// Whether it asks for more than its indexes, one status and one workflow tell.
    #[must_use]
    pub const fn is_narrow(&self) -> bool {
        self.search.is_some()
            || !self.ended.is_open()
            || self.incidents.is_some()
            || !self.fields.is_empty()
    }
}

/// An instance as a list shows it: the row, with neither state nor data nor forms.
pub type InstanceSummary = InstanceRow;

/// Which incidents. Everything named must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentFilter {
    /// Of which instance.
    pub instance: Option<InstanceId>,
    /// The one of this id.
    pub id: Option<IncidentId>,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticsFilter {
    /// Only this workflow.
    pub workflow: Option<String>,
    /// Only instances that started, and tasks that opened, at this moment or later.
    pub since: Option<Timestamp>,
    /// The moment of the caller: open tasks due before it are overdue.
    pub now: Timestamp,
}

/// Instances and tasks, counted. Times are in whole milliseconds, each rounded towards zero before it
/// is summed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Statistics {
    /// By workflow, then status.
    pub instances: Vec<InstanceCount>,
    /// By workflow, then node.
    pub nodes: Vec<NodeCount>,
    /// By person.
    pub people: Vec<PersonCount>,
}

/// Instances of one workflow in one status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceCount {
    /// The key of the workflow.
    pub workflow: String,
    /// The status.
    pub status: String,
    /// How many.
    pub count: u64,
    /// Those that ended.
    pub ended: u64,
    /// From start to end of those that ended, summed.
    pub total_ms: i64,
    /// The longest of them.
    pub longest_ms: i64,
}

/// Tasks of one node of a workflow, whatever the version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NodeCount {
    /// The key of the workflow.
    pub workflow: String,
    /// The key of the node.
    pub node: String,
    /// Those that wait.
    pub open: u64,
    /// Of those, the ones whose moment has passed.
    pub overdue: u64,
    /// Those that somebody decided.
    pub done: u64,
    /// From opening to decision of those, summed.
    pub total_ms: i64,
    /// The longest of them.
    pub longest_ms: i64,
}

/// Tasks of one person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PersonCount {
    /// The person.
    pub person: PersonId,
    /// Those that the person has.
    pub open: u64,
    /// Of those, the ones whose moment has passed.
    pub overdue: u64,
    /// Those that the person decided.
    pub done: u64,
    /// From opening to decision of those, summed.
    pub total_ms: i64,
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

    /// Instances, in the order that the filter names; the latest started first when it names none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`; `Other` when the cursor is not one of this list.
    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>>;

    /// How many instances there are.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn count_instances(&self, tenant: &TenantId, filter: &InstanceFilter) -> Result<u64>;

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

    /// The instances with everything that lives in them, in the order of `ids`, without those that the
    /// tenant does not have; one statement however many they are.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn live(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<LoadedRows>>;

    /// Every task of these instances, open and closed, by instance, then by number; one statement
    /// however many they are.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn tasks_of(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<TaskRow>>;

    /// Instances and tasks of a tenant, counted, in three statements.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn statistics(&self, tenant: &TenantId, filter: &StatisticsFilter) -> Result<Statistics>;
}
