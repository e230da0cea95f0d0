//! Boundaries: what happens when a node waits too long.

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    command::Command,
    event::Event,
    graph::{EntrySpec, Need, Node},
    id::ActivationId,
    instance::Timer,
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{
        approval, beside_after, choice, each, end, function, graph, job, join, left_after, role,
        row, split, task, terminate, user,
    },
    world::{World, finished},
};

const PEOPLE: &str = "ann; rita >max; bob clerk; eve clerk; max; root*";

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn does(key: &str) -> Node {
    task(key, user("rita"))
}

/// The boundaries that have fired, in order.
fn fired(world: &World) -> Vec<u16> {
    let boundaries = world.events().filter_map(|event| match event {
        Event::TimerFired {
            timer: Timer::Boundary(index),
            ..
        } => Some(*index),
        _ => None,
    });
    boundaries.collect()
}

fn at_node(world: &World, node: &str) -> ActivationId {
    let mut found = world.instance.as_ref().unwrap().activations();
    found.find(|found| found.node.as_str() == node).unwrap().id
}

#[test]
fn an_interrupting_boundary_takes_the_token_away() {
    let nodes = [
        left_after(8, "late", does("a").next("b")),
        does("b"),
        does("late"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.advance(hours(7)), [""; 0]);
    let events = world.advance(hours(1));
    assert_eq!(
        events,
        [
            "timer_fired",
            "task_cancelled",
            "node_cancelled",
            "node_entered",
            "entry_opened",
            "task_opened"
        ]
    );
    assert_eq!(world.at(), ["late"]);
    assert_eq!(world.complete("rita", "a"), Err(Code::NotOpen));
    assert_eq!(world.advance(hours(100)), [""; 0]);
    world.complete("rita", "late").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_boundary_that_does_not_interrupt_leaves_the_node_alone() {
    let nodes = [beside_after(8, "nag", does("a")), job("nag")];
    let mut world = World::started(graph(nodes), PEOPLE);
    let task = world.task("a", "rita");
    let events = world.advance(hours(8));
    assert_eq!(
        events,
        ["timer_fired", "side_opened", "node_entered", "job_ordered"]
    );
    assert_eq!(world.at(), ["a", "nag"]);
    assert_eq!(world.task("a", "rita"), task);
    world.finish("nag", Ok(json!(1))).unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["a".to_owned()], "running")
    );
    world.complete("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_token_beside_keeps_the_instance_open() {
    let nodes = [
        beside_after(8, "nag", does("a")),
        job("nag").next("stop"),
        end("stop"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(8));
    world.complete("rita", "a").unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["nag".to_owned()], "running")
    );
    world.finish("nag", Err("no")).unwrap();
    assert_eq!(world.status(), "running", "an operator must look at it");

    let nodes = [beside_after(8, "nag", does("a")), job("nag")];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(8));
    world.complete("rita", "a").unwrap();
    world.finish("nag", Ok(json!(1))).unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn whatever_ends_the_node_disarms_its_boundaries() {
    let nodes = || {
        row([
            beside_after(4, "side", left_after(8, "side", does("a"))),
            does("b"),
        ])
        .into_iter()
        .chain([end("side")])
    };
    let start = || World::started(graph(nodes()), PEOPLE);
    let mut world = start();
    world.complete("rita", "a").unwrap();
    assert_eq!(
        (world.store.jobs.len(), world.advance(hours(100)).len()),
        (0, 0)
    );
    let mut world = start();
    world.cancel("ann").unwrap();
    assert_eq!(
        (world.store.jobs.len(), world.advance(hours(100)).len()),
        (0, 0)
    );
    let mut world = start();
    world.advance(hours(4));
    assert_eq!(world.store.jobs.len(), 1, "the other still waits");
    world.complete("rita", "a").unwrap();
    assert_eq!(world.store.jobs.len(), 0);
}

#[test]
fn handing_over_keeps_the_boundaries() {
    let nodes = [left_after(8, "late", does("a")), does("late")];
    let mut world = World::started(graph(nodes), PEOPLE);
    let before = world.next_timer();
    world.delegate("rita", "a", "bob").unwrap();
    assert_eq!(world.next_timer(), before);
    world.advance(hours(8));
    assert_eq!(world.at(), ["late"]);
}

#[test]
fn several_boundaries_fire_by_moment_then_by_place() {
    let host = left_after(9, "last", does("a"));
    let host = beside_after(
        2,
        "side",
        beside_after(6, "side", beside_after(6, "side", host)),
    );
    let nodes = [host, job("side"), does("last")];
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.advance(hours(5));
    assert_eq!(fired(&world), [3]);
    world.advance(hours(1));
    assert_eq!(fired(&world), [3, 1, 2], "two at one moment");
    world.advance(hours(100));
    assert_eq!(fired(&world), [3, 1, 2, 0]);
    assert_eq!(world.at(), ["last", "side", "side", "side"]);

    // Late, one at a time: what interrupts comes last here.
    let mut world = World::started(graph(nodes), PEOPLE);
    let host = at_node(&world, "a");
    world.now = world.now.checked_add(hours(100)).unwrap();
    for expected in [vec![3], vec![3, 1], vec![3, 1, 2], vec![3, 1, 2, 0]] {
        world.run("host", Command::Ring(host)).unwrap();
        assert_eq!(fired(&world), expected);
    }
    assert_eq!(world.run("host", Command::Ring(host)), Err(Code::NotOpen));
}

#[test]
fn an_interrupt_disarms_what_would_have_come_after_it() {
    let host = left_after(2, "last", beside_after(4, "side", does("a")));
    let mut world = World::started(graph([host, job("side"), does("last")]), PEOPLE);
    world.advance(hours(100));
    assert_eq!(
        (fired(&world), world.at()),
        (vec![1], vec!["last".to_owned()])
    );
}

#[test]
fn a_ring_is_for_the_engine_and_only_when_it_is_due() {
    let nodes = [left_after(8, "late", does("a")), does("late")];
    let mut world = World::started(graph(nodes), PEOPLE);
    let host = at_node(&world, "a");
    let ring = Command::Ring(host);
    assert_eq!(
        world.run("engine", ring.clone()),
        Err(Code::NotOpen),
        "too early"
    );
    world.now = world.now.checked_add(hours(8)).unwrap();
    for who in ["rita", "ann", "root"] {
        assert_eq!(world.run(who, ring.clone()), Err(Code::NotPermitted));
    }
    world.run("host", ring.clone()).unwrap();
    assert_eq!(
        world.run("engine", ring.clone()),
        Err(Code::NotOpen),
        "over"
    );
    let unarmed = Command::Ring(at_node(&world, "late"));
    assert_eq!(world.run("engine", unarmed), Err(Code::NotOpen));
    world.complete("rita", "late").unwrap();
    assert_eq!(world.run("engine", ring), Err(Code::NotRunning));
}

fn in_a_branch(host: Node) -> Vec<Node> {
    vec![
        split("s", &["a", "b"]),
        host,
        does("b").next("j"),
        job("late").next("j"),
        job("nag"),
        join("j").next("last"),
        does("last"),
    ]
}

#[test]
fn an_interrupt_inside_a_branch_stays_in_the_branch() {
    let nodes = in_a_branch(left_after(8, "late", does("a").next("j")));
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "b").unwrap();
    world.advance(hours(8));
    assert_eq!(world.at(), ["late"], "the join still waits");
    world.finish("late", Ok(json!(1))).unwrap();
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn a_token_beside_a_branch_is_not_waited_for_by_the_join() {
    let nodes = in_a_branch(beside_after(8, "nag", does("a").next("j")));
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(8));
    assert_eq!(world.at(), ["a", "b", "nag"]);
    world.complete("rita", "b").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["last", "nag"]);
    world.complete("rita", "last").unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["nag".to_owned()], "running")
    );
    world.finish("nag", Ok(json!(1))).unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_way_beside_may_split_and_join_again() {
    let nodes = [
        beside_after(8, "s", does("a")),
        split("s", &["x", "y"]),
        job("x").next("j"),
        job("y").next("j"),
        join("j").next("after"),
        does("after"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(8));
    world.finish("y", Ok(json!(1))).unwrap();
    world.complete("rita", "a").unwrap();
    world.finish("x", Ok(json!(1))).unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["after".to_owned()], "running")
    );
    world.complete("rita", "after").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_terminate_beside_ends_the_host_too() {
    let nodes = [beside_after(8, "stop", does("a")), terminate("stop")];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(8));
    assert_eq!((world.status(), world.store.jobs.len()), ("completed", 0));
}

#[test]
fn a_job_that_takes_too_long_is_left_and_its_late_end_refused() {
    let nodes = [left_after(8, "late", job("x")), does("late")];
    let mut world = World::started(graph(nodes), PEOPLE);
    let slow = world.job("x");
    world.advance(hours(8));
    assert_eq!(
        (world.at(), world.jobs()),
        (vec!["late".to_owned()], vec![])
    );
    for result in [Ok(json!(1)), Err("no")] {
        assert_eq!(
            world.run("engine", finished(slow, result)),
            Err(Code::NotOpen)
        );
    }
    assert_eq!(world.incidents(), [""; 0]);
}

#[test]
fn a_failed_job_may_still_be_left_by_its_boundary() {
    let nodes = [
        split("s", &["x", "a"]),
        left_after(8, "j", job("x").next("j")),
        does("a").next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.finish("x", Err("no")).unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["x"]);
    world.advance(hours(8));
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn an_approval_that_opens_anew_waits_anew() {
    let nodes = [
        left_after(8, "late", approval("a", [user("rita")])),
        does("late"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(6));
    world.resubmit("rita", "a", None).unwrap();
    world.advance(hours(6));
    assert_eq!(world.at(), ["a"]);
    world.advance(hours(2));
    assert_eq!(world.at(), ["late"]);
}

#[test]
fn an_approval_of_many_is_left_whole() {
    let host = approval("a", [each("clerk", Need::All), user("rita")]);
    let nodes = [
        beside_after(2, "nag", left_after(8, "late", host)),
        does("late"),
        job("nag"),
    ];
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.advance(hours(2));
    world.approve("bob", "a").unwrap();
    world.advance(hours(6));
    assert_eq!(world.at(), ["late", "nag"]);
    assert_eq!(world.approve("eve", "a"), Err(Code::NotOpen));

    let mut world = World::started(graph(nodes), PEOPLE);
    for who in ["eve", "bob", "rita"] {
        world.approve(who, "a").unwrap();
    }
    assert_eq!((world.status(), world.store.jobs.len()), ("completed", 0));
}

/// Timers of tasks and of boundaries share one order; a task's own are gone with it.
#[test]
fn timers_of_the_task_and_of_the_node_do_not_disturb_each_other() {
    let entry = EntrySpec {
        due: Some(hours(6).into()),
        remind: vec![hours(4).into()],
        ..user("rita")
    };
    let host = beside_after(6, "nag", left_after(8, "late", task("a", entry)));
    let mut world = World::started(graph([host, does("late"), job("nag")]), PEOPLE);
    assert_eq!(world.store.jobs.len(), 2);
    assert_eq!(world.advance(hours(2)), ["timer_fired"]);
    assert_eq!(fired(&world), [0; 0]);
    let events = world.advance(hours(4));
    assert_eq!(
        events.iter().filter(|name| **name == "timer_fired").count(),
        2
    );
    world.advance(hours(2));
    assert_eq!(fired(&world), [1, 0]);
    assert_eq!(world.at(), ["late", "nag"]);
}

#[test]
fn a_task_that_nobody_can_do_is_left_by_its_boundary() {
    let nodes = row([
        does("first"),
        left_after(8, "late", task("a", role("ghost"))),
    ]);
    let mut world = World::started(graph(nodes.into_iter().chain([does("late")])), PEOPLE);
    world.complete("rita", "first").unwrap();
    assert_eq!(world.incidents(), ["no_approver"]);
    world.advance(hours(8));
    assert_eq!(world.at(), ["late"]);
    world.complete("rita", "late").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn what_fails_after_a_boundary_is_an_incident() {
    let nodes = [
        left_after(8, "f", does("a")),
        beside_after(8, "c", does("b")),
        function("f"),
        choice("c", &[], None),
        split("s", &["a", "b"]),
    ];
    let mut nodes = nodes.to_vec();
    nodes.rotate_right(1);
    let mut world = World::started(graph(nodes), PEOPLE).function("f", Err("no"));
    world.advance(hours(8));
    assert_eq!(world.at(), ["b", "c", "f"]);
    assert_eq!(world.incidents(), ["node_failed", "node_failed"]);
    assert_eq!(world.advance(hours(100)), [""; 0]);
    world.cancel("ann").unwrap();
}

#[test]
fn a_moment_beyond_all_calendars_fails_the_node() {
    let nodes = [
        left_after(i64::MAX / 3_600, "late", does("a")),
        does("late"),
    ];
    let mut world = World::new(graph(nodes), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::NodeFailed));
    world.start("engine", json!({})).unwrap();
    assert_eq!(world.incidents(), ["node_failed"]);
    assert!(world.next_timer().is_none());
}
