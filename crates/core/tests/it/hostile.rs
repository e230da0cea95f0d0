//! Definitions and data that mean harm: each comes to a limit, none to a hang or a panic.

use serde_json::{Value, json};
use signoff_core::{
    graph::{ChildMode, EntrySpec, Graph, Node, NodeKind},
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::does,
    graphs::{choice, form, function, graph, job, join, row, split, task, user},
    kinds::{alone, children, receive, set, split_each, subprocess, wait},
    operate::done,
    world::{Outcome, World},
};

const PEOPLE: &str = "ann; rita; root*";

/// Decides in one way only: what is tried here is large.
fn world(graph: Graph) -> World {
    let mut world = World::new(graph, PEOPLE);
    world.ways = &[];
    world
}

fn many(n: usize) -> Value {
    json!({"lines": vec![1; n]})
}

fn count(outcome: &Outcome, name: &str) -> usize {
    let names = outcome.as_ref().unwrap();
    names.iter().filter(|found| **found == name).count()
}

#[test]
fn ten_thousand_splits_inside_each_other_come_to_the_limit() {
    let keys: Vec<String> = (0..10_000).map(|n| format!("s{n}")).collect();
    let mut nodes: Vec<Node> = keys
        .windows(2)
        .map(|pair| split(&pair[0], &[&pair[1]]))
        .collect();
    nodes.push(split(&keys[9_999], &["a"]));
    nodes.push(does("a"));
    let nested = graph(nodes);
    assert_eq!(
        world(nested.clone()).start("ann", json!({})),
        Err(Code::LimitExceeded)
    );
    // A host that allows as much gets it, or the limit of steps.
    let mut world = world(nested);
    world.settings.limits.split_depth = u32::MAX;
    world.settings.limits.automatic_steps = 2_000;
    assert_eq!(world.start("ann", json!({})), Err(Code::LimitExceeded));
}

#[test]
fn a_split_that_leads_to_itself_comes_to_the_limit() {
    let nodes = [split("s", &["s", "s"])];
    assert_eq!(
        world(graph(nodes)).start("ann", json!({})),
        Err(Code::LimitExceeded)
    );
}

fn wide() -> Graph {
    graph([
        split_each("s", "lines", "a"),
        does("a").next("j"),
        join("j").next("last"),
        does("last"),
    ])
}

#[test]
fn thousands_of_branches_open_and_one_of_them_is_done() {
    let mut world = world(wide());
    world.settings.limits.automatic_steps = 10_001;
    let opened = world.start("ann", many(10_000));
    assert_eq!(count(&opened, "task_opened"), 10_000);
    let one = world.complete("rita", "a");
    assert_eq!(count(&one, "join_arrived"), 1);
    assert_eq!(world.instance.as_ref().unwrap().live_activations(), 9_999);
}

#[test]
fn more_branches_than_may_live_are_refused() {
    let mut world = world(wide());
    world.settings.limits.automatic_steps = u32::MAX;
    assert_eq!(world.start("ann", many(10_001)), Err(Code::LimitExceeded));
    let mut world = self::world(wide());
    assert_eq!(
        world.start("ann", many(10_000)),
        Err(Code::LimitExceeded),
        "the split is a step too"
    );
}

#[test]
fn ten_thousand_nodes_run_in_one_command_and_one_more_does_not() {
    let chain = |n: usize| {
        let keys: Vec<String> = (0..n).map(|n| format!("x{n}")).collect();
        graph(
            row(keys.iter().map(|key| choice(key, &[], None)))
                .into_iter()
                .map(|mut node| {
                    let to = node.next.take();
                    if let (NodeKind::Choice(choice), Some(to)) = (&mut node.kind, &to) {
                        choice.default = Some(to.as_str().into());
                    }
                    if to.is_none() {
                        node.kind = NodeKind::End(None);
                    }
                    node
                }),
        )
    };
    let mut world = world(chain(10_000));
    let outcome = world.start("ann", json!({}));
    assert_eq!(count(&outcome, "node_completed"), 10_000);
    assert_eq!(world.status(), "completed");
    assert_eq!(
        self::world(chain(10_001)).start("ann", json!({})),
        Err(Code::LimitExceeded)
    );
}

#[test]
fn endless_loops_come_to_the_limit() {
    let silent = |mut node: Node| {
        if let NodeKind::Function(function) = &mut node.kind {
            function.into = None;
        }
        node
    };
    for nodes in [
        vec![choice("x", &[("true", "x")], None)],
        vec![set("x", "a = 1").next("x")],
        vec![silent(function("x")).next("x")],
        vec![split("x", &["y"]), join("y").next("x")],
        vec![wait("x", "true").next("x")],
        vec![does("x").next("y"), choice("y", &[("true", "y")], None)],
    ] {
        let mut world = world(graph(nodes));
        let outcome = world.start("ann", json!({}));
        let outcome = outcome.and_then(|_| world.complete("rita", "x"));
        assert_eq!(outcome, Err(Code::LimitExceeded));
    }
}

#[test]
fn an_endless_loop_of_the_engine_is_refused_too() {
    let mut world = world(graph([choice("x", &[("true", "x")], None)]));
    assert_eq!(world.start("engine", json!({})), Err(Code::LimitExceeded));
}

/// Each round puts all the data into themselves twice.
#[test]
fn data_that_double_come_to_the_limit() {
    let nodes = [set("x", "l = data; r = data").next("x")];
    let mut world = world(graph(nodes.clone()));
    assert_eq!(
        world.start("ann", json!({"a": 1})),
        Err(Code::LimitExceeded)
    );
    let mut world = self::world(graph(nodes));
    world.settings.limits.data_bytes = 10_000;
    world.start("engine", json!({"a": 1})).unwrap();
    assert_eq!(world.incidents(), ["node_failed"]);
    assert!(world.data().to_string().len() <= 10_000);
}

#[test]
fn paths_that_grow_come_to_the_limit() {
    let nodes = [set("x", "a.b = data").next("x")];
    assert_eq!(
        world(graph(nodes)).start("ann", json!({"a": {}})),
        Err(Code::LimitExceeded)
    );
}

#[test]
fn a_thousand_wait_for_one_lock() {
    let nodes = [
        split_each("s", "lines", "a"),
        alone("m", None, does("a")).next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = world(graph(nodes));
    let outcome = world.start("ann", many(1_001));
    assert_eq!(count(&outcome, "task_opened"), 1);
    assert_eq!(count(&outcome, "lock_awaited"), 1_000);
    for _ in 0..20 {
        let outcome = world.complete("rita", "a");
        assert_eq!(count(&outcome, "lock_taken"), 1);
    }
    assert_eq!(world.open("a").count(), 1);
    world.cancel("ann").unwrap();
}

#[test]
fn a_thousand_wait_for_one_condition() {
    let nodes = [
        split_each("s", "lines", "w"),
        wait("w", "go").next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = world(graph(nodes));
    world.start("ann", many(1_000)).unwrap();
    assert_eq!(world.instance.as_ref().unwrap().watching().len(), 1_000);
    world.set_data("host", json!({"go": false})).unwrap();
    world.set_data("host", json!({"go": true})).unwrap();
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn conditions_that_wake_each_other_for_ever_come_to_the_limit() {
    let nodes = [
        split("s", &["a", "b"]),
        wait("a", "x == 1").next("on"),
        set("on", "x = 2").next("a"),
        wait("b", "x == 2").next("off"),
        set("off", "x = 1").next("b"),
    ];
    let mut world = world(graph(nodes));
    world.start("ann", json!({"x": 0})).unwrap();
    let outcome = world.set_data("host", json!({"x": 1}));
    assert_eq!(outcome, Err(Code::LimitExceeded));
}

#[test]
fn a_thousand_children_start_and_one_more_does_not() {
    let nodes = || {
        row([
            subprocess("c", children("c", "lines", ChildMode::Parallel)),
            does("last"),
        ])
    };
    let mut world = world(graph(nodes()));
    assert_eq!(world.start("ann", many(1_001)), Err(Code::LimitExceeded));
    world.start("ann", many(1_000)).unwrap();
    assert_eq!(world.start_children().len(), 1_000);
    for place in 0..3 {
        world.end_child("c", place, done(json!(place))).unwrap();
    }
    world.skip("host", "c").unwrap();
    assert_eq!(world.ordered().len(), 997);
}

fn filled() -> EntrySpec {
    EntrySpec {
        form: form("n"),
        ..user("rita")
    }
}

/// Lists inside each other.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// What comes in by each way with a value so deep.
fn comes_in(way: &str, levels: usize) -> Result<(), Code> {
    let nodes = match way {
        "message" => vec![receive("a", "m", None)],
        "form" => vec![task("a", filled())],
        "branch" => vec![split_each("s", "[1]", "a"), does("a")],
        "job" => vec![job("a")],
        _ => vec![
            does("a").next("f"),
            function("f").next("last"),
            does("last"),
        ],
    };
    let mut world = World::new(graph(nodes), PEOPLE).function("f", Ok(deep(levels)));
    if way == "start" {
        return world.start("ann", json!({"x": deep(levels)})).map(|_| ());
    }
    if way == "seed" {
        let mut start = world.start_of(json!({}));
        start.seed = Some(deep(levels).into());
        let start = signoff_core::command::Command::Start(Box::new(start));
        return world.run("ann", start).map(|_| ());
    }
    world.start("ann", json!({})).unwrap();
    let value = deep(levels);
    let outcome = match way {
        "message" => world.send("a", "m", value),
        "form" => world.complete_form("rita", "a", json!({"n": "x", "x": value})),
        "branch" => world.add_branch("host", "a", value),
        "by hand" => world.set_data("host", json!({"x": value})),
        "function" => world.complete("rita", "a"),
        "job" => world.finish("a", Ok(value)),
        other => unreachable!("{other}"),
    };
    outcome.map(|_| ())?;
    match world.incidents()[..] {
        [] => Ok(()),
        _ => Err(Code::NodeFailed),
    }
}

#[test]
fn what_is_nested_too_deep_to_be_read_back_does_not_come_in() {
    let ways = [
        "start", "seed", "message", "form", "branch", "by hand", "function", "job",
    ];
    for way in ways {
        assert_eq!(comes_in(way, 98), Ok(()), "{way}");
        let expected = match way {
            "job" => Code::NodeFailed,
            _ => Code::LimitExceeded,
        };
        for levels in [101, 127, 500] {
            assert_eq!(comes_in(way, levels), Err(expected), "{way} {levels}");
        }
    }
}
