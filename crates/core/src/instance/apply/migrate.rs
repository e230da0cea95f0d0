//! Another version of the definition: nodes have other keys, or are gone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{tokens::failed_in, visits::release_lock};
use crate::{
    id::{ActivationId, DefinitionId, IncidentId, NodeKey},
    instance::{ActivationState, Body, Compensation, Instance, NodeResult},
};

/// The keys that nodes had, each with the one that it has now.
type Renamed = BTreeMap<NodeKey, NodeKey>;

fn rename(key: &mut NodeKey, nodes: &Renamed) {
    if let Some(now) = nodes.get(key) {
        key.clone_from(now);
    }
}

fn rename_compensation(noted: &mut Compensation, nodes: &Renamed) {
    rename(&mut noted.node, nodes);
    rename(&mut noted.handler, nodes);
}

impl Instance {
    /// Everything that is kept by the key of a node is kept by its new one.
    pub(super) fn migrate(&mut self, definition: &DefinitionId, nodes: &Renamed) {
        self.header.definition = definition.clone();
        if nodes.is_empty() {
            return;
        }
        self.rename_live(nodes);
        self.rename_results(nodes);
        for scope in self.header.scopes.values_mut() {
            rename(&mut scope.split, nodes);
            for key in scope.from.iter_mut().chain(&mut scope.fired) {
                rename(key, nodes);
            }
            let arrived = std::mem::take(&mut scope.arrived);
            for (mut join, count) in arrived {
                rename(&mut join, nodes);
                *scope.arrived.entry(join).or_default() += count;
            }
        }
        let shared = &mut self.header.shared;
        for noted in &mut shared.compensations {
            rename_compensation(noted, nodes);
        }
        for token in shared.parked.values_mut() {
            rename(&mut token.node, nodes);
            if let Some(from) = &mut token.from {
                rename(from, nodes);
            }
        }
        self.rename_forms(nodes);
    }

    fn rename_live(&mut self, nodes: &Renamed) {
        self.activations.change_all(|activation| {
            rename(&mut activation.node, nodes);
            if let Some(from) = &mut activation.from {
                rename(from, nodes);
            }
            if let Body::Compensating { left, .. } = &mut activation.body {
                for noted in left {
                    rename_compensation(noted, nodes);
                }
            }
        });
        self.tasks.change_all(|task| rename(&mut task.node, nodes));
    }

    /// Of two nodes that became one, the later visit is the last.
    fn rename_results(&mut self, nodes: &Renamed) {
        let old = std::mem::take(&mut self.header.results);
        let results: &mut BTreeMap<NodeKey, NodeResult> = &mut self.header.results;
        for (mut node, result) in old {
            rename(&mut node, nodes);
            if results
                .get(&node)
                .is_none_or(|other| other.visit < result.visit)
            {
                results.insert(node, result);
            }
        }
    }

    fn rename_forms(&mut self, nodes: &Renamed) {
        let filled = self.forms.as_object();
        let named = |key: &String| nodes.contains_key(&NodeKey::from(key.as_str()));
        if !filled.is_some_and(|forms| forms.keys().any(named)) {
            return;
        }
        let old = filled.cloned().unwrap_or_default();
        let renamed = old.into_iter().map(|(key, form)| {
            let mut node = NodeKey::from(key);
            rename(&mut node, nodes);
            (node.as_str().to_owned(), form)
        });
        self.forms = std::sync::Arc::new(Value::Object(renamed.collect()));
    }

    /// Nothing is left of the visit but its token: what it had outside itself was withdrawn.
    pub(super) fn make_obsolete(&mut self, id: ActivationId, incident: IncidentId) {
        let Some(activation) = self.activations.get_mut(id).filter(|found| found.is_live()) else {
            return;
        };
        if activation.incident().is_none() {
            *failed_in(&mut self.header, activation.scope) += 1;
        }
        activation.state = ActivationState::Obsolete(incident);
        activation.body = Body::Plain;
        activation.alarm = None;
        if let Some(lock) = activation.lock.take() {
            release_lock(&mut self.header.shared.locks, &lock, id);
        }
        self.header.shared.watching.retain(|other| *other != id);
    }
}
