//! The flow of tokens: guards, groups, choices, splits, joins, functions.

use std::collections::BTreeMap;

use serde_json::json;
use signoff_core::{event::Event, graph::Graph, refusal::RefusalCode as Code};

use crate::{
    graphs::{
        approval, builder, choice, end, function, function_with, graph, group, guarded, in_group,
        join, row, split, user,
    },
    world::{WAYS, World},
};

const PEOPLE: &str = "ann; rita; bob; eve";

fn ask(key: &str) -> signoff_core::graph::Node {
    approval(key, [user("rita")])
}

/// Two groups of two stages each; the second has a guard.
fn groups(guard: &str) -> Graph {
    let nodes = row([
        ("a", "one"),
        ("b", "one"),
        ("c", "two"),
        ("d", "two"),
        ("e", "three"),
    ]
    .map(|(key, group)| in_group(ask(key), group)));
    builder(nodes)
        .group(group("one", None, Some("c")))
        .group(group("two", Some(guard), Some("e")))
        .group(group("three", None, None))
        .build()
        .unwrap()
}

fn skipped(world: &World) -> Vec<String> {
    let names = world.events().filter_map(|event| match event {
        Event::NodeSkipped { node, .. } => Some(node.to_string()),
        Event::GroupSkipped { group, .. } => Some(format!("{group}*")),
        _ => None,
    });
    names.collect()
}

#[test]
fn a_group_whose_guard_is_false_is_passed_by_whole() {
    let mut world = World::started(groups("false"), PEOPLE);
    world.approve("rita", "a").unwrap();
    world.approve("rita", "b").unwrap();
    assert_eq!(world.at(), ["e"]);
    assert_eq!(skipped(&world), ["two*"]);
}

#[test]
fn a_guard_of_a_group_is_asked_once_as_it_is_entered() {
    let mut world = World::new(groups("open"), PEOPLE);
    world.start("ann", json!({"open": true})).unwrap();
    for node in ["a", "b", "c", "d", "e"] {
        world.approve("rita", node).unwrap();
    }
    assert_eq!(world.status(), "completed");
    assert_eq!(skipped(&world), [""; 0]);
}

#[test]
fn a_node_whose_guard_is_false_is_passed_by() {
    let nodes = row([
        guarded(ask("a"), "big == true"),
        ask("b"),
        guarded(ask("c"), "big == false"),
    ]);
    for (big, expected) in [(true, ["a", "b"]), (false, ["b", "c"])] {
        let mut world = World::new(graph(nodes.clone()), PEOPLE);
        world.start("ann", json!({"big": big})).unwrap();
        for node in expected {
            assert_eq!(world.at(), [node]);
            world.approve("rita", node).unwrap();
        }
        assert_eq!(world.status(), "completed");
    }
}

#[test]
fn when_all_is_passed_by_the_instance_completes_at_once() {
    let nodes = row([guarded(ask("a"), "false"), guarded(ask("b"), "false")]);
    let mut world = World::new(graph(nodes), PEOPLE);
    let events = world.start("ann", json!({})).unwrap();
    assert_eq!(
        events,
        [
            "instance_started",
            "node_skipped",
            "node_skipped",
            "branch_ended",
            "instance_completed"
        ]
    );
}

#[test]
fn a_condition_that_fails_refuses_a_person_and_leaves_the_engine_an_incident() {
    let broken = [
        row([guarded(ask("a"), "missing")]),
        row([guarded(ask("a"), "7")]),
        vec![choice("c", &[("missing", "a")], None), ask("a")],
        vec![choice("c", &[("false", "a")], None), ask("a")],
        vec![split("s", &["a ? missing", "a"]), ask("a")],
        vec![split("s", &["a ? false"]), ask("a")],
    ];
    for nodes in broken {
        let mut world = World::new(graph(nodes.clone()), PEOPLE);
        assert_eq!(
            world.start("ann", json!({})),
            Err(Code::NodeFailed),
            "{nodes:?}"
        );
        assert!(world.store.instance.is_none(), "nothing is written");
        world.start("engine", json!({})).unwrap();
        assert_eq!(world.incidents(), ["node_failed"]);
        assert_eq!(world.status(), "running");
        world.cancel("host").unwrap();
    }
}

#[test]
fn a_choice_takes_the_first_case_that_holds() {
    let nodes = [
        choice("c", &[("kind == 1", "a"), ("kind >= 1", "b")], Some("d")),
        ask("a"),
        ask("b"),
        ask("d"),
    ];
    for (kind, expected) in [(1, "a"), (5, "b"), (0, "d")] {
        let mut world = World::new(graph(nodes.clone()), PEOPLE);
        world.start("ann", json!({"kind": kind})).unwrap();
        assert_eq!(world.at(), [expected]);
    }
}

fn parallel() -> Vec<signoff_core::graph::Node> {
    vec![
        split("s", &["a", "b", "c ? third"]),
        ask("a").next("j"),
        ask("b").next("j"),
        ask("c").next("j"),
        join("j").next("last"),
        ask("last"),
    ]
}

#[test]
fn a_join_waits_for_every_branch_in_any_order() {
    for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
        let mut world = World::new(graph(parallel()), PEOPLE);
        world.start("ann", json!({"third": true})).unwrap();
        assert_eq!(world.at(), ["a", "b", "c"]);
        for node in order {
            assert_ne!(world.at(), ["last"]);
            world.approve("rita", node).unwrap();
        }
        assert_eq!(world.at(), ["last"]);
    }
}

#[test]
fn a_branch_that_is_not_taken_is_not_waited_for() {
    let mut world = World::new(graph(parallel()), PEOPLE);
    world.start("ann", json!({"third": false})).unwrap();
    world.approve("rita", "a").unwrap();
    world.approve("rita", "b").unwrap();
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn branches_that_end_are_not_waited_for() {
    let nodes = [
        split("s", &["a", "b"]),
        ask("a").next("stop"),
        end("stop"),
        ask("b").next("j"),
        join("j").next("last"),
        ask("last"),
    ];
    for order in [["a", "b"], ["b", "a"]] {
        let mut world = World::started(graph(nodes.clone()), PEOPLE);
        for node in order {
            world.approve("rita", node).unwrap();
        }
        assert_eq!(world.at(), ["last"], "{order:?}");
    }
}

#[test]
fn when_every_branch_has_ended_so_has_the_instance() {
    let nodes = [
        split("s", &["a", "b"]),
        ask("a"),
        ask("b").next("stop"),
        end("stop"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.status(), "running");
    world.approve("rita", "b").unwrap();
    assert_eq!(world.status(), "completed");
}

fn nested() -> Graph {
    graph([
        split("s1", &["a", "s2"]),
        ask("a").next("j1"),
        split("s2", &["b", "c"]),
        ask("b").next("j2"),
        ask("c").next("j2"),
        join("j2").next("d"),
        ask("d").next("j1"),
        join("j1").next("last"),
        ask("last"),
    ])
}

#[test]
fn scopes_nest() {
    for order in [
        ["a", "b", "c", "d"],
        ["c", "b", "d", "a"],
        ["b", "a", "c", "d"],
    ] {
        let mut world = World::started(nested(), PEOPLE);
        assert_eq!(world.instance.as_ref().unwrap().scopes().len(), 2);
        for node in order {
            world.approve("rita", node).unwrap();
        }
        assert_eq!(world.at(), ["last"]);
        assert!(world.instance.as_ref().unwrap().scopes().is_empty());
    }
}

#[test]
fn a_no_in_an_inner_branch_ends_everything() {
    let mut world = World::started(nested(), PEOPLE);
    world.approve("rita", "b").unwrap();
    world.reject("rita", "c").unwrap();
    assert_eq!(world.status(), "rejected");
    let states: BTreeMap<String, String> = world
        .instance
        .as_ref()
        .unwrap()
        .results()
        .iter()
        .map(|(node, result)| (node.to_string(), format!("{:?}", result.state)))
        .collect();
    assert_eq!(
        (states["a"].as_str(), states["c"].as_str()),
        ("Cancelled", "Rejected")
    );
}

#[test]
fn a_failed_branch_blocks_its_join() {
    let nodes = [
        split("s", &["a", "b"]),
        ask("a").next("j"),
        approval("b", [user("ghost")]).next("j"),
        join("j").next("last"),
        ask("last"),
    ];
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("engine", json!({})).unwrap();
    world.approve("rita", "a").unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["b".to_owned()], "running")
    );
}

#[test]
fn two_branches_may_meet_at_one_node_before_the_join() {
    let nodes = [
        split("s", &["a", "b"]),
        ask("a").next("both"),
        ask("b").next("both"),
        ask("both").next("j"),
        join("j"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("rita", "a").unwrap();
    world.approve("rita", "b").unwrap();
    assert_eq!(world.at(), ["both", "both"]);
    world.approve("rita", "both").unwrap();
    world.approve("rita", "both").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_loop_goes_round_until_the_choice_leaves_it() {
    let nodes = [
        ask("a").next("again"),
        choice("again", &[("forms.a.more == \"y\"", "a")], Some("stop")),
        end("stop"),
    ];
    let entry = signoff_core::graph::EntrySpec {
        form: crate::graphs::form("more"),
        ..user("rita")
    };
    let mut nodes = nodes.to_vec();
    nodes[0] = approval("a", [entry]).next("again");
    let mut world = World::started(graph(nodes), PEOPLE);
    for _ in 0..3 {
        world
            .approve_form("rita", "a", json!({"more": "y"}))
            .unwrap();
        assert_eq!(world.at(), ["a"]);
    }
    world
        .approve_form("rita", "a", json!({"more": "n"}))
        .unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_function_sees_the_data_and_its_result_is_seen() {
    let nodes = row([
        function_with(
            "sum",
            &json!({"n": "${ data.n }", "text": "n=${ n }", "list": [1, "${ n }"]}),
        ),
        choice("c", &[("sum.n == 7", "a")], None),
    ]);
    let nodes = nodes.into_iter().chain([ask("a")]);
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"n": 7})).unwrap();
    let data = world.instance.as_ref().unwrap().data().clone();
    assert_eq!(data["sum"], json!({"n": 7, "text": "n=7", "list": [1, 7]}));
    assert_eq!(world.at(), ["a"]);
}

#[test]
fn a_thousand_functions_run_in_one_command() {
    let keys: Vec<String> = (0..1_000).map(|n| format!("f{n}")).collect();
    let nodes = row(keys.iter().map(|key| {
        let mut node = function(key);
        if let signoff_core::graph::NodeKind::Function(function) = &mut node.kind {
            function.into = None;
        }
        node
    }));
    let mut world = World::new(graph(nodes), PEOPLE);
    world.ways = &WAYS[1..2];
    let events = world.start("ann", json!({})).unwrap();
    assert_eq!(
        events
            .iter()
            .filter(|name| **name == "function_returned")
            .count(),
        1_000
    );
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_failing_function_refuses_the_whole_call_of_a_person() {
    let nodes = row([ask("a"), function("first"), function("broken"), ask("b")]);
    let mut world = World::started(graph(nodes), PEOPLE).function("broken", Err("out of paper"));
    let rows = world.store.instance.clone();
    assert_eq!(world.approve("rita", "a"), Err(Code::NodeFailed));
    assert!(
        world
            .refusal
            .as_ref()
            .unwrap()
            .message
            .contains("out of paper")
    );
    assert_eq!(world.store.instance, rows, "nothing is written");
    world.functions.clear();
    world.approve("rita", "a").unwrap();
    assert_eq!(world.at(), ["b"]);
}

#[test]
fn a_failing_function_of_the_engine_keeps_the_work_before_it() {
    let nodes = row([function("first"), function("broken"), ask("b")]);
    let mut world = World::new(graph(nodes), PEOPLE)
        .function("broken", Err("out of paper"))
        .function("first", Ok(json!(1)));
    world.start("engine", json!({})).unwrap();
    assert_eq!(
        (world.at(), world.incidents()),
        (vec!["broken".to_owned()], vec!["node_failed"])
    );
    assert_eq!(world.instance.as_ref().unwrap().data()["first"], 1);
}

#[test]
fn functions_side_by_side_run_in_branch_order() {
    let nodes = [
        split("s", &["x", "y"]),
        function("x").next("j"),
        function("y").next("j"),
        join("j").next("z"),
        function("z"),
    ];
    let mut world = World::new(graph(nodes), PEOPLE)
        .function("x", Ok(json!(1)))
        .function("y", Ok(json!(2)));
    world.start("ann", json!({})).unwrap();
    let data = world.instance.as_ref().unwrap().data().clone();
    let keys: Vec<&String> = data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["x", "y", "z"]);
}

#[test]
fn an_instance_is_cancelled_by_its_managers_or_else_its_requester() {
    for (managers, who, expected) in [
        ("", "ann", Ok(())),
        ("", "rita", Err(Code::NotPermitted)),
        ("", "root", Ok(())),
        ("", "host", Ok(())),
        ("user:bob", "ann", Err(Code::NotPermitted)),
        ("user:bob", "bob", Ok(())),
        ("role:lead", "eve", Ok(())),
        ("user:zed", "zed", Err(Code::NotPermitted)),
    ] {
        let managers = managers
            .split_whitespace()
            .map(|name| name.parse().unwrap())
            .collect();
        let graph = builder(parallel()).managers(managers).build().unwrap();
        let mut world = World::new(graph, "ann; rita; bob; eve lead; root*; zed-");
        world.start("ann", json!({"third": true})).unwrap();
        assert_eq!(world.cancel(who).map(|_| ()), expected, "{who}");
        assert!(world.cancel(who).is_err());
    }
}
