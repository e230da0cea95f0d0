//! Activations: from entry to end, and what they hold.

use std::{collections::BTreeMap, sync::Arc};

use super::tokens::failed_in;
use crate::{
    event::NodeEntered,
    id::{ActivationId, InstanceId, NodeKey, PersonId, ScopeId, TaskId},
    instance::{
        Activation, ActivationState, Body, ChildEnd, Children, Compensation, EntryState, Instance,
        Lock, NodeResult, ScopeKind, Timer, VisitState,
    },
};

impl Instance {
    pub(super) fn enter(&mut self, entered: &NodeEntered) {
        self.header.activations += 1;
        self.visit(&entered.node, VisitState::Open);
        if let Some(race) = entered.race
            && let Some(members) = self.header.shared.races.get_mut(&race)
        {
            members.push(entered.activation);
        }
        let activation = Activation {
            id: entered.activation,
            node: entered.node.clone(),
            scope: entered.scope,
            from: entered.from.clone(),
            after: entered.after,
            items: entered.items.clone(),
            given: entered.given.clone(),
            race: entered.race,
            stray: entered.stray,
            lock: None,
            state: ActivationState::Running,
            actors: Vec::new(),
            principals: Vec::new(),
            givers: Vec::new(),
            alarm: None,
            body: match entered.entries {
                0 => Body::Plain,
                n => Body::Approval(vec![EntryState::Pending; usize::from(n)]),
            },
        };
        self.activations.insert(activation.id, activation);
    }

    pub(super) fn visit(&mut self, node: &NodeKey, state: VisitState) {
        self.header.visited += 1;
        let visit = self.header.visited;
        match self.header.results.get_mut(node) {
            Some(result) => {
                result.state = state;
                result.visit = visit;
                result.artifact = None;
            }
            None => {
                let result = NodeResult {
                    state,
                    actors: Vec::new(),
                    principals: Vec::new(),
                    givers: Vec::new(),
                    visit,
                    status: None,
                    artifact: None,
                };
                self.header.results.insert(node.clone(), result);
            }
        }
    }

    /// What the latest visit of a node has produced.
    pub(super) fn keep_artifact(
        &mut self,
        node: &NodeKey,
        artifact: Option<&Arc<serde_json::Value>>,
    ) {
        if let Some(result) = self.header.results.get_mut(node) {
            result.artifact = artifact.cloned();
        }
    }

    /// What was visited since `target` is to be done again.
    pub(super) fn send_back(&mut self, target: &NodeKey) {
        let Some(since) = self.header.results.get(target).map(|result| result.visit) else {
            return;
        };
        for result in self.header.results.values_mut() {
            if result.visit >= since
                && matches!(result.state, VisitState::Completed | VisitState::Skipped)
            {
                result.state = VisitState::Resubmitted;
            }
        }
    }

    pub(super) fn end(&mut self, id: ActivationId, node: &NodeKey, state: VisitState) {
        let Some(activation) = self
            .activations
            .get_mut(id)
            .filter(|activation| activation.is_live())
        else {
            return;
        };
        if activation.incident().is_some() {
            let failed = failed_in(&mut self.header, activation.scope);
            *failed = failed.saturating_sub(1);
        }
        if let Some(lock) = &activation.lock {
            release_lock(&mut self.header.shared.locks, lock, id);
        }
        self.header.shared.watching.retain(|other| *other != id);
        activation.state = ActivationState::Ended;
        let actors: Vec<PersonId> = std::mem::take(&mut activation.actors);
        let principals = std::mem::take(&mut activation.principals);
        let givers = std::mem::take(&mut activation.givers);
        self.activations.close(id);
        self.header.activations = self.header.activations.saturating_sub(1);
        if let Some(result) = self.header.results.get_mut(node) {
            result.state = state;
            for giver in givers {
                if !result.givers.contains(&giver) {
                    result.givers.push(giver);
                }
            }
            if state != VisitState::Cancelled {
                result.actors = actors;
                result.principals = principals;
            }
        }
    }

    pub(super) fn set_state(&mut self, id: ActivationId, state: ActivationState) {
        if let Some(activation) = self.activations.get_mut(id) {
            activation.state = state;
        }
    }

    pub(super) fn set_body(&mut self, id: ActivationId, body: Body) {
        if let Some(activation) = self.activations.get_mut(id) {
            activation.body = body;
        }
    }

    pub(super) fn change_children(&mut self, id: ActivationId, change: impl FnOnce(&mut Children)) {
        if let Some(Activation {
            body: Body::Children(children),
            ..
        }) = self.activations.get_mut(id)
        {
            change(children);
        }
    }

    pub(super) fn await_lock(&mut self, id: ActivationId, lock: &str) {
        let locks = &mut self.header.shared.locks;
        locks.entry(lock.to_owned()).or_default().queue.push(id);
        if let Some(activation) = self.activations.get_mut(id) {
            activation.lock = Some(lock.to_owned());
            activation.state = ActivationState::Waiting;
        }
    }

    pub(super) fn take_lock(&mut self, id: ActivationId, lock: &str) {
        let entry = self.header.shared.locks.entry(lock.to_owned()).or_default();
        entry.queue.retain(|other| *other != id);
        entry.holder = Some(id);
        if let Some(activation) = self.activations.get_mut(id) {
            activation.lock = Some(lock.to_owned());
            activation.state = ActivationState::Running;
        }
    }

    /// An activation that is withdrawn leaves the others their chance.
    pub(super) fn give_up_race(&mut self, id: ActivationId) {
        if let Some(race) = self.leave_race(id)
            && self.race(race).is_empty()
        {
            self.header.shared.races.remove(&race);
        }
    }

    /// The race goes on without an activation, and without any if need be: one may come anew.
    pub(super) fn leave_race(&mut self, id: ActivationId) -> Option<ActivationId> {
        let race = self.activations.get(id)?.race?;
        let members = self.header.shared.races.get_mut(&race)?;
        members.retain(|other| *other != id);
        Some(race)
    }

    pub(super) fn begin_compensation(
        &mut self,
        id: ActivationId,
        scope: ScopeId,
        left: &[Compensation],
    ) {
        let noted = &mut self.header.shared.compensations;
        for done in left {
            // The same node may have completed twice: the newest goes first.
            if let Some(at) = noted.iter().rposition(|other| other == done) {
                noted.remove(at);
            }
        }
        self.open_scope(scope, id, 0, ScopeKind::Compensation(id));
        self.set_body(
            id,
            Body::Compensating {
                scope,
                left: left.to_vec(),
            },
        );
    }

    pub(super) fn run_compensation(&mut self, id: ActivationId, scope: ScopeId) {
        if let Some(Activation {
            body: Body::Compensating { left, .. },
            ..
        }) = self.activations.get_mut(id)
            && !left.is_empty()
        {
            left.remove(0);
        }
        if let Some(scope) = self.header.scopes.get_mut(&scope) {
            scope.branches = scope.branches.saturating_add(1);
            scope.live = scope.live.saturating_add(1);
        }
    }

    /// What failed is tried again; its body is as it was.
    pub(super) fn retry(&mut self, id: ActivationId) {
        let Some(activation) = self.activations.get_mut(id) else {
            return;
        };
        if let ActivationState::Failed(_) = activation.state {
            activation.state = ActivationState::Running;
            let failed = failed_in(&mut self.header, activation.scope);
            *failed = failed.saturating_sub(1);
        }
    }

    pub(super) fn fire(&mut self, activation: ActivationId, task: Option<TaskId>, timer: Timer) {
        if let Some(task) = task {
            self.change_task(task, |task| task.timers.fired(timer));
        } else if let Some(activation) = self.activations.get_mut(activation)
            && let Some(alarm) = &mut activation.alarm
        {
            alarm.due.retain(|(_, other)| *other != timer);
        }
    }

    /// An activation fails once: the first incident is the one to be resolved.
    pub(super) fn fail(&mut self, id: ActivationId, state: ActivationState) {
        let Some(activation) = self.activations.get_mut(id).filter(|activation| {
            matches!(
                activation.state,
                ActivationState::Running | ActivationState::Waiting
            )
        }) else {
            return;
        };
        activation.state = state;
        *failed_in(&mut self.header, activation.scope) += 1;
    }
}

pub(super) fn release_lock(locks: &mut BTreeMap<String, Lock>, name: &str, id: ActivationId) {
    let Some(lock) = locks.get_mut(name) else {
        return;
    };
    lock.queue.retain(|other| *other != id);
    if lock.holder == Some(id) {
        lock.holder = None;
    }
    if lock.holder.is_none() && lock.queue.is_empty() {
        locks.remove(name);
    }
}

pub(super) fn end_child(children: &mut Children, child: InstanceId, end: &ChildEnd) {
    let Some(place) = children.live.remove(&child) else {
        return;
    };
    if let ChildEnd::Completed { data } = end {
        children.completed = children.completed.saturating_add(1);
        if let Some(data) = data {
            children.results.insert(place, Arc::clone(data));
        }
    }
}
