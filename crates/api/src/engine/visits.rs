//! What came of what: the visits of an instance, read from its history.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    event::{Event, HistoryEntry},
    id::{ActivationId, InstanceId, JobId, NodeKey, ScopeId, TenantId},
    instance::{Task, TaskState, Timer},
};

use crate::{engine::Engine, error::Error};

/// One visit of a node by a token, going on or over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Visit {
    /// The activation.
    pub id: ActivationId,
    /// The node, by the key that it has in the version that the instance runs by.
    pub node: NodeKey,
    /// How far it came.
    pub state: VisitState,
    /// The scope of its token: the split that opened it; `None` outside every split.
    pub scope: Option<ScopeId>,
    /// When the token came.
    pub entered_at: Timestamp,
    /// The moment that a timer waits for, or that a job runs at, if later than at once.
    pub scheduled_at: Option<Timestamp>,
    /// When it left, or was taken away.
    pub left_at: Option<Timestamp>,
    /// The job that it ordered; another one each time it is revived.
    pub job: Option<JobId>,
    /// What it was given: its data, a JSON object.
    pub data: Option<Arc<Value>>,
    /// What it was given to work on.
    pub seed: Option<Arc<Value>>,
    /// What it has produced, by the `artifact` of its node.
    pub artifact: Option<Arc<Value>>,
    /// The visits that led to it: none for the first, all that arrived for a join.
    pub before: Vec<ActivationId>,
    /// The visits that it led to: several for a split.
    pub after: Vec<ActivationId>,
}

/// How far a visit came.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VisitState {
    /// It was withdrawn.
    Cancelled,
    /// It ended as planned.
    Completed,
    /// It could not go on; a boundary may have caught that.
    Failed,
    /// Another version of the definition has no such node.
    Obsolete,
    /// It is going on.
    Open,
    /// People said no there.
    Rejected,
    /// People sent it back.
    Resubmitted,
    /// Its token entered the node anew, as another visit.
    Revived,
    /// It was left out.
    Skipped,
    /// It was completed, and taken back.
    Undone,
}

impl VisitState {
    /// The word as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Obsolete => "obsolete",
            Self::Open => "open",
            Self::Rejected => "rejected",
            Self::Resubmitted => "resubmitted",
            Self::Revived => "revived",
            Self::Skipped => "skipped",
            Self::Undone => "undone",
        }
    }
}

/// A visit with its tasks, and what the definition and the worker know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitView {
    /// The visit.
    pub visit: Visit,
    /// The kind of its node; `None` when the definition has no such node any more.
    pub kind: Option<&'static str>,
    /// Its tasks, open and closed, by number.
    pub tasks: Vec<Task>,
    /// Whether a worker has its job.
    pub is_worked_on: bool,
}

impl VisitView {
    /// How far it is, in one word: that of [`VisitState`] when it is over. Else the furthest of its
    /// open tasks, such as `ready`, `assigned` or `in_progress`; `in_progress` when a worker has its
    /// job; `scheduled` before that, and until the moment of a timer; `waiting` for anything else.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.visit.state != VisitState::Open {
            return self.visit.state.as_str();
        }
        let open = self.tasks.iter().filter(|task| task.is_open());
        if let Some(state) = open.map(Task::state).max_by_key(|state| furthest(*state)) {
            return state.as_str();
        }
        if self.is_worked_on {
            return "in_progress";
        }
        let is_scheduled = self.visit.job.is_some() || self.visit.scheduled_at.is_some();
        if is_scheduled { "scheduled" } else { "waiting" }
    }
}

/// The order of how far open tasks are.
const fn furthest(state: TaskState) -> u8 {
    match state {
        TaskState::InProgress => 4,
        TaskState::Assigned => 3,
        TaskState::Snoozed => 2,
        TaskState::Ready => 1,
        _ => 0,
    }
}

impl Engine {
    /// Every visit of an instance, in the order of their beginning; empty when there is no such
    /// instance. Reads the whole history.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub async fn visits(&self, tenant: &TenantId, id: InstanceId) -> Result<Vec<Visit>, Error> {
        Ok(of(&self.history(tenant, id).await?))
    }

    /// The same with their tasks, kinds and jobs.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub async fn visit_views(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Vec<VisitView>, Error> {
        let visits = self.visits(tenant, id).await?;
        let Some(view) = self.instance(tenant, id).await? else {
            return Ok(Vec::new());
        };
        let store = &self.inner().store;
        let mut tasks: BTreeMap<ActivationId, Vec<Task>> = BTreeMap::new();
        for row in store.tasks_of(tenant, &[id]).await? {
            tasks.entry(row.activation).or_default().push(row.task()?);
        }
        let now = self.inner().clock.now();
        let jobs = store.jobs_of(tenant, id).await?;
        let under_way: BTreeSet<JobId> = jobs
            .iter()
            .filter(|job| !job.parked && job.leased_until.is_some_and(|until| until > now))
            .map(|job| job.job.id)
            .collect();
        let graph = &view.definition.graph;
        let with = |visit: Visit| VisitView {
            kind: graph.node(&visit.node).map(|node| node.kind.as_str()),
            tasks: tasks.remove(&visit.id).unwrap_or_default(),
            is_worked_on: visit.job.is_some_and(|job| under_way.contains(&job)),
            visit,
        };
        Ok(visits.into_iter().map(with).collect())
    }
}

/// Every visit that a history tells of, in the order of their beginning.
pub(super) fn of(history: &[HistoryEntry]) -> Vec<Visit> {
    let mut trail = Trail::default();
    for entry in history {
        trail.add(entry);
    }
    trail.finish()
}

/// The visits while the history is read.
#[derive(Debug, Default)]
struct Trail {
    visits: Vec<Visit>,
    places: BTreeMap<ActivationId, usize>,
    /// Who arrived at the joins of a scope that is open.
    arrived: BTreeMap<ScopeId, Vec<(NodeKey, ActivationId)>>,
    /// The scope that was closed last: its join is entered next.
    closed: Option<ScopeId>,
}

impl Trail {
    fn add(&mut self, entry: &HistoryEntry) {
        for event in &entry.events {
            self.come(event, entry.at);
            if let Some((activation, state)) = gone(event) {
                self.leave(activation, state, entry.at);
            }
            if let Event::NodeCompleted {
                activation,
                artifact: Some(artifact),
                ..
            } = event
                && let Some(place) = self.places.get(activation)
            {
                self.visits[*place].artifact = Some(Arc::clone(artifact));
            }
        }
    }

    fn come(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::NodeEntered(entered) => {
                let arrived = self
                    .closed
                    .take()
                    .map(|scope| self.at_join(scope, &entered.node));
                let before = arrived.filter(|arrived| !arrived.is_empty());
                self.places.insert(entered.activation, self.visits.len());
                self.visits.push(Visit {
                    data: entered.given.data.clone(),
                    seed: entered.given.seed.clone(),
                    artifact: None,
                    id: entered.activation,
                    node: entered.node.clone(),
                    state: VisitState::Open,
                    scope: entered.scope,
                    entered_at: at,
                    scheduled_at: None,
                    job: None,
                    left_at: None,
                    before: before.unwrap_or_else(|| entered.after.into_iter().collect()),
                    after: Vec::new(),
                });
            }
            Event::JobOrdered { activation, due_at } => {
                if let Some(place) = self.places.get(activation) {
                    let visit = &mut self.visits[*place];
                    visit.job = Some(JobId::new(activation.uuid()));
                    visit.scheduled_at = *due_at;
                }
            }
            Event::TimersArmed {
                activation, due, ..
            } => {
                let own = due.iter().find(|(_, timer)| *timer == Timer::Own);
                if let (Some(place), Some((moment, _))) = (self.places.get(activation), own) {
                    self.visits[*place].scheduled_at = Some(*moment);
                }
            }
            Event::JoinArrived {
                join,
                scope,
                after: Some(after),
                ..
            } => {
                let arrived = self.arrived.entry(*scope).or_default();
                arrived.push((join.clone(), *after));
            }
            Event::ScopeClosed { scope } | Event::JoinFired { scope, .. } => {
                self.closed = Some(*scope);
            }
            Event::InstanceMigrated { nodes, .. } => {
                let visited = self.visits.iter_mut().map(|visit| &mut visit.node);
                let arrived = self.arrived.values_mut().flatten().map(|(join, _)| join);
                for key in visited.chain(arrived) {
                    if let Some(now) = nodes.get(key) {
                        key.clone_from(now);
                    }
                }
            }
            Event::ScopeReopened(again) => {
                self.arrived.remove(&again.scope);
            }
            Event::TokenParked(parked) if parked.join.is_some() => {
                for arrived in self.arrived.values_mut() {
                    arrived.retain(|(_, after)| *after != parked.activation);
                }
            }
            _ => {}
        }
    }

    /// Who arrived at a join of a scope.
    fn at_join(&self, scope: ScopeId, join: &NodeKey) -> Vec<ActivationId> {
        let arrived = self.arrived.get(&scope).into_iter().flatten();
        arrived
            .filter(|(at, _)| at == join)
            .map(|(_, after)| *after)
            .collect()
    }

    fn leave(&mut self, activation: ActivationId, state: VisitState, at: Timestamp) {
        if let Some(place) = self.places.get(&activation) {
            let visit = &mut self.visits[*place];
            visit.state = state;
            let stays = matches!(state, VisitState::Obsolete | VisitState::Open);
            let before = visit.left_at.filter(|_| state == VisitState::Revived);
            visit.left_at = (!stays).then(|| before.unwrap_or(at));
        }
    }

    fn finish(mut self) -> Vec<Visit> {
        for place in 0..self.visits.len() {
            let id = self.visits[place].id;
            for before in self.visits[place].before.clone() {
                if let Some(place) = self.places.get(&before) {
                    self.visits[*place].after.push(id);
                }
            }
        }
        self.visits
    }
}

/// The visit that an event ends, or sets going again.
fn gone(event: &Event) -> Option<(ActivationId, VisitState)> {
    Some(match event {
        Event::ErrorCaught { activation, .. } | Event::NodeFailed { activation, .. } => {
            (*activation, VisitState::Failed)
        }
        Event::NodeCancelled { activation, .. } => (*activation, VisitState::Cancelled),
        Event::NodeCompleted { activation, .. } => (*activation, VisitState::Completed),
        Event::NodeObsolete { activation, .. } => (*activation, VisitState::Obsolete),
        Event::NodeRejected { activation, .. } => (*activation, VisitState::Rejected),
        Event::NodeResubmitted { activation, .. } | Event::NodeReturned { activation, .. } => {
            (*activation, VisitState::Resubmitted)
        }
        Event::NodeRetried { activation } => (*activation, VisitState::Open),
        Event::NodeRevived { activation, .. }
        | Event::TokenUnparked {
            activation,
            back: true,
        } => (*activation, VisitState::Revived),
        Event::NodeSkipped {
            activation: Some(activation),
            ..
        } => (*activation, VisitState::Skipped),
        Event::NodeUndone { activation, .. } => (*activation, VisitState::Undone),
        _ => return None,
    })
}
