//! What the tokens of an instance share is of what lives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use signoff_core::{
    change::JobWork,
    id::{ActivationId, InstanceId},
    instance::{Activation, ActivationState, Body, Instance},
};

use crate::store::Store;

/// Races, locks, conditions that are waited for, parked tokens, subscriptions and children: each
/// has somebody who lives, and whoever needs one has it.
#[track_caller]
pub(super) fn is_of_what_lives(instance: &Instance, store: &Store) {
    races(instance, store);
    locks(instance);
    conditions(instance);
    for (id, token) in instance.parked() {
        assert!(instance.activation(*id).is_none(), "parked and alive: {id}");
        let scope = token.scope;
        let there = scope.is_none_or(|scope| instance.scopes().contains_key(&scope));
        assert!(there, "parked in a scope that is closed: {token:?}");
    }
    subscriptions(instance, store);
    children(instance, store);
    incidents(instance, store);
}

fn races(instance: &Instance, store: &Store) {
    let state: Value = serde_json::from_str(&store.instance.as_ref().unwrap().state).unwrap();
    let stored: BTreeMap<ActivationId, BTreeSet<ActivationId>> =
        match state.pointer("/shared/races") {
            Some(races) => serde_json::from_value(races.clone()).unwrap(),
            None => BTreeMap::new(),
        };
    let mut found: BTreeMap<ActivationId, BTreeSet<ActivationId>> = BTreeMap::new();
    for activation in instance.activations() {
        if let Some(race) = activation.race {
            found.entry(race).or_default().insert(activation.id);
        }
    }
    assert_eq!(stored, found, "who races");
}

fn locks(instance: &Instance) {
    for (name, lock) in instance.locks() {
        let holder = lock.holder.expect("a lock that is free is handed on");
        for id in lock.queue.iter().chain([&holder]) {
            let found = instance.activation(*id).expect("who has a lock lives");
            assert_eq!(found.lock.as_ref(), Some(name));
        }
        assert!(
            !lock.queue.contains(&holder),
            "{name} is had and waited for"
        );
        for id in &lock.queue {
            let state = instance.activation(*id).unwrap().state;
            assert_eq!(state, ActivationState::Waiting, "it waits for {name}");
        }
    }
    for found in instance.activations() {
        let Some(name) = &found.lock else { continue };
        let lock = &instance.locks()[name];
        assert!(
            lock.holder == Some(found.id) || lock.queue.contains(&found.id),
            "{found:?} neither has nor awaits its lock"
        );
    }
}

fn conditions(instance: &Instance) {
    for (at, id) in instance.watching().iter().enumerate() {
        assert!(
            instance.activation(*id).is_some(),
            "nobody watches for {id}"
        );
        assert!(!instance.watching()[..at].contains(id), "watched twice");
    }
}

fn subscriptions(instance: &Instance, store: &Store) {
    let hears = |_: &&Activation| instance.status().is_running();
    let waits = instance
        .activations()
        .filter(hears)
        .filter_map(|found| match &found.body {
            Body::Subscribed { kind, name, key } if !name.is_empty() => {
                (found.state == ActivationState::Running).then_some((found.id, (*kind, name, key)))
            }
            _ => None,
        });
    let stored = store.subscriptions.values();
    let stored = stored.map(|row| (row.activation, (row.kind, &row.name, &row.key)));
    assert_eq!(
        stored.collect::<BTreeMap<_, _>>(),
        waits.collect::<BTreeMap<_, _>>(),
        "subscriptions of what waits"
    );
}

/// Whoever waits for a child has ordered it, and nobody waits for one twice.
fn children(instance: &Instance, store: &Store) {
    let ordered = store.jobs.values().filter_map(|job| match &job.work {
        JobWork::StartChild(work) => Some(work.child),
        _ => None,
    });
    let ordered: BTreeSet<InstanceId> = ordered.chain(store.children.keys().copied()).collect();
    let mut seen = BTreeSet::new();
    for found in instance.activations() {
        let Body::Children(children) = &found.body else {
            continue;
        };
        for child in children.live.keys() {
            assert!(ordered.contains(child), "{child} was never ordered");
            assert!(seen.insert(*child), "{child} is waited for twice");
        }
        let places: BTreeSet<u32> = children.live.values().copied().collect();
        assert_eq!(places.len(), children.live.len(), "{children:?}");
        if found.state == ActivationState::Running {
            assert!(!children.are_over(), "nothing is waited for: {children:?}");
        }
    }
}

/// What failed has its incident until an operator settles it.
fn incidents(instance: &Instance, store: &Store) {
    for found in instance.activations() {
        if let Some(incident) = found.incident() {
            assert!(store.incidents.contains_key(&incident), "{found:?}");
        }
    }
}
