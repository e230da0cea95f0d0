//! A store whose calls fail.

use std::{any::Any, fmt, future::Future, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{HistoryRow, IncidentRow, JobWork, MessageRow, Rows, SubscriptionRow},
    id::{
        ActionId, FileId, InstanceId, JobId, MessageId, PersonId, Subject, SubstitutionId, TaskId,
        TenantId, WorkflowKey,
    },
    instance::{LoadedRows, TaskRow},
};

use super::{Fault, Faults};
use crate::{
    contract::{
        ActionRow, Actions, AnsweredRequest, BindingRow, Bindings, Capabilities, ClaimedJob,
        DefinitionRow, Definitions, DraftRow, Drafts, EntryFilter, Failure, FileRow, Files,
        IncidentFilter, InstanceFilter, InstanceSummary, Instances, JobSummary, Jobs, KeptRequest,
        Lease, Load, Loaded, Messages, OwnedTx, Page, PageRequest, Positioned, Published, Queries,
        Requests, ScheduleRow, Schedules, StartsOf, Statistics, StatisticsFilter, Store, Stream,
        SubscriberFilter, SubstitutionFilter, SubstitutionRow, Substitutions, TaskFilter,
        TaskSummary, UnitOfWork, WorkflowChange, WorkflowRow,
    },
    error::{Error, ErrorKind, Result},
};

/// A store that hands everything on to another one, and fails when it is told to: each call of the
/// contract is one, those inside of transactions too.
///
/// # Example
/// ```
/// # async fn example() {
/// use std::sync::Arc;
///
/// use signoff_store::{
///     Bindings, MemoryStore,
///     conformance::{Fault, Faults, FaultyStore},
/// };
///
/// let faults = Faults::new();
/// let store = FaultyStore::new(Arc::new(MemoryStore::new()), &faults);
/// faults.after(0, Fault::Before);
/// assert!(store.bindings(&"acme".into()).await.is_err());
/// assert!(faults.heal());
/// # }
/// ```
#[derive(Clone)]
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    faults: Faults,
}

impl FaultyStore {
    /// A store that fails as `faults` say.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, faults: &Faults) -> Self {
        let faults = faults.clone();
        Self { inner, faults }
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FaultyStore").field(&self.inner).finish()
    }
}

/// What a call gives whose answer the plan may keep.
async fn pass<T>(faults: &Faults, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
    match faults.next() {
        None => call.await,
        Some(Fault::After) => call.await.and(Err(lost())),
        Some(Fault::Before | Fault::Down) => Err(lost()),
    }
}

fn lost() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the connection was lost, as it was told to be",
    )
}

/// Hands each call of a trait on.
macro_rules! hand_on {
    ($trait:ident: $($name:ident($($arg:ident: $type:ty),*) -> $out:ty;)+) => {
        #[async_trait]
        impl $trait for FaultyStore {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$out> {
                pass(&self.faults, self.inner.$name($($arg),*)).await
            })+
        }
    };
}

#[async_trait]
impl Store for FaultyStore {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn now(&self) -> Result<Option<Timestamp>> {
        pass(&self.faults, self.inner.now()).await
    }

    fn announce(&self) {
        self.inner.announce();
    }

    async fn announced(&self) {
        self.inner.announced().await;
    }
}

hand_on! { Actions:
    actions(tenant: &TenantId, workflow: &WorkflowKey) -> Vec<ActionRow>;
    action(tenant: &TenantId, id: ActionId) -> Option<ActionRow>;
    action_put(tenant: &TenantId, row: &ActionRow) -> ();
    action_drop(tenant: &TenantId, id: ActionId) -> bool;
}

hand_on! { Bindings:
    bindings(tenant: &TenantId) -> Vec<BindingRow>;
    binding(tenant: &TenantId, subject_type: &str) -> Option<BindingRow>;
    binding_put(tenant: &TenantId, row: &BindingRow) -> ();
    binding_drop(tenant: &TenantId, subject_type: &str) -> bool;
}

hand_on! { Definitions:
    publish(tenant: &TenantId, definitions: &[DefinitionRow], starts: &[StartsOf]) -> Vec<Published>;
    publish_draft(tenant: &TenantId, definition: &DefinitionRow, starts: &[(String, Timestamp)], revision: u64) -> Option<Published>;
    definition(tenant: &TenantId, workflow: &WorkflowKey, version: Option<u32>) -> Option<DefinitionRow>;
    definition_as_of(tenant: &TenantId, workflow: &WorkflowKey, published: Timestamp) -> Option<DefinitionRow>;
    workflow(tenant: &TenantId, key: &WorkflowKey) -> Option<WorkflowRow>;
    workflows(tenant: &TenantId) -> Vec<WorkflowRow>;
    workflow_change(tenant: &TenantId, key: &WorkflowKey, change: &WorkflowChange) -> bool;
    workflow_drop(tenant: &TenantId, key: &WorkflowKey) -> bool;
}

hand_on! { Drafts:
    draft(tenant: &TenantId, workflow: &WorkflowKey) -> Option<DraftRow>;
    draft_edits(tenant: &TenantId, workflow: &WorkflowKey) -> u64;
    draft_save(tenant: &TenantId, row: &DraftRow, title: &str) -> bool;
    draft_drop(tenant: &TenantId, workflow: &WorkflowKey, revision: u64) -> bool;
}

hand_on! { Files:
    file_put(tenant: &TenantId, row: &FileRow, content: &[u8]) -> ();
    file(tenant: &TenantId, id: FileId) -> Option<FileRow>;
    file_content(tenant: &TenantId, id: FileId) -> Option<Vec<u8>>;
    files_of(tenant: &TenantId, instance: InstanceId) -> Vec<FileRow>;
    files_keep(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> ();
    files_release(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> ();
    files_drop(tenant: Option<&TenantId>, before: Timestamp) -> u64;
}

hand_on! { Jobs:
    claim(lease: Lease) -> Vec<ClaimedJob>;
    finish(tenant: &TenantId, job: JobId, token: u64) -> bool;
    extend(tenant: &TenantId, job: JobId, token: u64, until: Timestamp) -> bool;
    retry(tenant: &TenantId, job: JobId, token: u64, due: Timestamp, failed: u32, work: &JobWork) -> bool;
    give_up(tenant: &TenantId, job: JobId, token: u64, failure: &Failure) -> bool;
    unpark(tenant: &TenantId, job: JobId, now: Timestamp) -> bool;
    jobs_of(tenant: &TenantId, instance: InstanceId) -> Vec<JobSummary>;
    next_due(tenant: Option<&TenantId>) -> Option<Timestamp>;
}

hand_on! { Messages:
    message_add(message: &MessageRow) -> bool;
    messages(tenant: &TenantId, name: &str, key: &str, now: Timestamp) -> Vec<MessageRow>;
    message(tenant: &TenantId, id: &MessageId) -> Option<(MessageRow, Option<InstanceId>)>;
    messages_drop(tenant: Option<&TenantId>, before: Timestamp) -> u64;
    subscribers(filter: &SubscriberFilter) -> Vec<SubscriptionRow>;
}

hand_on! { Queries:
    tasks(tenant: &TenantId, filter: &TaskFilter, page: &PageRequest) -> Page<TaskSummary>;
    count_tasks(tenant: &TenantId, filter: &TaskFilter) -> u64;
    task(tenant: &TenantId, id: TaskId) -> Option<TaskSummary>;
    instances(tenant: &TenantId, filter: &InstanceFilter, page: &PageRequest) -> Page<InstanceSummary>;
    count_instances(tenant: &TenantId, filter: &InstanceFilter) -> u64;
    history(tenant: &TenantId, instance: InstanceId) -> Vec<HistoryRow>;
    incidents(tenant: &TenantId, filter: &IncidentFilter, page: &PageRequest) -> Page<IncidentRow>;
    live(tenant: &TenantId, ids: &[InstanceId]) -> Vec<LoadedRows>;
    tasks_of(tenant: &TenantId, ids: &[InstanceId]) -> Vec<TaskRow>;
    statistics(tenant: &TenantId, filter: &StatisticsFilter) -> Statistics;
}

hand_on! { Requests:
    request(tenant: &TenantId, id: &str) -> Option<AnsweredRequest>;
    request_begin(tenant: &TenantId, request: &KeptRequest) -> Option<KeptRequest>;
    request_take_over(tenant: &TenantId, id: &str, taken_over: u64) -> bool;
    request_answer(tenant: &TenantId, id: &str, answer: &str) -> bool;
    request_forget(tenant: &TenantId, id: &str, taken_over: u64) -> bool;
    requests_drop(tenant: Option<&TenantId>, before: Timestamp) -> u64;
}

hand_on! { Substitutions:
    substitutions(tenant: &TenantId, filter: &SubstitutionFilter) -> Vec<SubstitutionRow>;
    substitution(tenant: &TenantId, id: SubstitutionId) -> Option<SubstitutionRow>;
    substitution_put(tenant: &TenantId, row: &SubstitutionRow) -> ();
    substitution_drop(tenant: &TenantId, id: SubstitutionId) -> bool;
}

hand_on! { Stream:
    entries(tenant: &TenantId, filter: &EntryFilter, limit: u32) -> Vec<Positioned>;
    last_position(tenant: &TenantId) -> u64;
}

hand_on! { Schedules:
    schedules_due(tenant: Option<&TenantId>, now: Timestamp, limit: u32) -> Vec<ScheduleRow>;
    schedule_move(row: &ScheduleRow, to: Timestamp) -> bool;
    next_schedule(tenant: Option<&TenantId>) -> Option<Timestamp>;
}

#[async_trait]
impl Instances for FaultyStore {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        pass(&self.faults, self.inner.load(load)).await
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        pass(&self.faults, self.inner.commit_now(changes)).await
    }

    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        let inner = pass(&self.faults, self.inner.begin(tenant)).await?;
        let faults = self.faults.clone();
        Ok(Box::new(FaultyTx { inner, faults }))
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let running = self.inner.running(tenant, workflow, subject);
        pass(&self.faults, running).await
    }

    async fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        let keyed = self.inner.keyed(tenant, workflow, key);
        pass(&self.faults, keyed).await
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        let turn = self.inner.turn(tenant, pool, members);
        pass(&self.faults, turn).await
    }
}

/// A transaction of it.
struct FaultyTx {
    inner: Box<dyn OwnedTx>,
    faults: Faults,
}

#[async_trait]
impl UnitOfWork for FaultyTx {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        pass(&self.faults, self.inner.load(load)).await
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let running = self.inner.running(tenant, workflow, subject);
        pass(&self.faults, running).await
    }

    async fn keyed(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        let keyed = self.inner.keyed(tenant, workflow, key);
        pass(&self.faults, keyed).await
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        let turn = self.inner.turn(tenant, pool, members);
        pass(&self.faults, turn).await
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        pass(&self.faults, self.inner.commit(changes)).await
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        self.inner.host()
    }
}

#[async_trait]
impl OwnedTx for FaultyTx {
    async fn finish(self: Box<Self>) -> Result<()> {
        let Self { inner, faults } = *self;
        pass(&faults, inner.finish()).await
    }
}
