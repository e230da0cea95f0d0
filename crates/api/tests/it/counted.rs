//! A store that counts what it is asked, and fails when it is told to.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use jiff::Timestamp;
use signoff::{
    FileId, InstanceId, PersonId, Subject, TaskId, TenantId, WorkflowKey,
    core::{
        change::{HistoryRow, IncidentRow, JobWork, MessageRow, Rows, SubscriptionRow},
        id::{ActionId, JobId, MessageId, SubstitutionId},
        instance::{LoadedRows, TaskRow},
    },
    store::{
        ActionRow, Actions, AnsweredRequest, BindingRow, Bindings, Capabilities, ClaimedJob,
        DefinitionRow, Definitions, DraftRow, Drafts, EntryFilter, Error, ErrorKind, Failure,
        FileRow, Files, IncidentFilter, InstanceFilter, InstanceSummary, Instances, JobSummary,
        Jobs, KeptRequest, Lease, Load, Loaded, MemoryStore, Messages, OwnedTx, Page, PageRequest,
        Positioned, Published, Queries, Requests, Result, ScheduleRow, Schedules, StartsOf,
        Statistics, StatisticsFilter, Store, Stream, SubscriberFilter, SubstitutionFilter,
        SubstitutionRow, Substitutions, TaskFilter, TaskSummary, WorkflowChange, WorkflowRow,
    },
};

/// A store in memory that counts what it is asked; clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    inner: MemoryStore,
    asked: Arc<AtomicUsize>,
    for_jobs: Arc<AtomicUsize>,
    cut: Arc<AtomicBool>,
    fault: Arc<Mutex<Option<Fault>>>,
}

/// How a commit fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Nothing is written.
    Before,
    /// All is written, and nobody learns it.
    After,
}

impl Counted {
    /// The next commit fails.
    pub(crate) fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    /// How often it was asked since the last look.
    pub(crate) fn take(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    /// How many commits and transactions were for jobs since the last look.
    pub(crate) fn take_for_jobs(&self) -> usize {
        self.for_jobs.swap(0, Ordering::SeqCst)
    }

    /// Whether every call fails from now on.
    pub(crate) fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
    }

    fn check(&self) -> Result<()> {
        match self.cut.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Unavailable, "the cable was cut")),
            false => Ok(()),
        }
    }
}

impl Store for Counted {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

macro_rules! counted {
    ($part:ident: $(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {
        #[async_trait::async_trait]
        impl $part for Counted {
            $(async fn $name(&self, $($arg: $ty),*) -> $out {
                self.asked.fetch_add(1, Ordering::SeqCst);
                self.check()?;
                self.inner.$name($($arg),*).await
            })*
        }
    };
}

counted! {
    Definitions:
    fn publish(tenant: &TenantId, definitions: &[DefinitionRow], starts: &[StartsOf]) -> Result<Vec<Published>>;
    fn publish_draft(tenant: &TenantId, definition: &DefinitionRow, starts: &[(String, Timestamp)], revision: u64) -> Result<Option<Published>>;
    fn definition(tenant: &TenantId, workflow: &WorkflowKey, version: Option<u32>) -> Result<Option<DefinitionRow>>;
    fn definition_as_of(tenant: &TenantId, workflow: &WorkflowKey, published: Timestamp) -> Result<Option<DefinitionRow>>;
    fn workflow(tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>>;
    fn workflows(tenant: &TenantId) -> Result<Vec<WorkflowRow>>;
    fn workflow_change(tenant: &TenantId, key: &WorkflowKey, change: &WorkflowChange) -> Result<bool>;
    fn workflow_drop(tenant: &TenantId, key: &WorkflowKey) -> Result<bool>;
}
counted! {
    Drafts:
    fn draft(tenant: &TenantId, workflow: &WorkflowKey) -> Result<Option<DraftRow>>;
    fn draft_edits(tenant: &TenantId, workflow: &WorkflowKey) -> Result<u64>;
    fn draft_save(tenant: &TenantId, row: &DraftRow, title: &str) -> Result<bool>;
    fn draft_drop(tenant: &TenantId, workflow: &WorkflowKey, revision: u64) -> Result<bool>;
}
counted! {
    Bindings:
    fn bindings(tenant: &TenantId) -> Result<Vec<BindingRow>>;
    fn binding(tenant: &TenantId, subject_type: &str) -> Result<Option<BindingRow>>;
    fn binding_put(tenant: &TenantId, row: &BindingRow) -> Result<()>;
    fn binding_drop(tenant: &TenantId, subject_type: &str) -> Result<bool>;
}
counted! {
    Files:
    fn file_put(tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<()>;
    fn file(tenant: &TenantId, id: FileId) -> Result<Option<FileRow>>;
    fn file_content(tenant: &TenantId, id: FileId) -> Result<Option<Vec<u8>>>;
    fn files_of(tenant: &TenantId, instance: InstanceId) -> Result<Vec<FileRow>>;
    fn files_keep(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> Result<()>;
    fn files_release(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> Result<()>;
    fn files_drop(tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
}
#[async_trait::async_trait]
impl Instances for Counted {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        // As a database would: others run meanwhile.
        tokio::task::yield_now().await;
        self.inner.load(load).await
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        tokio::task::yield_now().await;
        let fault = self.fault.lock().unwrap().take();
        let away = || Error::new(ErrorKind::Unavailable, "the store is away");
        if fault == Some(Fault::Before) {
            return Err(away());
        }
        self.inner.commit_now(changes).await?;
        match fault {
            Some(_) => Err(away()),
            None => Ok(()),
        }
    }

    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.inner.begin(tenant).await
    }

    async fn commit_for_job(&self, changes: &[Rows]) -> Result<()> {
        self.for_jobs.fetch_add(1, Ordering::SeqCst);
        self.commit_now(changes).await
    }

    async fn begin_for_job(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        self.for_jobs.fetch_add(1, Ordering::SeqCst);
        self.begin(tenant).await
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.inner.running(tenant, workflow, subject).await
    }

    async fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.inner.keyed(tenant, workflow, key).await
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.check()?;
        self.inner.turn(tenant, pool, members).await
    }
}
counted! {
    Jobs:
    fn claim(lease: Lease) -> Result<Vec<ClaimedJob>>;
    fn finish(tenant: &TenantId, job: JobId, token: u64) -> Result<bool>;
    fn extend(tenant: &TenantId, job: JobId, token: u64, until: Timestamp) -> Result<bool>;
    fn retry(tenant: &TenantId, job: JobId, token: u64, due: Timestamp, failed: u32, work: &JobWork) -> Result<bool>;
    fn give_up(tenant: &TenantId, job: JobId, token: u64, failure: &Failure) -> Result<bool>;
    fn unpark(tenant: &TenantId, job: JobId, now: Timestamp) -> Result<bool>;
    fn jobs_of(tenant: &TenantId, instance: InstanceId) -> Result<Vec<JobSummary>>;
    fn next_due(tenant: Option<&TenantId>) -> Result<Option<Timestamp>>;
}
counted! {
    Messages:
    fn message_add(message: &MessageRow) -> Result<bool>;
    fn messages_drop(tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
    fn messages(tenant: &TenantId, name: &str, key: &str, now: Timestamp) -> Result<Vec<MessageRow>>;
    fn message(tenant: &TenantId, id: &MessageId) -> Result<Option<(MessageRow, Option<InstanceId>)>>;
    fn subscribers(filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>>;
}
/// Not counted either.
#[async_trait::async_trait]
impl Substitutions for Counted {
    async fn substitutions(
        &self,
        tenant: &TenantId,
        filter: &SubstitutionFilter,
    ) -> Result<Vec<SubstitutionRow>> {
        self.check()?;
        self.inner.substitutions(tenant, filter).await
    }

    async fn substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<Option<SubstitutionRow>> {
        self.inner.substitution(tenant, id).await
    }

    async fn substitution_put(&self, tenant: &TenantId, row: &SubstitutionRow) -> Result<()> {
        self.inner.substitution_put(tenant, row).await
    }

    async fn substitution_drop(&self, tenant: &TenantId, id: SubstitutionId) -> Result<bool> {
        self.inner.substitution_drop(tenant, id).await
    }
}
/// Not counted: an engine looks at the actions of a workflow once a second, not at each command.
#[async_trait::async_trait]
impl Actions for Counted {
    async fn actions(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Vec<ActionRow>> {
        self.check()?;
        self.inner.actions(tenant, workflow).await
    }

    async fn action(&self, tenant: &TenantId, id: ActionId) -> Result<Option<ActionRow>> {
        self.inner.action(tenant, id).await
    }

    async fn action_put(&self, tenant: &TenantId, row: &ActionRow) -> Result<()> {
        self.inner.action_put(tenant, row).await
    }

    async fn action_drop(&self, tenant: &TenantId, id: ActionId) -> Result<bool> {
        self.inner.action_drop(tenant, id).await
    }
}
counted! {
    Requests:
    fn request(tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>>;
    fn request_begin(tenant: &TenantId, request: &KeptRequest) -> Result<Option<KeptRequest>>;
    fn request_take_over(tenant: &TenantId, id: &str, taken_over: u64) -> Result<bool>;
    fn request_answer(tenant: &TenantId, id: &str, answer: &str) -> Result<bool>;
    fn request_forget(tenant: &TenantId, id: &str, taken_over: u64) -> Result<bool>;
    fn requests_drop(tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
}
counted! {
    Queries:
    fn tasks(tenant: &TenantId, filter: &TaskFilter, page: &PageRequest) -> Result<Page<TaskSummary>>;
    fn count_tasks(tenant: &TenantId, filter: &TaskFilter) -> Result<u64>;
    fn task(tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>>;
    fn instances(tenant: &TenantId, filter: &InstanceFilter, page: &PageRequest) -> Result<Page<InstanceSummary>>;
    fn count_instances(tenant: &TenantId, filter: &InstanceFilter) -> Result<u64>;
    fn history(tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>>;
    fn incidents(tenant: &TenantId, filter: &IncidentFilter, page: &PageRequest) -> Result<Page<IncidentRow>>;
    fn live(tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<LoadedRows>>;
    fn tasks_of(tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<TaskRow>>;
    fn statistics(tenant: &TenantId, filter: &StatisticsFilter) -> Result<Statistics>;
}
counted! {
    Stream:
    fn entries(tenant: &TenantId, filter: &EntryFilter, limit: u32) -> Result<Vec<Positioned>>;
    fn last_position(tenant: &TenantId) -> Result<u64>;
}
counted! {
    Schedules:
    fn schedules_due(tenant: Option<&TenantId>, now: Timestamp, limit: u32) -> Result<Vec<ScheduleRow>>;
    fn schedule_move(row: &ScheduleRow, to: Timestamp) -> Result<bool>;
    fn next_schedule(tenant: Option<&TenantId>) -> Result<Option<Timestamp>>;
}
