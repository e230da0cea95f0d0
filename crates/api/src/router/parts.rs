//! The storage contract: what names a tenant goes to its store.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::select_all;
use jiff::Timestamp;
use signoff_core::{
    change::{HistoryRow, IncidentRow, JobWork, MessageRow, Rows, SubscriptionRow},
    id::{
        ActionId, FileId, InstanceId, JobId, MessageId, PersonId, Subject, SubstitutionId, TaskId,
        TenantId, WorkflowKey,
    },
    instance::{LoadedRows, TaskRow},
};
use signoff_store::{
    ActionRow, Actions, AnsweredRequest, BindingRow, Bindings, Capabilities, ClaimedJob,
    DefinitionRow, Definitions, DraftRow, Drafts, EntryFilter, Failure, FileRow, Files,
    IncidentFilter, InstanceFilter, InstanceSummary, Instances, JobSummary, Jobs, KeptRequest,
    Lease, Load, Loaded, Messages, OwnedTx, Page, PageRequest, Positioned, Published, Queries,
    Requests, Result, ScheduleRow, Schedules, StartsOf, Statistics, StatisticsFilter, Store,
    Stream, SubscriberFilter, SubstitutionFilter, SubstitutionRow, Substitutions, TaskFilter,
    TaskSummary, WorkflowChange, WorkflowRow,
};

use crate::router::{
    TenantRouter,
    transaction::{TenantTx, one_tenant},
};

#[async_trait]
impl Store for TenantRouter {
    /// What all stores can do that are open; one that was not opened yet counts as able to do nothing.
    fn capabilities(&self) -> Capabilities {
        let members = self.members();
        let each = members.iter().map(|member| {
            let opened = member.opened();
            opened.map_or(Capabilities::NONE, |store| store.capabilities())
        });
        each.reduce(Capabilities::least).unwrap_or_default()
    }

    /// That of the first store that is open and has a clock: every engine asks the same one.
    async fn now(&self) -> Result<Option<Timestamp>> {
        for member in self.members() {
            if let Some(store) = member.opened()
                && let Some(now) = store.now().await?
            {
                return Ok(Some(now));
            }
        }
        Ok(None)
    }

    /// To whoever listens on any of the stores that are open: which of them has work, nobody says.
    fn announce(&self) {
        for member in self.members() {
            if let Some(store) = member.opened() {
                store.announce();
            }
        }
    }

    async fn announced(&self) {
        let members = self.members();
        let open = members.iter().filter_map(|member| member.opened());
        let each: Vec<_> = open.map(|store| store.announced()).collect();
        match each.is_empty() {
            true => std::future::pending().await,
            false => drop(select_all(each).await),
        }
    }
}

/// A part of the contract: calls that begin with the tenant, and after `;` those that do not.
macro_rules! part {
    ($part:ident {
        $(fn $name:ident(tenant $(, $arg:ident: $ty:ty)*) -> $out:ty;)*
        $(=> $($rest:tt)*)?
    }) => {
        #[async_trait]
        impl $part for TenantRouter {
            $(async fn $name(&self, tenant: &TenantId, $($arg: $ty),*) -> Result<$out> {
                self.store_of(tenant).await?.$name(tenant, $($arg),*).await
            })*
            $($($rest)*)?
        }
    };
}

part! { Actions {
    fn actions(tenant, workflow: &WorkflowKey) -> Vec<ActionRow>;
    fn action(tenant, id: ActionId) -> Option<ActionRow>;
    fn action_put(tenant, row: &ActionRow) -> ();
    fn action_drop(tenant, id: ActionId) -> bool;
}}

part! { Substitutions {
    fn substitutions(tenant, filter: &SubstitutionFilter) -> Vec<SubstitutionRow>;
    fn substitution(tenant, id: SubstitutionId) -> Option<SubstitutionRow>;
    fn substitution_put(tenant, row: &SubstitutionRow) -> ();
    fn substitution_drop(tenant, id: SubstitutionId) -> bool;
}}

part! { Bindings {
    fn bindings(tenant) -> Vec<BindingRow>;
    fn binding(tenant, subject_type: &str) -> Option<BindingRow>;
    fn binding_put(tenant, row: &BindingRow) -> ();
    fn binding_drop(tenant, subject_type: &str) -> bool;
}}

part! { Definitions {
    fn publish(tenant, definitions: &[DefinitionRow], starts: &[StartsOf]) -> Vec<Published>;
    fn publish_draft(
        tenant,
        definition: &DefinitionRow,
        starts: &[(String, Timestamp)],
        revision: u64
    ) -> Option<Published>;
    fn definition(tenant, workflow: &WorkflowKey, version: Option<u32>) -> Option<DefinitionRow>;
    fn definition_as_of(
        tenant,
        workflow: &WorkflowKey,
        published: Timestamp
    ) -> Option<DefinitionRow>;
    fn workflow(tenant, key: &WorkflowKey) -> Option<WorkflowRow>;
    fn workflows(tenant) -> Vec<WorkflowRow>;
    fn workflow_change(tenant, key: &WorkflowKey, change: &WorkflowChange) -> bool;
    fn workflow_drop(tenant, key: &WorkflowKey) -> bool;
}}

part! { Drafts {
    fn draft(tenant, workflow: &WorkflowKey) -> Option<DraftRow>;
    fn draft_edits(tenant, workflow: &WorkflowKey) -> u64;
    fn draft_save(tenant, row: &DraftRow, title: &str) -> bool;
    fn draft_drop(tenant, workflow: &WorkflowKey, revision: u64) -> bool;
}}

part! { Files {
    fn file_put(tenant, row: &FileRow, content: &[u8]) -> ();
    fn file(tenant, id: FileId) -> Option<FileRow>;
    fn file_content(tenant, id: FileId) -> Option<Vec<u8>>;
    fn files_of(tenant, instance: InstanceId) -> Vec<FileRow>;
    fn files_keep(tenant, ids: &[FileId], instance: InstanceId) -> ();
    fn files_release(tenant, ids: &[FileId], instance: InstanceId) -> ();
    =>
    async fn files_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        if let Some(one) = tenant {
            return self.store_of(one).await?.files_drop(tenant, before).await;
        }
        let drop = |store: Arc<dyn Store>| async move { store.files_drop(None, before).await };
        Ok(self.ask_all(drop).await?.into_iter().sum())
    }
}}

part! { Instances {
    fn running(tenant, workflow: &WorkflowKey, subject: &Subject) -> Option<InstanceId>;
    fn keyed(tenant, workflow: &WorkflowKey, key: &str) -> Option<InstanceId>;
    fn turn(tenant, pool: &str, members: &[PersonId]) -> PersonId;
    =>
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        self.store_of(&load.tenant).await?.load(load).await
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        match one_tenant(changes)? {
            Some(tenant) => self.store_of(tenant).await?.commit_now(changes).await,
            None => Ok(()),
        }
    }

    async fn commit_for_job(&self, changes: &[Rows]) -> Result<()> {
        match one_tenant(changes)? {
            Some(tenant) => self.store_of(tenant).await?.commit_for_job(changes).await,
            None => Ok(()),
        }
    }

    async fn begin(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        let tx = self.store_of(tenant).await?.begin(tenant).await?;
        let tenant = tenant.clone();
        Ok(Box::new(TenantTx { tenant, tx }))
    }

    async fn begin_for_job(&self, tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        let tx = self.store_of(tenant).await?.begin_for_job(tenant).await?;
        let tenant = tenant.clone();
        Ok(Box::new(TenantTx { tenant, tx }))
    }
}}

part! { Jobs {
    fn finish(tenant, job: JobId, token: u64) -> bool;
    fn extend(tenant, job: JobId, token: u64, until: Timestamp) -> bool;
    fn retry(
        tenant,
        job: JobId,
        token: u64,
        due: Timestamp,
        failed: u32,
        work: &JobWork
    ) -> bool;
    fn give_up(tenant, job: JobId, token: u64, failure: &Failure) -> bool;
    fn unpark(tenant, job: JobId, now: Timestamp) -> bool;
    fn jobs_of(tenant, instance: InstanceId) -> Vec<JobSummary>;
    =>
    async fn claim(&self, lease: Lease) -> Result<Vec<ClaimedJob>> {
        match &lease.tenant {
            Some(tenant) => self.store_of(tenant).await?.claim(lease).await,
            None => self.claim_all(&lease).await,
        }
    }

    async fn next_due(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        if let Some(one) = tenant {
            return self.store_of(one).await?.next_due(tenant).await;
        }
        let next = |store: Arc<dyn Store>| async move { store.next_due(None).await };
        Ok(self.ask_all(next).await?.into_iter().flatten().min())
    }
}}

part! { Messages {
    fn messages(tenant, name: &str, key: &str, now: Timestamp) -> Vec<MessageRow>;
    fn message(tenant, id: &MessageId) -> Option<(MessageRow, Option<InstanceId>)>;
    =>
    async fn message_add(&self, message: &MessageRow) -> Result<bool> {
        self.store_of(&message.tenant).await?.message_add(message).await
    }

    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        if let Some(one) = tenant {
            return self.store_of(one).await?.messages_drop(tenant, before).await;
        }
        let drop = |store: Arc<dyn Store>| async move { store.messages_drop(None, before).await };
        Ok(self.ask_all(drop).await?.into_iter().sum())
    }

    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>> {
        self.store_of(&filter.tenant).await?.subscribers(filter).await
    }
}}

part! { Queries {
    fn tasks(tenant, filter: &TaskFilter, page: &PageRequest) -> Page<TaskSummary>;
    fn count_tasks(tenant, filter: &TaskFilter) -> u64;
    fn task(tenant, id: TaskId) -> Option<TaskSummary>;
    fn instances(tenant, filter: &InstanceFilter, page: &PageRequest) -> Page<InstanceSummary>;
    fn count_instances(tenant, filter: &InstanceFilter) -> u64;
    fn history(tenant, instance: InstanceId) -> Vec<HistoryRow>;
    fn incidents(tenant, filter: &IncidentFilter, page: &PageRequest) -> Page<IncidentRow>;
    fn live(tenant, ids: &[InstanceId]) -> Vec<LoadedRows>;
    fn tasks_of(tenant, ids: &[InstanceId]) -> Vec<TaskRow>;
    fn statistics(tenant, filter: &StatisticsFilter) -> Statistics;
}}

part! { Requests {
    fn request(tenant, id: &str) -> Option<AnsweredRequest>;
    fn request_begin(tenant, request: &KeptRequest) -> Option<KeptRequest>;
    fn request_take_over(tenant, id: &str, taken_over: u64) -> bool;
    fn request_answer(tenant, id: &str, answer: &str) -> bool;
    fn request_forget(tenant, id: &str, taken_over: u64) -> bool;
    =>
    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        if let Some(one) = tenant {
            return self.store_of(one).await?.requests_drop(tenant, before).await;
        }
        let drop = |store: Arc<dyn Store>| async move { store.requests_drop(None, before).await };
        Ok(self.ask_all(drop).await?.into_iter().sum())
    }
}}

part! { Stream {
    fn entries(tenant, filter: &EntryFilter, limit: u32) -> Vec<Positioned>;
    fn last_position(tenant) -> u64;
}}

part! { Schedules {
    =>
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        match tenant {
            Some(one) => self.store_of(one).await?.schedules_due(tenant, now, limit).await,
            None => self.schedules_due_of_all(now, limit).await,
        }
    }

    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool> {
        self.store_of(&row.tenant).await?.schedule_move(row, to).await
    }

    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        if let Some(one) = tenant {
            return self.store_of(one).await?.next_schedule(tenant).await;
        }
        let next = |store: Arc<dyn Store>| async move { store.next_schedule(None).await };
        Ok(self.ask_all(next).await?.into_iter().flatten().min())
    }
}}
