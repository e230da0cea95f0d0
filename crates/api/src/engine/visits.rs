//! What came of what: the visits of an instance, read from its history.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    event::{Event, HistoryEntry},
    id::{ActivationId, InstanceId, NodeKey, ScopeId, TenantId},
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
    /// When the token came.
    pub entered_at: Timestamp,
    /// When it left, or was taken away.
    pub left_at: Option<Timestamp>,
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
    /// Its token entered the node anew.
    Revived,
    /// It was left out.
    Skipped,
    /// It was completed, and taken back.
    Undone,
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
                    entered_at: at,
                    left_at: None,
                    before: before.unwrap_or_else(|| entered.after.into_iter().collect()),
                    after: Vec::new(),
                });
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
            visit.left_at = (!stays).then_some(at);
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
        Event::NodeRevived { activation, .. } => (*activation, VisitState::Revived),
        Event::NodeSkipped {
            activation: Some(activation),
            ..
        } => (*activation, VisitState::Skipped),
        Event::NodeUndone { activation, .. } => (*activation, VisitState::Undone),
        _ => return None,
    })
}
