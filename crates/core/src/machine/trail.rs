//! The trail of an instance's tokens, read from its history: what came of what.

use std::collections::BTreeMap;

use crate::{
    event::{Event, HistoryEntry, NodeEntered},
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Parked, ParkedState},
};

/// What came of what.
#[derive(Debug, Default)]
pub(super) struct Trail<'a> {
    visits: BTreeMap<ActivationId, Visit<'a>>,
    /// Which split opened a scope, and with how many branches.
    splits: BTreeMap<ScopeId, (ActivationId, u32)>,
    /// Who arrived at which join of a scope.
    arrivals: Vec<(ScopeId, &'a NodeKey, ActivationId)>,
    /// The scope of which a join fired.
    closed: BTreeMap<ActivationId, ScopeId>,
}

/// One visit.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) entered: &'a NodeEntered,
    /// Its node, by the key that it has now.
    pub(super) node: &'a NodeKey,
    pub(super) end: End,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Completed,
    /// In any other way.
    Gone,
    Live,
    Undone,
}

impl<'a> Trail<'a> {
    pub(super) fn of(history: &'a [HistoryEntry]) -> Self {
        let mut trail = Self::default();
        let mut last_closed = None;
        for event in history.iter().flat_map(|entry| &entry.events) {
            trail.add(event, &mut last_closed);
        }
        trail
    }

    fn add(&mut self, event: &'a Event, last_closed: &mut Option<ScopeId>) {
        match event {
            Event::NodeEntered(entered) => {
                let id = entered.activation;
                // A join is entered right after the scope that it closes, by no visit's token.
                if let Some(scope) = last_closed.take()
                    && entered.after.is_none()
                    && self
                        .arrivals
                        .iter()
                        .any(|(at, join, _)| *at == scope && **join == entered.node)
                {
                    self.closed.insert(id, scope);
                }
                let end = End::Live;
                let node = &entered.node;
                self.visits.insert(id, Visit { entered, node, end });
            }
            Event::ScopeOpened {
                scope,
                activation,
                branches,
            } => {
                self.splits.insert(*scope, (*activation, *branches));
            }
            Event::BranchAdded { scope } => {
                if let Some((_, branches)) = self.splits.get_mut(scope) {
                    *branches = branches.saturating_add(1);
                }
            }
            Event::ScopeClosed { scope } | Event::JoinFired { scope, .. } => {
                *last_closed = Some(*scope);
            }
            Event::InstanceReopened { tokens } => {
                *last_closed = None;
                if *tokens > 0 {
                    // It went on elsewhere: nothing that was before leads there.
                    self.arrivals.clear();
                    for visit in self.visits.values_mut() {
                        visit.end = End::Gone;
                    }
                }
            }
            Event::InstanceMigrated { nodes, .. } => self.rename(nodes),
            // Those who had arrived are parked, and arrive anew.
            Event::ScopeReopened(again) => self.arrivals.retain(|(at, ..)| *at != again.scope),
            Event::TokenParked(parked) if parked.join.is_some() => {
                self.arrivals
                    .retain(|(.., after)| *after != parked.activation);
            }
            Event::JoinArrived {
                join,
                scope,
                after: Some(after),
                ..
            } => self.arrivals.push((*scope, join, *after)),
            Event::NodeCompleted { activation, .. }
            | Event::NodeSkipped {
                activation: Some(activation),
                ..
            } => self.end(*activation, End::Completed),
            Event::NodeUndone { activation, .. } => self.end(*activation, End::Undone),
            Event::NodeCancelled { activation, .. }
            | Event::NodeRejected { activation, .. }
            | Event::NodeResubmitted { activation, .. }
            | Event::NodeReturned { activation, .. }
            | Event::NodeRevived { activation, .. }
            | Event::ErrorCaught { activation, .. } => self.end(*activation, End::Gone),
            _ => {}
        }
    }

    /// Nodes have other keys from here on.
    fn rename(&mut self, nodes: &'a BTreeMap<NodeKey, NodeKey>) {
        let visited = self.visits.values_mut().map(|visit| &mut visit.node);
        let arrived = self.arrivals.iter_mut().map(|(_, join, _)| join);
        for key in visited.chain(arrived) {
            if let Some(now) = nodes.get(*key) {
                *key = now;
            }
        }
    }

    fn end(&mut self, id: ActivationId, end: End) {
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.end = end;
        }
    }

    pub(super) fn visit(&self, id: ActivationId) -> Option<&Visit<'a>> {
        self.visits.get(&id)
    }

    /// The latest visit of the node that is completed.
    pub(super) fn latest_completed(&self, node: &NodeKey) -> Option<ActivationId> {
        self.visits
            .iter()
            .rev()
            .find(|(_, visit)| *visit.node == *node && visit.end == End::Completed)
            .map(|(id, _)| *id)
    }

    /// The visits that its token went to.
    pub(super) fn after(&self, id: ActivationId) -> Vec<ActivationId> {
        self.visits
            .iter()
            .filter(|(_, visit)| visit.entered.after == Some(id))
            .map(|(id, _)| *id)
            .collect()
    }

    /// The join that its token arrived at, if it is over and was not undone.
    pub(super) fn join_after(&self, id: ActivationId) -> Option<ActivationId> {
        let (scope, join, _) = self
            .arrivals
            .iter()
            .rev()
            .find(|(_, _, after)| *after == id)?;
        self.closed
            .iter()
            .filter(|(_, closed)| *closed == scope)
            .map(|(id, _)| *id)
            .find(|id| {
                let visit = self.visits.get(id);
                visit.is_some_and(|visit| *visit.node == **join && visit.end == End::Completed)
            })
    }

    /// The join that its token arrived at, which has not fired.
    pub(super) fn arrived_at(&self, id: ActivationId) -> Option<&'a NodeKey> {
        let mut arrivals = self.arrivals.iter().rev();
        arrivals
            .find(|(_, _, after)| *after == id)
            .map(|(_, join, _)| *join)
    }

    /// Whether a visit goes on, or has come to its end and was not undone.
    pub(super) fn has_visits(&self) -> bool {
        let mut visits = self.visits.values();
        visits.any(|visit| matches!(visit.end, End::Completed | End::Live))
    }

    /// The scope that a join closed, its split, its branches, and who arrived.
    pub(super) fn closed_by(
        &self,
        join: ActivationId,
    ) -> Option<(ScopeId, ActivationId, u32, Vec<ActivationId>)> {
        let scope = *self.closed.get(&join)?;
        let node = self.visits.get(&join)?.node;
        let (split, branches) = *self.splits.get(&scope)?;
        let arrived = self.arrivals.iter();
        let arrived = arrived
            .filter(|(at, join, _)| *at == scope && *join == node)
            .map(|(_, _, after)| *after)
            .collect();
        Some((scope, split, branches, arrived))
    }

    /// The scope that a split opened.
    pub(super) fn opened_by(&self, split: ActivationId) -> Option<ScopeId> {
        let mut opened = self.splits.iter();
        opened
            .find(|(_, (by, _))| *by == split)
            .map(|(scope, _)| *scope)
    }
}

impl Visit<'_> {
    /// What is needed to put its token back.
    pub(super) fn token(&self) -> Parked {
        let entered = self.entered;
        Parked {
            node: self.node.clone(),
            state: ParkedState::Undone,
            scope: entered.scope,
            from: entered.from.clone(),
            items: entered.items.clone(),
            given: entered.given.clone(),
            after: entered.after,
        }
    }
}
