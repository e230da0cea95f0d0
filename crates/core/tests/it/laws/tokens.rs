//! No token is lost, none is made from nothing, and none moves where nothing is open.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use signoff_core::{
    event::{Event, HistoryEntry},
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Activation, Instance, ScopeKind},
};

use crate::store::Store;

/// Tokens of one scope, counted from the history.
#[derive(Debug, Default)]
struct Count {
    opened: u32,
    /// A scope that was opened again has tokens that are neither there nor arrived.
    gone: u32,
    arrived: u32,
}

fn of(counts: &mut BTreeMap<ScopeId, Count>, scope: ScopeId) -> &mut Count {
    counts.entry(scope).or_default()
}

fn counts(history: &[HistoryEntry]) -> BTreeMap<ScopeId, Count> {
    let mut counts: BTreeMap<ScopeId, Count> = BTreeMap::new();
    let mut parked: BTreeMap<ActivationId, ScopeId> = BTreeMap::new();
    for event in history.iter().flat_map(|entry| &entry.events) {
        let counts = &mut counts;
        match event {
            Event::ScopeOpened {
                scope, branches, ..
            } => of(counts, *scope).opened = *branches,
            Event::SideOpened { scope, .. } => of(counts, *scope).opened = 1,
            Event::BranchAdded { scope } | Event::CompensationRun { scope, .. } => {
                of(counts, *scope).opened += 1;
            }
            Event::JoinArrived { scope, .. } => of(counts, *scope).arrived += 1,
            Event::BranchEnded {
                scope: Some(scope), ..
            } => of(counts, *scope).gone += 1,
            Event::ScopeReopened(again) => {
                *of(counts, again.scope) = Count {
                    opened: again.branches,
                    gone: again.branches,
                    ..Count::default()
                };
            }
            Event::TokenParked(token) => {
                if let Some(scope) = token.token.scope {
                    if token.join.is_some() {
                        of(counts, scope).arrived -= 1;
                        of(counts, scope).gone += 1;
                    }
                    parked.insert(token.activation, scope);
                }
            }
            Event::TokenUnparked { activation, back } => {
                if let (Some(scope), true) = (parked.remove(activation), back) {
                    of(counts, scope).gone -= 1;
                }
            }
            _ => {}
        }
    }
    counts
}

/// The tokens that stand in a scope, or outside every one: those who race for one count once.
fn tokens(instance: &Instance, scope: Option<ScopeId>) -> u32 {
    let here = |found: &&Activation| found.scope == scope;
    let standing: BTreeSet<ActivationId> = instance
        .activations()
        .filter(here)
        .map(|found| found.race.unwrap_or(found.id))
        .collect();
    let around = |found: &&signoff_core::instance::Scope| match found.kind {
        ScopeKind::Compensation(_) => false,
        _ if found.is_detached() => scope.is_none(),
        _ => found.parent == scope,
    };
    let nested = instance.scopes().values().filter(around).count();
    u32::try_from(standing.len() + nested).unwrap()
}

fn failed(instance: &Instance, scope: Option<ScopeId>) -> u32 {
    let failed = instance
        .activations()
        .filter(|found| found.incident().is_some());
    u32::try_from(failed.filter(|found| found.scope == scope).count()).unwrap()
}

/// The counters say what walking the activations finds, and what the history adds up to.
#[track_caller]
pub(super) fn are_conserved(history: &[HistoryEntry], instance: &Instance, store: &Store) {
    let state: Value = serde_json::from_str(&store.instance.as_ref().unwrap().state).unwrap();
    let counts = counts(history);
    for (id, scope) in instance.scopes() {
        let count = &counts.get(id);
        let none = Count::default();
        let count = count.unwrap_or(&none);
        let live = tokens(instance, Some(*id));
        assert_eq!(scope.live, live, "live tokens of {scope:?}");
        let failed = failed(instance, Some(*id));
        assert_eq!(scope.failed, failed, "failed tokens of {scope:?}");
        assert_eq!(scope.arrived.values().sum::<u32>(), count.arrived);
        assert_eq!(scope.branches, count.opened);
        assert_eq!(
            scope.live + count.arrived + count.gone,
            count.opened,
            "{scope:?} {count:?}"
        );
    }
    for found in instance.activations() {
        let there = found
            .scope
            .is_none_or(|id| instance.scopes().contains_key(&id));
        assert!(there, "the scope of what lives is open: {found:?}");
    }
    let live = tokens(instance, None);
    assert_eq!(state["live"], live, "live tokens outside scopes");
    let failed = failed(instance, None);
    assert_eq!(state["failed"], failed, "failed tokens outside scopes");
    assert_eq!(state["activations"], instance.activations().count());
}

/// What has become of a scope.
#[derive(Debug, Default)]
struct Life {
    closed: bool,
    fired: u32,
    joins: BTreeSet<NodeKey>,
}

/// Nothing happens in a scope that is closed, and a join fires once for it.
#[track_caller]
pub(super) fn move_in_open_scopes(history: &[HistoryEntry]) {
    let mut lives: BTreeMap<ScopeId, Life> = BTreeMap::new();
    let mut last_closed = None;
    let all = history.iter().flat_map(|entry| (0..).zip(&entry.events));
    for (place, event) in all {
        if place == 0 {
            // A join fires in the command that closes its scope; later a failed one is done anew.
            last_closed = None;
        }
        let mut open = |scope: &ScopeId| {
            let life = lives.entry(*scope).or_default();
            assert!(!life.closed, "{event:?} in a scope that is closed");
        };
        match event {
            Event::BranchAdded { scope }
            | Event::BranchEnded {
                scope: Some(scope), ..
            }
            | Event::CompensationRun { scope, .. } => open(scope),
            Event::JoinArrived { scope, join, .. } => {
                open(scope);
                let life = lives.entry(*scope).or_default();
                life.joins.insert(join.clone());
            }
            Event::JoinFired { scope, .. } => {
                open(scope);
                last_closed = None;
                lives.entry(*scope).or_default().fired += 1;
            }
            Event::ScopeClosed { scope } => {
                open(scope);
                lives.entry(*scope).or_default().closed = true;
                last_closed = Some(*scope);
            }
            Event::ScopeReopened(again) => drop(lives.insert(again.scope, Life::default())),
            Event::NodeEntered(entered) => {
                if let Some(scope) = &entered.scope {
                    open(scope);
                }
                // A token that comes to a join outside every scope has not fired it.
                let closed = last_closed.take().filter(|_| entered.after.is_none());
                let closed = closed.and_then(|id| lives.get_mut(&id));
                if let Some(life) = closed.filter(|life| life.joins.contains(&entered.node)) {
                    life.fired += 1;
                }
            }
            Event::InstanceReopened { .. } => {
                lives.clear();
                last_closed = None;
            }
            _ => {}
        }
    }
    for (scope, life) in lives {
        assert!(life.fired < 2, "a join fired twice for {scope}: {life:?}");
    }
}
