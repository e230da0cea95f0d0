//! Scopes and the tokens in them.

use std::collections::BTreeMap;

use crate::{
    event::ScopeReopened,
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Header, Instance, Scope, ScopeKind},
};

impl Instance {
    pub(super) fn unpark(&mut self, id: ActivationId, back: bool) {
        let Some(token) = self.header.shared.parked.remove(&id).filter(|_| back) else {
            return;
        };
        match token.scope.and_then(|id| self.header.scopes.get_mut(&id)) {
            Some(scope) => scope.live = scope.live.saturating_add(1),
            None => self.header.live = self.header.live.saturating_add(1),
        }
    }

    /// The scope counts as one token again in the scope around it.
    pub(super) fn reopen_scope(&mut self, reopened: &ScopeReopened) {
        let around = reopened
            .parent
            .and_then(|id| self.header.scopes.get_mut(&id));
        let depth = around.as_ref().map_or(0, |scope| scope.depth);
        match around {
            Some(scope) => scope.live = scope.live.saturating_add(1),
            None => self.header.live = self.header.live.saturating_add(1),
        }
        let scope = Scope {
            split: reopened.split.clone(),
            parent: reopened.parent,
            from: reopened.from.clone(),
            depth: depth.saturating_add(1),
            branches: reopened.branches,
            live: 0,
            strayed: 0,
            stray: false,
            failed: 0,
            items: reopened.items.clone(),
            kind: ScopeKind::Split,
            fired: None,
            arrived: BTreeMap::new(),
        };
        self.header.scopes.insert(reopened.scope, scope);
    }

    pub(super) fn end_branch(&mut self, scope: Option<ScopeId>, stray: bool) {
        if let Some(scope) = scope.and_then(|id| self.header.scopes.get_mut(&id))
            && stray
        {
            scope.strayed = scope.strayed.saturating_sub(1);
        }
        let live = match scope {
            None => Some(&mut self.header.live),
            Some(id) => self.header.scopes.get_mut(&id).map(|scope| &mut scope.live),
        };
        if let Some(live) = live {
            *live = live.saturating_sub(1);
        }
    }

    pub(super) fn arrive(&mut self, join: &NodeKey, scope: ScopeId, from: Option<&NodeKey>) {
        if let Some(scope) = self.header.scopes.get_mut(&scope) {
            if from.is_some() {
                scope.from = from.cloned();
            }
            scope.live = scope.live.saturating_sub(1);
            *scope.arrived.entry(join.clone()).or_default() += 1;
        }
    }

    pub(super) fn take_arrival_back(&mut self, scope: ScopeId, join: &NodeKey) {
        let Some(scope) = self.header.scopes.get_mut(&scope) else {
            return;
        };
        let arrived = scope.arrived.remove(join).unwrap_or_default();
        if arrived > 1 {
            scope.arrived.insert(join.clone(), arrived - 1);
        }
    }

    pub(super) fn open_scope(
        &mut self,
        id: ScopeId,
        opener: ActivationId,
        branches: u32,
        kind: ScopeKind,
    ) {
        let Some(opener) = self.activations.get(opener) else {
            return;
        };
        let around = opener
            .scope
            .and_then(|parent| self.header.scopes.get(&parent));
        let scope = Scope {
            split: opener.node.clone(),
            parent: opener.scope.filter(|_| kind != ScopeKind::Side),
            from: opener.from.clone(),
            depth: around.map_or(0, |parent| parent.depth).saturating_add(1),
            branches,
            live: branches,
            strayed: 0,
            stray: opener.stray && kind == ScopeKind::Split,
            failed: 0,
            items: opener.items.clone(),
            kind,
            fired: None,
            arrived: BTreeMap::new(),
        };
        self.header.scopes.insert(id, scope);
    }
}

/// The counter of what failed where the token is.
pub(super) fn failed_in(header: &mut Header, scope: Option<ScopeId>) -> &mut u32 {
    match scope.and_then(|scope| header.scopes.get_mut(&scope)) {
        Some(scope) => &mut scope.failed,
        None => &mut header.failed,
    }
}
