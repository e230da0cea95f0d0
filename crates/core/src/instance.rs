//! Where one run of a definition stands.
//!
//! The fields of [`Instance`] are private to this module and its children, so nothing but
//! [`apply`] can change them: what is stored is always the fold of the events.

mod activation;
mod apply;
mod children;
mod live;
mod load;
mod rows;
mod scope;
mod status;
mod task;
mod token;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use rpds::RedBlackTreeSetSync;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub(crate) use self::rows::to_json;
pub(crate) use self::task::PERSON_LEFT;
pub use self::{
    activation::{Activation, ActivationState, Alarm, Body, EntryState, OpenEntry, Vote},
    apply::{Stamp, apply, apply_entry, fold},
    children::{ChildEnd, Children},
    load::{CorruptRow, LoadedRows, read_live},
    rows::{ActivationRow, InstanceRow, TaskRow},
    scope::{Scope, ScopeKind},
    status::{Hold, InstanceStatus, News, Outcome},
    task::{CheckIn, Closing, Delegation, Escalation, Question, Task, TaskState, Timer, Timers},
    token::{Compensation, Given, Item, Lock, Parent, Parked, ParkedState},
};
use self::{
    live::{Live, Mortal},
    token::Shared,
};
use crate::{
    actor::By,
    id::{
        ActivationId, DefinitionId, InstanceId, NodeKey, PersonId, ScopeId, Subject, TaskId,
        TenantId,
    },
    text::Text,
};

/// One run of a definition.
///
/// What is loaded may be partial: the header always, of the activations and tasks those that a
/// command needs. [`is_complete`](Self::is_complete) tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    version: u64,
    data: Arc<Value>,
    forms: Arc<Value>,
    header: Header,
    activations: Live<ActivationId, Activation>,
    tasks: Live<TaskId, Task>,
    /// The tasks by the activation that they are of.
    seats: RedBlackTreeSetSync<(ActivationId, TaskId)>,
}

/// What the instance row holds besides data and forms.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Header {
    tenant: TenantId,
    id: InstanceId,
    definition: DefinitionId,
    title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requester: Option<PersonId>,
    started_by: By,
    started_at: Timestamp,
    /// When it was attached, where it was started later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attached_at: Option<Timestamp>,
    #[serde(default)]
    metadata: Arc<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Parent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Arc<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact: Option<Arc<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// Whether the subject may have no other running instance of the workflow.
    exclusive: bool,
    /// What the host knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    business_key: Option<String>,
    /// Whether no other instance of the workflow may have its business key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
    /// Whether it goes on by the newest version at each command, where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    follows: bool,
    status: InstanceStatus,
    /// Tokens outside every scope; a token in a scope is counted there.
    live: u32,
    /// Activations that failed and wait for an operator.
    failed: u32,
    /// Activations that live, loaded or not.
    activations: u32,
    /// Tasks opened so far: the last task number.
    numbered: u32,
    /// Visits so far: the last number of a visit.
    visited: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    scopes: BTreeMap<ScopeId, Scope>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    results: BTreeMap<NodeKey, NodeResult>,
    #[serde(default, skip_serializing_if = "Shared::is_empty")]
    shared: Shared,
}

/// What became of the last visit of a node.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NodeResult {
    /// How far the last visit came.
    pub state: VisitState,
    /// Who decided there, in order; of a finished visit the last stays until the next finishes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<PersonId>,
    /// For whom they decided, where that is somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<PersonId>,
    /// Who gave a task of it away in any visit, or had it taken away: they may look at it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub givers: Vec<PersonId>,
    /// Its place in the order of visits of the instance, from 1.
    pub visit: u32,
    /// What it has produced, if it completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Arc<Value>>,
    /// Of a step: its status, also after it was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StepStatus>,
}

/// The status of a step.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StepStatus {
    /// Its key.
    pub key: String,
    /// The status before it: what a resume and a no to a transition go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// How far the last visit of a node came.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// It was cancelled.
    Cancelled,
    /// It ended as planned.
    Completed,
    /// It failed, and a boundary caught it.
    Failed,
    /// It is going on.
    Open,
    /// People rejected there.
    Rejected,
    /// People sent it back from there.
    Resubmitted,
    /// Its guard or its group's was false, or an operator left it out.
    Skipped,
    /// It was undone.
    Undone,
}

impl Instance {
    /// The tenant that owns it.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.header.tenant
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.header.id
    }

    /// How many commands it has accepted.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The definition that it runs.
    #[must_use]
    pub fn definition(&self) -> &DefinitionId {
        &self.header.definition
    }

    /// Whether it goes on by the newest version of its definition at each command, where every visit
    /// can stay as it is.
    #[must_use]
    pub fn follows_latest(&self) -> bool {
        self.header.follows
    }

    /// Its title for people.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.header.title
    }

    /// The business object that it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&Subject> {
        self.header.subject.as_ref()
    }

    /// What the host knows it by, from its start on: an invoice's number for instance.
    #[must_use]
    pub fn business_key(&self) -> Option<&str> {
        self.header.business_key.as_deref()
    }

    /// The person who asked for it.
    #[must_use]
    pub fn requester(&self) -> Option<&PersonId> {
        self.header.requester.as_ref()
    }

    /// Who started it; of one that is pending, who attached it.
    #[must_use]
    pub fn started_by(&self) -> &By {
        &self.header.started_by
    }

    /// When it started; of one that is pending, when it was attached.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.header.started_at
    }

    /// What the host noted, at the start and later.
    #[must_use]
    pub fn metadata(&self) -> &Value {
        &self.header.metadata
    }

    /// The instance that started it.
    #[must_use]
    pub fn parent(&self) -> Option<&Parent> {
        self.header.parent.as_ref()
    }

    /// What it was started on: any JSON value that the host or the parent gave.
    #[must_use]
    pub fn seed(&self) -> Option<&Arc<Value>> {
        self.header.seed.as_ref()
    }

    /// What it produced: any JSON value.
    #[must_use]
    pub fn artifact(&self) -> Option<&Arc<Value>> {
        self.header.artifact.as_ref()
    }

    /// The last outcome that an end named.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        self.header.outcome.as_deref()
    }

    /// The locks of its nodes, by name.
    #[must_use]
    pub fn locks(&self) -> &BTreeMap<String, Lock> {
        &self.header.shared.locks
    }

    /// Activations whose conditions are looked at when the instance changes, in the order they came.
    #[must_use]
    pub fn watching(&self) -> &[ActivationId] {
        &self.header.shared.watching
    }

    /// What completed nodes left to be taken back, oldest first.
    #[must_use]
    pub fn compensations(&self) -> &[Compensation] {
        &self.header.shared.compensations
    }

    /// The tokens that operators took out of their way, by the activation that they were on.
    #[must_use]
    pub fn parked(&self) -> &BTreeMap<ActivationId, Parked> {
        &self.header.shared.parked
    }

    /// The activations that are left of those that share the token of this `first`.
    #[must_use]
    pub fn race(&self, first: ActivationId) -> &[ActivationId] {
        self.header
            .shared
            .races
            .get(&first)
            .map_or(&[], Vec::as_slice)
    }

    /// Whether nobody keeps the token of this `first` yet.
    pub(crate) fn is_racing(&self, first: ActivationId) -> bool {
        self.header.shared.races.contains_key(&first)
    }

    /// Where it stands in its life.
    #[must_use]
    pub fn status(&self) -> &InstanceStatus {
        &self.header.status
    }

    /// Its data.
    #[must_use]
    pub fn data(&self) -> &Arc<Value> {
        &self.data
    }

    /// The latest completed form of each node.
    #[must_use]
    pub fn forms(&self) -> &Arc<Value> {
        &self.forms
    }

    /// What became of the last visit of each node that was visited or skipped.
    #[must_use]
    pub fn results(&self) -> &BTreeMap<NodeKey, NodeResult> {
        &self.header.results
    }

    /// The step where it stands, or stood last, with its status; none where no node is a step.
    #[must_use]
    pub fn step(&self) -> Option<(&NodeKey, &StepStatus)> {
        let results = self.header.results.iter();
        let steps =
            results.filter_map(|(key, result)| Some((key, result, result.status.as_ref()?)));
        let last = steps.max_by_key(|(_, result, _)| result.visit);
        last.map(|(key, _, status)| (key, status))
    }

    /// The open scopes.
    #[must_use]
    pub fn scopes(&self) -> &BTreeMap<ScopeId, Scope> {
        &self.header.scopes
    }

    /// How many activations live, loaded or not.
    #[must_use]
    pub fn live_activations(&self) -> u32 {
        self.header.activations
    }

    /// The activation, if it lives and is loaded.
    #[must_use]
    pub fn activation(&self, id: ActivationId) -> Option<&Activation> {
        self.activations
            .get(id)
            .filter(|activation| activation.is_live())
    }

    /// The live activations that are loaded, by id.
    pub fn activations(&self) -> impl Iterator<Item = &Activation> {
        self.activations.iter()
    }

    /// The task, if it is open and loaded.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(id).filter(|task| task.is_open())
    }

    /// The open tasks that are loaded, by id.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter()
    }

    /// The open tasks of one activation, by id.
    pub fn tasks_of(&self, activation: ActivationId) -> impl Iterator<Item = &Task> {
        let first = (activation, TaskId::new(Uuid::nil()));
        let last = (activation, TaskId::new(Uuid::max()));
        let seats = self.seats.range(first..=last);
        seats.filter_map(|(_, task)| self.task(*task))
    }

    /// Whether every live activation is loaded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let loaded = self.activations.count();
        u32::try_from(loaded).is_ok_and(|loaded| loaded == self.header.activations)
    }

    /// Whether an activation is known here, live or closed by the running command.
    pub(crate) fn knows(&self, id: ActivationId) -> bool {
        self.activations.contains(id)
    }

    /// Whether the instance has no token left, nothing that failed, and nothing parked outside
    /// every scope.
    pub(crate) fn is_drained(&self) -> bool {
        let parked = self.header.shared.parked.values();
        let waits = parked.into_iter().any(|token| token.scope.is_none());
        self.header.live == 0 && self.header.failed == 0 && !waits
    }

    /// Whether a token of the scope is parked.
    pub(crate) fn is_parked_in(&self, scope: ScopeId) -> bool {
        let parked = self.header.shared.parked.values();
        parked.into_iter().any(|token| token.scope == Some(scope))
    }

    /// The number of the next task.
    pub(crate) fn next_number(&self) -> u32 {
        self.header.numbered.saturating_add(1)
    }

    pub(crate) fn touched_task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(id)
    }

    pub(crate) fn touched_activation(&self, id: ActivationId) -> Option<&Activation> {
        self.activations.get(id)
    }

    /// Drops what is closed: it lives on in the history only.
    #[must_use]
    pub fn compact(mut self) -> Self {
        self.activations.compact();
        for task in self.tasks.compact() {
            self.seats.remove_mut(&(task.activation, task.id));
        }
        self
    }

    fn add_task(&mut self, task: Task) {
        self.seats.insert_mut((task.activation, task.id));
        self.tasks.insert(task.id, task);
    }
}

impl Mortal for Activation {
    fn lives(&self) -> bool {
        self.is_live()
    }
}

impl Mortal for Task {
    fn lives(&self) -> bool {
        self.is_open()
    }
}
