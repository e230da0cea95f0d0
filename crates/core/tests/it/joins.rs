//! Joins: how many arrivals they need, and what becomes of the rest.

use serde_json::{Value, json};
use signoff_core::{
    graph::{Graph, JoinNeed, Node, Rest},
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{end, graph, job, split},
    kinds::{join_of, split_each},
    toy::condition,
    world::World,
};

/// Branches `a`, `b`, `c`, a join, and `last` after it.
fn three(need: JoinNeed, rest: Rest) -> Graph {
    let mut nodes = vec![split("s", &["a", "b", "c"])];
    nodes.extend(["a", "b", "c"].map(|key| does(key).next("j")));
    nodes.push(join_of("j", need, rest).next("last"));
    nodes.push(does("last"));
    graph(nodes)
}

fn stands(world: &World) -> String {
    format!("{} {}", world.status(), world.at().join(" "))
        .trim_end()
        .to_owned()
}

/// Does the nodes in order and tells where the instance stands after each.
#[track_caller]
fn check(need: JoinNeed, rest: Rest, steps: &[(&str, &str)]) {
    let mut world = World::started(three(need, rest), PEOPLE);
    for (node, expected) in steps {
        match node.strip_prefix('-') {
            Some(node) => world.cancel_task("host", node).unwrap(),
            None => world.complete("rita", node).unwrap(),
        };
        assert_eq!(stands(&world), *expected, "after {node}");
    }
}

#[test]
fn a_join_of_any_fires_at_the_first_and_withdraws_the_rest() {
    check(
        JoinNeed::Any,
        Rest::Cancel,
        &[("b", "running last"), ("last", "completed")],
    );
}

#[test]
fn a_join_that_absorbs_lets_the_rest_end_at_it() {
    check(
        JoinNeed::Any,
        Rest::Absorb,
        &[
            ("b", "running a c last"),
            ("a", "running c last"),
            ("last", "running c"),
            ("c", "completed"),
        ],
    );
}

#[test]
fn counts_and_percentages_are_met_or_all_that_are_left() {
    let second = [("a", "running b c"), ("c", "running last")];
    check(JoinNeed::Count(2), Rest::Cancel, &second);
    check(JoinNeed::Percent(50), Rest::Cancel, &second);
    check(JoinNeed::Percent(34), Rest::Cancel, &second);
    check(
        JoinNeed::Percent(33),
        Rest::Cancel,
        &[("a", "running last")],
    );
    check(JoinNeed::Percent(0), Rest::Cancel, &[("a", "running last")]);
    for need in [JoinNeed::Count(9), JoinNeed::Percent(100), JoinNeed::All] {
        check(
            need,
            Rest::Cancel,
            &[
                ("a", "running b c"),
                ("-b", "running c"),
                ("c", "running last"),
            ],
        );
    }
}

#[test]
fn a_join_with_a_condition_counts_its_branches() {
    let done = JoinNeed::When(condition("branches.done >= 2"));
    check(
        done,
        Rest::Cancel,
        &[("a", "running b c"), ("b", "running last")],
    );
    let gone = JoinNeed::When(condition("branches.cancelled == 1"));
    check(
        gone,
        Rest::Cancel,
        &[("a", "running b c"), ("-b", "running last")],
    );
    let total = JoinNeed::When(condition("branches.total == 3"));
    check(total, Rest::Cancel, &[("c", "running last")]);
}

#[test]
fn a_join_whose_condition_can_never_hold_fails_once_all_have_ended() {
    let never = || three(JoinNeed::When(condition("false")), Rest::Cancel);
    let mut world = World::started(never(), PEOPLE);
    world.complete("rita", "a").unwrap();
    world.complete("rita", "b").unwrap();
    assert_eq!(world.complete("rita", "c"), Err(Code::NodeFailed));
    world.cancel_task("engine", "c").unwrap();
    assert_eq!(stands(&world), "running j");
    assert_eq!(world.incidents(), ["node_failed"]);
    world.skip("host", "j").unwrap();
    assert_eq!(stands(&world), "running last");
    assert_eq!(world.incidents(), [""; 0]);
}

#[test]
fn a_failed_branch_counts_as_failed_until_it_is_settled() {
    let failed = JoinNeed::When(condition("branches.failed == 1"));
    let nodes = [
        split("s", &["x", "b"]),
        job("x").next("j"),
        does("b").next("j"),
        join_of("j", failed, Rest::Cancel).next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.finish("x", Err("no")).unwrap();
    assert_eq!(stands(&world), "running b x");
    world.complete("rita", "b").unwrap();
    assert_eq!(stands(&world), "running last");
    assert_eq!(world.incidents(), [""; 0], "what was withdrawn is settled");
}

fn loops(rest: Rest) -> Vec<Node> {
    vec![
        split("s", &["quick", "slow"]),
        does("quick").next("j"),
        does("slow").next("j"),
        join_of("j", JoinNeed::Any, rest).next("s"),
    ]
}

#[test]
fn a_join_that_blocks_does_not_fire_for_a_later_round_before_the_earlier_is_over() {
    let mut world = World::started(graph(loops(Rest::Absorb)), PEOPLE);
    world.complete("rita", "quick").unwrap();
    world.complete("rita", "quick").unwrap();
    assert_eq!(stands(&world), "running quick slow slow slow");

    let mut world = World::started(graph(loops(Rest::Block)), PEOPLE);
    world.complete("rita", "quick").unwrap();
    assert_eq!(
        stands(&world),
        "running quick slow slow",
        "the second round"
    );
    let first = world.tasks_ever("slow")[0];
    world.complete("rita", "quick").unwrap();
    assert_eq!(
        stands(&world),
        "running slow slow",
        "it waits for the first"
    );
    let answer = signoff_core::command::Answer::default();
    let complete = signoff_core::command::Command::Complete(first, answer);
    world.run("rita", complete).unwrap();
    assert_eq!(stands(&world), "running quick slow slow", "the third round");
}

#[test]
fn inner_scopes_go_with_the_branch_that_is_withdrawn() {
    let nodes = [
        split("s", &["a", "t"]),
        does("a").next("j"),
        split("t", &["b", "c"]),
        does("b").next("k"),
        does("c").next("k"),
        join_of("k", JoinNeed::All, Rest::Cancel).next("j"),
        join_of("j", JoinNeed::Any, Rest::Cancel).next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.complete("rita", "b").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(stands(&world), "running last");
    assert!(world.instance.as_ref().unwrap().scopes().is_empty());

    let mut world = World::started(graph(nodes), PEOPLE);
    for node in ["b", "c"] {
        world.complete("rita", node).unwrap();
    }
    assert_eq!(stands(&world), "running last");
}

#[test]
fn one_branch_for_each_item_carries_it_to_the_join() {
    let nodes = [
        split_each("s", "lines", "f"),
        crate::graphs::function_with("f", &json!({"x": "${ item }", "y": "${ it.n }"})).next("a"),
        does("a").next("j"),
        join_of("j", JoinNeed::Count(2), Rest::Cancel).next("last"),
        does("last"),
    ];
    let start = |lines: Value| {
        let mut world = World::new(graph(nodes.clone()), PEOPLE);
        let outcome = world.start("ann", json!({"lines": lines}));
        (world, outcome)
    };
    let (mut world, outcome) = start(json!([{"n": 1}, {"n": 2}, {"n": 3}]));
    outcome.unwrap();
    assert_eq!(world.data()["f"], json!({"x": {"n": 3}, "y": 3}));
    assert_eq!(stands(&world), "running a a a");
    let items = world.instance.as_ref().unwrap().activations();
    let items: Vec<Value> = items
        .map(|found| Value::clone(&found.items[0].value))
        .collect();
    assert_eq!(items, [json!({"n": 1}), json!({"n": 2}), json!({"n": 3})]);
    world.complete("rita", "a").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(stands(&world), "running last");
    let last = world.instance.as_ref().unwrap().activations().next();
    assert!(last.unwrap().items.is_empty(), "the item ends at the join");
    for lines in [json!([]), json!(7), json!({})] {
        assert_eq!(start(lines).1, Err(Code::NodeFailed));
    }
}

#[test]
fn a_scope_in_which_all_have_ended_closes_without_its_join() {
    let nodes = [
        split("s", &["a", "b"]),
        does("a").next("j"),
        does("b").next("over"),
        end("over"),
        join_of("j", JoinNeed::Any, Rest::Cancel).next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "b").unwrap();
    world.cancel_task("host", "a").unwrap();
    assert_eq!(stands(&world), "running");
    world.revive("host", "a").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(stands(&world), "running last");
}
