//! What tokens share: offers on several nodes, locks, regions, what is taken back.

use serde_json::json;
use signoff_core::{
    event::Event,
    graph::{Graph, JoinNeed, Node, Rest},
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{end, function, graph, job, join, left_after, row, split},
    kinds::{
        alone, cancelling, children, compensate, first, join_of, on_error, receive, split_each,
        subprocess, timer, undone_by, wait,
    },
    toy::condition,
    world::World,
};

fn race(nodes: impl IntoIterator<Item = Node>) -> World {
    let all = [first("f", &["a", "b", "m"])];
    let nodes = all.into_iter().chain(nodes);
    World::started(graph(nodes), PEOPLE)
}

fn three() -> Vec<Node> {
    vec![
        does("a").next("last"),
        left_after(2, "late", timer("b", 5).next("last")),
        receive("m", "m", None).next("last"),
        does("last"),
        does("late"),
    ]
}

#[test]
fn the_first_to_complete_keeps_the_token() {
    let mut world = race(three());
    assert_eq!(world.at(), ["a", "b", "m"]);
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["last"]);
    let asks = |job: &signoff_core::change::JobRow| {
        matches!(job.work, signoff_core::change::JobWork::Receive { .. })
    };
    assert!(world.store.jobs.values().all(asks), "no timer is left");
    assert!(world.store.subscriptions.is_empty());
    let mut world = race(three());
    world.send("m", "m", json!(1)).unwrap();
    assert_eq!(world.at(), ["last"]);
    assert_eq!(world.complete("rita", "a"), Err(Code::NotOpen));
    world.complete("rita", "last").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn who_is_left_by_a_boundary_keeps_the_token_too() {
    let mut world = race(three());
    world.advance(jiff::SignedDuration::from_hours(2));
    assert_eq!(world.at(), ["late"]);
}

#[test]
fn who_is_withdrawn_leaves_the_others_their_chance() {
    let mut world = race(three());
    world.cancel_task("host", "a").unwrap();
    world.cancel_task("host", "m").unwrap();
    assert_eq!(
        (world.at(), world.parked().len()),
        (vec!["b".to_owned()], 0)
    );
    world.cancel_task("host", "b").unwrap();
    assert_eq!((world.at(), world.parked().len()), (vec![], 1));
    world.revive("host", "b").unwrap();
    world.skip("host", "b").unwrap();
    assert_eq!(world.at(), ["last"]);
}

/// What one does at once the others must not do any more.
#[test]
fn one_that_completes_at_once_has_won_before_the_others_come() {
    let nodes = |first: &str| {
        [
            wait("a", first).next("last"),
            does("b").next("last"),
            wait("m", "true").next("last"),
            does("last"),
        ]
    };
    for holds in ["true", "false"] {
        let mut world = race(nodes(holds));
        assert_eq!(world.at(), ["last"], "{holds}");
        world.complete("rita", "last").unwrap();
        assert_eq!(world.status(), "completed");
    }
    let node = children("a", "[]", signoff_core::graph::ChildMode::Parallel);
    let nodes = [
        subprocess("a", node).next("last"),
        does("b"),
        does("m"),
        does("last"),
    ];
    assert_eq!(race(nodes).at(), ["last"]);
}

#[test]
fn one_that_fails_and_is_tried_again_races_on() {
    let nodes = || {
        [
            job("a").next("last"),
            does("b").next("last"),
            job("m").next("last"),
            does("last"),
        ]
    };
    let mut world = race(nodes());
    world.finish("a", Err("no")).unwrap();
    world.retry("host", "a").unwrap();
    assert_eq!(world.at(), ["a", "b", "m"]);
    world.finish("a", Ok(json!(1))).unwrap();
    assert_eq!(world.at(), ["last"]);

    let mut world = race(nodes());
    world.cancel_task("host", "b").unwrap();
    world.cancel_task("host", "m").unwrap();
    world.finish("a", Err("no")).unwrap();
    world.retry("host", "a").unwrap();
    world.cancel_task("host", "a").unwrap();
    assert_eq!(world.parked().len(), 1, "the last of them had the token");
    world.revive("host", "a").unwrap();
    world.finish("a", Ok(json!(1))).unwrap();
    world.complete("rita", "last").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn who_fails_and_is_caught_keeps_the_token() {
    let nodes = [
        on_error(None, "late", job("a").next("last")),
        does("b").next("last"),
        does("m").next("last"),
        does("last"),
        does("late"),
    ];
    let mut world = race(nodes);
    world.finish("a", Err("no")).unwrap();
    assert_eq!(world.at(), ["late"]);
    world.complete("rita", "late").unwrap();
    assert_eq!(world.status(), "completed");
}

/// Tasks on the branches of a split, of which one is done at a time.
fn dock(key: Option<&str>) -> Graph {
    graph([
        split_each("s", "[1, 2, 1]", "a"),
        alone("dock", key, does("a")).next("j"),
        join("j").next("last"),
        does("last"),
    ])
}

#[test]
fn those_with_one_lock_are_done_one_at_a_time() {
    let mut world = World::started(dock(None), PEOPLE);
    for _ in 0..3 {
        assert_eq!(world.open("a").count(), 1);
        world.complete("rita", "a").unwrap();
    }
    assert_eq!(world.at(), ["last"]);
    let mut world = World::started(dock(Some("item")), PEOPLE);
    assert_eq!(world.open("a").count(), 2, "each key has its own lock");
    for left in [2, 1, 0] {
        world.complete("rita", "a").unwrap();
        assert_eq!(world.open("a").count(), left.min(2));
    }
}

#[test]
fn whatever_ends_who_has_the_lock_hands_it_on() {
    type Do = fn(&mut World);
    let ways: [(&str, Do); 3] = [
        ("cancel_task", |world| {
            let held = world.open("a").next().unwrap().activation;
            let place = signoff_core::command::Place::Activation(held);
            let command = signoff_core::command::Command::CancelTask(place, Some("why".to_owned()));
            world.run("host", command).unwrap();
        }),
        ("skip the last", |world| {
            drop(world.skip("host", "a").unwrap())
        }),
        ("complete", |world| {
            drop(world.complete("rita", "a").unwrap())
        }),
    ];
    for (name, way) in ways {
        let mut world = World::started(dock(None), PEOPLE);
        way(&mut world);
        assert_eq!(world.open("a").count(), 1, "{name}");
        world.complete("rita", "a").unwrap();
        assert_eq!(world.open("a").count(), 1, "{name}");
        world.complete("rita", "a").unwrap();
        assert_eq!(world.at(), ["last"], "{name}");
    }
}

#[test]
fn one_that_failed_still_has_the_lock() {
    let nodes = [
        split("s", &["x", "y"]),
        alone("m", None, job("x")).next("j"),
        alone("m", None, job("y")).next("j"),
        join("j"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.jobs().len(), 1);
    world.finish("x", Err("no")).unwrap();
    assert_eq!((world.at().len(), world.jobs().len()), (2, 0));
    world.retry("host", "x").unwrap();
    assert_eq!(world.jobs().len(), 1, "the other's turn: it came first");
    world.finish("y", Ok(json!(1))).unwrap();
    world.finish("x", Ok(json!(1))).unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_node_that_completes_withdraws_the_region_that_it_names() {
    let nodes = [
        split("s", &["a", "b", "c"]),
        cancelling(&["b", "x"], does("a")).next("j"),
        does("b").next("x"),
        job("x").next("j"),
        does("c").next("x"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.complete("rita", "b").unwrap();
    world.complete("rita", "c").unwrap();
    assert_eq!(world.at(), ["a", "x", "x"]);
    world.complete("rita", "a").unwrap();
    assert_eq!(
        (world.at(), world.jobs().len()),
        (vec!["last".to_owned()], 0)
    );
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["c"]);
}

fn travel(named: &[&str]) -> Graph {
    let mut nodes = row([
        undone_by("undo_a", does("a")),
        undone_by("undo_b", does("b")),
        does("c"),
        compensate("back", named),
        does("last"),
    ]);
    nodes.extend([
        does("undo_a"),
        does("undo_b").next("more"),
        function("more").next("over"),
    ]);
    nodes.push(end("over"));
    graph(nodes)
}

#[test]
fn what_completed_is_taken_back_newest_first() {
    for (named, handlers) in [
        (vec![], vec!["undo_b", "undo_a"]),
        (vec!["a"], vec!["undo_a"]),
        (vec!["c"], vec![]),
    ] {
        let mut world = World::started(travel(&named), PEOPLE);
        for node in ["a", "b", "c"] {
            world.complete("rita", node).unwrap();
        }
        for handler in &handlers {
            assert_eq!(world.at(), ["back", handler]);
            world.complete("rita", handler).unwrap();
        }
        assert_eq!(world.at(), ["last"]);
        let left = world.instance.as_ref().unwrap().compensations().len();
        assert_eq!(left, 2 - handlers.len(), "each is taken back once");
    }
}

#[test]
fn a_handler_that_is_withdrawn_makes_way_for_the_next() {
    let mut world = World::started(travel(&[]), PEOPLE);
    for node in ["a", "b", "c"] {
        world.complete("rita", node).unwrap();
    }
    world.cancel_task("host", "undo_b").unwrap();
    assert_eq!(world.at(), ["back", "undo_a"]);
    world.cancel_task("host", "back").unwrap();
    assert_eq!((world.at().len(), world.parked().len()), (0, 1));
    world.revive("host", "back").unwrap();
    assert_eq!(world.at(), ["last"], "nothing is left to be taken back");
}

/// A handler ends where it comes to a join: nothing is joined there, whatever the join waits for.
#[test]
fn a_handler_that_comes_to_a_join_fires_nothing() {
    let met = JoinNeed::When(condition("go == 1"));
    let mut nodes = row([
        undone_by("undo_a", does("a")),
        undone_by("undo_b", does("b")),
        compensate("back", &[]),
        does("last"),
    ]);
    nodes.extend([
        does("undo_a").next("j"),
        does("undo_b").next("j"),
        join_of("j", met, Rest::Cancel).next("more"),
        does("more"),
    ]);
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"go": 1})).unwrap();
    for (node, then) in [("a", "b"), ("b", "back undo_b"), ("undo_b", "back undo_a")] {
        world.complete("rita", node).unwrap();
        assert_eq!(world.at().join(" "), then);
    }
    world.complete("rita", "undo_a").unwrap();
    assert_eq!(world.at(), ["last"]);
}

/// Its handlers are withdrawn with it, loaded or not.
#[test]
fn a_compensation_that_loses_its_race_leaves_no_handler() {
    let nodes = [
        undone_by("undo", does("a")).next("f"),
        first("f", &["b", "back"]),
        does("b").next("last"),
        compensate("back", &[]).next("last"),
        does("undo"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["b", "back", "undo"]);
    world.complete("rita", "b").unwrap();
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn what_is_taken_back_has_the_items_of_its_branch() {
    let nodes = [
        split_each("s", "[1, 2]", "a"),
        undone_by("undo", does("a")).next("j"),
        join("j").next("back"),
        compensate("back", &[]).next("last"),
        does("last"),
        crate::graphs::function_with("undo", &json!("${ item }")),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "a").unwrap();
    world.complete("rita", "a").unwrap();
    let results = world.events().filter_map(|event| match event {
        Event::FunctionReturned { value, .. } => Some(value.clone()),
        _ => None,
    });
    assert_eq!(results.collect::<Vec<_>>().len(), 2);
    assert_eq!(world.at(), ["last"]);
}
