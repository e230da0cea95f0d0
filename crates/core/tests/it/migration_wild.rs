//! From any graph to any other, in the midst of any commands: every law holds all the same.

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;
use signoff_core::{command::Removed, event::Event, graph::Graph, id::NodeKey};

use crate::{
    agreement::cases,
    wild::{Seed, Try, go_on, seeds, tries, wild},
    world::{Outcome, WAYS, World},
};

/// A change of a graph: how many of its nodes are drawn anew, and what the plan says.
#[derive(Clone, Debug)]
struct Change {
    seeds: Vec<Seed>,
    kept: u8,
    removed: u8,
    anew: Vec<u8>,
    moved: Vec<(u8, u8)>,
    was: Vec<(u8, u8)>,
}

fn changes() -> impl Strategy<Value = Change> {
    let pairs = || prop::collection::vec(any::<(u8, u8)>(), 0..3);
    let numbers = prop::collection::vec(any::<u8>(), 0..2);
    (seeds(), any::<u8>(), 0..3_u8, numbers, pairs(), pairs()).prop_map(
        |(seeds, kept, removed, anew, moved, was)| Change {
            seeds,
            kept,
            removed,
            anew,
            moved,
            was,
        },
    )
}

impl Change {
    /// The next version: the first nodes are as they were, the others as drawn.
    fn of(&self, old: &[Seed]) -> Vec<Seed> {
        let kept = usize::from(self.kept) % (old.len() + 1);
        let drawn = self.seeds.iter().skip(kept);
        let mut seeds: Vec<Seed> = old.iter().take(kept).chain(drawn).cloned().collect();
        if seeds.len() < 2 {
            seeds.clone_from(&self.seeds);
        }
        seeds
    }

    fn apply(&self, world: &mut World, old: &[Seed], who: &str) -> Outcome {
        let new = self.of(old);
        let key =
            |at: u8, seeds: &[Seed]| NodeKey::from(format!("n{}", usize::from(at) % seeds.len()));
        let was: Vec<(NodeKey, NodeKey)> = self
            .was
            .iter()
            .map(|(is, was)| (key(*is, &new), key(*was, old)))
            .collect();
        world.migrate(who, with_was(&new, &was), |plan| {
            let moved = self.moved.iter();
            plan.nodes = moved
                .map(|(was, is)| (key(*was, old), key(*is, &new)))
                .collect();
            plan.anew = self.anew.iter().map(|at| key(*at, old)).collect();
            plan.removed =
                [Removed::Cancel, Removed::Obsolete, Removed::Refuse][usize::from(self.removed)];
        })
    }
}

/// The graph, in which some nodes had other keys before.
fn with_was(seeds: &[Seed], was: &[(NodeKey, NodeKey)]) -> Graph {
    let nodes = wild(seeds).nodes().cloned().collect::<Vec<_>>();
    crate::graphs::graph(nodes.into_iter().map(|mut node| {
        let before = was.iter().filter(|(is, _)| *is == node.key);
        node.was = before.map(|(_, was)| was.clone()).collect();
        node
    }))
}

/// Runs it, migrates in the midst, twice, and goes on.
fn play(seeds: &[Seed], tries: &[Try], changes: &[Change]) -> (BTreeSet<&'static str>, [usize; 2]) {
    let mut world = World::new(wild(seeds), "ann; rita; root*").function("broken", Err("no"));
    world.settings.limits.automatic_steps = 100;
    world.settings.limits.live_activations = 60;
    let mut counts = [0, 0];
    if world
        .start("engine", json!({"go": 0, "lines": [1, 2]}))
        .is_err()
    {
        return (BTreeSet::new(), counts);
    }
    let mut seeds = seeds.to_vec();
    let (mut left, mut right) = tries.split_at(tries.len() / 2);
    for change in changes {
        go_on(&mut world, left);
        left = std::mem::take(&mut right);
        world.ways = &WAYS[1..];
        match change.apply(&mut world, &seeds, "engine") {
            Ok(_) => {
                seeds = change.of(&seeds);
                counts[0] += 1;
            }
            Err(_) => counts[1] += 1,
        }
    }
    go_on(&mut world, left);
    (world.events().map(Event::name).collect(), counts)
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn every_law_holds_from_any_graph_to_any_other(
        seeds in seeds(),
        tries in tries(),
        changes in prop::collection::vec(changes(), 1..3),
    ) {
        play(&seeds, &tries, &changes);
    }
}

#[test]
fn random_migrations_are_accepted_and_refused_and_reach_every_event() {
    let mut runner = TestRunner::deterministic();
    let strategy = (seeds(), tries(), prop::collection::vec(changes(), 1..3));
    let mut events = BTreeSet::new();
    let mut counts = [0, 0];
    for _ in 0..400 {
        let (seeds, tries, changes) = strategy.new_tree(&mut runner).unwrap().current();
        let (more, [accepted, refused]) = play(&seeds, &tries, &changes);
        events.extend(more);
        counts[0] += accepted;
        counts[1] += refused;
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
    for event in ["instance_migrated", "node_obsolete", "timers_armed"] {
        assert!(events.contains(event), "{event} never happened");
    }
}
