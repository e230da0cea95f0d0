//! The engine: one call decides, one commit writes.

mod actions;
mod answer;
mod bases;
mod bindings;
mod builder;
mod case;
mod comments;
mod definitions;
mod door;
mod drafts;
mod execute;
mod files;
mod jobs;
mod kept;
mod leavers;
mod looks;
mod marks;
mod messages;
mod migrate;
mod named;
mod newest;
mod next;
mod once;
mod queue;
mod reading;
mod retry;
mod run_action;
mod schedules;
mod settings;
mod signals;
mod startable;
mod statuses;
mod stream;
mod substitutions;
mod versions;
mod visits;
mod within;
mod workflows;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicI64},
};

use signoff_core::{
    facts::Settings,
    id::{InstanceId, TaskId, TenantId},
    instance::Instance,
    limits::Limits,
};
use signoff_store::Store;
use tokio::sync::Notify;

pub(crate) use self::execute::is_conflict;
pub(crate) use self::signals::Throw;
pub use self::{
    actions::{NewAction, StoredAction},
    builder::Builder,
    comments::Comment,
    definitions::{Definition, PublishedDefinition, validate, validate_together},
    drafts::{Content, DraftReport, DraftView},
    files::Upload,
    looks::{InstanceView, TaskView},
    messages::{Message, Sent},
    named::{Attempt, Unsuccessful},
    reading::{
        Approval, CatalogueStatus, EntryDetail, EntryState, FilledForm, GroupDetail,
        InstanceDetail, Load, MyApprovals, MyCounts, NodeStatistics, Overview, Report, StageDetail,
        StatusMoment, SystemReport, Upcoming, VisitDetail, Waiting, WorkflowStatistics,
        WorkflowStatuses,
    },
    retry::Retry,
    run_action::RunAction,
    signals::Signal,
    startable::Startable,
    statuses::{StatusChoice, StepStatuses, WayChoice},
    stream::{Entries, EntriesOf, Entry},
    visits::{Visit, VisitState, VisitView},
    within::Within,
    workflows::{WorkflowItem, Workflows},
};
use self::{definitions::Shelf, kept::Kept, newest::Newest, queue::Queue};
use crate::{
    call::{Call, Start},
    clock::{Aligned, Clock},
    directory::Directory,
    error::NotDone,
    function::SharedFunction,
    mail::Post,
    worker::Worker,
};

/// The engine. Cheap to clone; no globals; spawns nothing by itself.
///
/// Somebody must run [`worker`](Self::worker) or call [`tick`](Self::tick), or neither mail is sent nor
/// timers fire.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The same.
    pub(crate) aligned: Arc<Aligned>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) functions: std::collections::BTreeMap<String, SharedFunction>,
    pub(crate) actions: signoff_actions::Registry,
    pub(crate) post: Post,
    pub(crate) shelf: Shelf,
    pub(crate) reactions: actions::Reactions,
    pub(crate) substitutes: substitutions::Substitutes,
    pub(crate) queue: Queue,
    pub(crate) kept: Kept,
    pub(crate) newest: Newest,
    pub(crate) nudge: Notify,
    pub(crate) only_tenant: Option<TenantId>,
    /// The types that subjects may have; any when empty.
    pub(crate) subject_types: std::collections::BTreeSet<String>,
    /// When its workers drop old messages next, in seconds since 1970.
    pub(crate) cleans_at: AtomicI64,
    /// Of which tenant its workers claimed jobs last.
    pub(crate) last_turn: std::sync::Mutex<Option<TenantId>>,
    /// Whether a new workflow begins with actions of its own that mail.
    pub(crate) begins_with_mail: bool,
    /// Whether another engine runs what this one publishes.
    pub(crate) is_tool: bool,
    /// Whether the test kit looks on; a host that merely has the feature pays nothing for it.
    #[cfg(feature = "testing")]
    pub(crate) observed: bool,
    #[cfg(feature = "testing")]
    pub(crate) broken_law: std::sync::Mutex<Option<String>>,
    #[cfg(feature = "testing")]
    pub(crate) executed: crate::worker::Executed,
}

impl Inner {
    /// Of which tenant its workers claimed jobs last.
    pub(crate) fn last_turn(&self) -> std::sync::MutexGuard<'_, Option<TenantId>> {
        let turn = self.last_turn.lock();
        turn.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("store", &self.inner.store)
            .field("directory", &self.inner.directory)
            .finish_non_exhaustive()
    }
}

/// A command that was accepted and written.
#[derive(Clone, Debug)]
pub struct Done {
    /// The instance after it.
    pub instance: Instance,
    /// The tasks that it opened, in order.
    pub opened: Vec<TaskId>,
    /// The names of what happened, in order.
    pub events: Vec<&'static str>,
    /// Stable codes beside the acceptance.
    pub notices: Vec<&'static str>,
}

impl Done {
    /// The id of the instance.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.instance.id()
    }
}

impl Engine {
    /// Begins to build an engine.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts an instance.
    ///
    /// With `if_running: return` and a running instance of the subject, that one is given, and nothing
    /// is written.
    ///
    /// # Errors
    /// Refused: `not_found`, `definition_inactive`, `not_permitted`, `form_invalid`, `already_started`,
    /// `not_unique`, `no_approver`, `node_failed`, `limit_exceeded`. Failed: store or directory.
    pub async fn start(&self, start: Start) -> Result<Done, NotDone> {
        door::start(&start)?;
        if start.once.is_some() {
            return Box::pin(self.start_once(start)).await;
        }
        self.start_any(start).await
    }

    /// Does what somebody asks.
    ///
    /// # Errors
    /// Refused, with one of the codes in `docs/errors`; failed: store or directory. Either way nothing
    /// was written.
    pub async fn call(&self, call: Call) -> Result<Done, NotDone> {
        door::call(&call)?;
        if call.once.is_some() {
            return Box::pin(self.call_once(call)).await;
        }
        self.call_any(call).await
    }

    async fn start_any(&self, start: Start) -> Result<Done, NotDone> {
        match files::start_refers(&start) {
            true => Box::pin(self.start_with_files(start)).await,
            false => self.start_on(None, start).await,
        }
    }

    async fn call_any(&self, call: Call) -> Result<Done, NotDone> {
        match files::call_refers(&call) {
            true => Box::pin(self.call_with_files(call)).await,
            false => self.call_on(None, call).await,
        }
    }

    /// Does what somebody asks of many, one after another; each is accepted or refused by itself, and
    /// the results stand in the order of the calls.
    pub async fn call_all(
        &self,
        calls: impl IntoIterator<Item = Call>,
    ) -> Vec<Result<Done, NotDone>> {
        let mut results = Vec::new();
        for call in calls {
            results.push(self.call(call).await);
        }
        results
    }

    /// What a call would do: decided as [`call`](Self::call) does, and forgotten. Nothing is written;
    /// functions of the host run in a transaction that is rolled back.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn dry_run(&self, call: Call) -> Result<Done, NotDone> {
        self.preview(call).await
    }

    /// The same engine inside a transaction that the host holds: what it writes commits with the
    /// host's own writes, or not at all. Call [`nudge`](Self::nudge) after the commit.
    pub fn within<'a>(&self, tx: &'a mut dyn signoff_store::UnitOfWork) -> Within<'a> {
        Within::new(self.clone(), tx)
    }

    /// Tells the workers that there may be work: that of this engine, and those of other processes
    /// where the database can. Called by the engine itself after its own commits.
    pub fn nudge(&self) {
        self.inner.nudge.notify_one();
        self.inner.store.announce();
    }

    /// The bounds that it keeps.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.settings.limits
    }

    /// A worker for jobs: actions, mail, timers.
    #[must_use]
    pub fn worker(&self) -> Worker {
        Worker::new(self.clone())
    }

    /// Runs what is due now, until nothing is; gives how many jobs ran.
    ///
    /// # Errors
    /// When the store fails. A failing job is no error here: it is retried, then an incident.
    ///
    /// # Panics
    /// When a job takes its time outside a Tokio runtime with the time driver (`enable_time`): the
    /// lease of a long job is extended by the clock of the runtime.
    pub async fn tick(&self) -> Result<usize, crate::error::Error> {
        self.worker().tick().await
    }

    /// When the next job is due; `None` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next_due(&self) -> Result<Option<jiff::Timestamp>, crate::error::Error> {
        let tenant = self.inner.only_tenant.as_ref();
        let job = self.inner.store.next_due(tenant).await?;
        let schedule = self.inner.store.next_schedule(tenant).await?;
        Ok(job.into_iter().chain(schedule).min())
    }

    /// Measures by how much the clock of this machine differs from that of the database, when that was
    /// not done within the last minute: the engine goes by that of the database. Its workers call it; a
    /// process that runs none may.
    ///
    /// Only a clock [of the machine](Clock::is_of_machine) is corrected, and by half a second at least.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn align_clock(&self) -> Result<(), crate::error::Error> {
        let store = &self.inner.store;
        Ok(self.inner.aligned.align(&**store).await?)
    }

    /// The clock that the engine goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The directory that the engine asks.
    #[must_use]
    pub fn directory(&self) -> &Arc<dyn Directory> {
        &self.inner.directory
    }

    /// The store that the engine keeps everything in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

/// What the test kit looks at.
#[cfg(feature = "testing")]
impl Engine {
    pub(crate) fn take_executed(&self) -> Vec<crate::worker::ExecutedAction> {
        std::mem::take(
            &mut *self
                .inner
                .executed
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }

    pub(crate) fn keeps_tidy(&self) -> bool {
        self.inner.kept.is_tidy()
    }

    /// The instance as it is kept.
    pub(crate) fn kept(&self, tenant: &TenantId, id: InstanceId) -> Option<Arc<Instance>> {
        let target = crate::call::CallTarget::Instance(id);
        Some(self.inner.kept.get(tenant, target)?.instance)
    }

    pub(crate) fn take_broken_law(&self) -> Option<String> {
        self.inner
            .broken_law
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    }
}
