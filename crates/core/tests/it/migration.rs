//! An instance goes on by another version of its definition.

use jiff::SignedDuration;
use serde_json::{Value, json};
use signoff_core::{
    command::Removed,
    graph::{EntrySpec, Escalate, Graph, Need, Node, NodeKind, Who},
    instance::ActivationState,
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{
        approval, beside_after, builder, each, graph, job, join, left_after, row, split, task, user,
    },
    kinds::{alone, catch, compensate, receive, timer, undone_by, wait},
    steps::{last_step, step},
    toy::schema,
    world::World,
};

fn started(nodes: impl IntoIterator<Item = Node>) -> World {
    World::started(graph(nodes), PEOPLE)
}

fn at(world: &World) -> String {
    world.at().join(" ")
}

fn version(world: &World) -> u32 {
    world.instance.as_ref().unwrap().definition().version
}

fn was(old: &str, mut node: Node) -> Node {
    node.was.push(old.into());
    node
}

fn data(world: &World) -> Value {
    Value::clone(world.instance.as_ref().unwrap().data())
}

/// What of the tasks is seen: node, number, assignee.
fn tasks(world: &World) -> Vec<String> {
    let tasks = world.instance.as_ref().unwrap().tasks();
    tasks
        .map(|task| format!("{} {} {:?}", task.node, task.number, task.assignee))
        .collect()
}

#[test]
fn an_instance_stays_on_its_version_until_it_is_migrated() {
    let mut world = started([does("a").next("b"), does("b")]);
    assert_eq!(version(&world), 1);
    let next = graph([does("a").next("c"), does("c")]);
    let events = world.migrate("host", next, |_| {}).unwrap();
    assert_eq!(events, ["instance_migrated"]);
    assert_eq!(version(&world), 2);
    world.complete("rita", "a").unwrap();
    assert_eq!(at(&world), "c");
}

#[test]
fn a_task_in_hand_is_kept_with_its_votes() {
    let mut world = started([approval("a", [each("clerk", Need::All)])]);
    world.approve("bob", "a").unwrap();
    let before = tasks(&world);
    let next = graph([
        approval("a", [each("clerk", Need::All)]).next("z"),
        does("z"),
    ]);
    world.migrate("host", next, |_| {}).unwrap();
    assert_eq!(tasks(&world), before);
    assert_eq!(world.approve("bob", "a"), Err(Code::AlreadyDecided));
    world.approve("ann", "a").unwrap();
    world.approve("eve", "a").unwrap();
    assert_eq!(at(&world), "z");
}

#[test]
fn a_renamed_node_is_found_by_what_it_was_or_by_the_plan() {
    let old = || {
        let mut world = started(row([does("x"), does("a"), does("b")]));
        world.complete("rita", "x").unwrap();
        world
    };
    let next = || {
        let last = left_after(100, "d", does("b"));
        let mut nodes = row([was("x", does("y")), was("a", does("c")), last]);
        nodes.push(does("d").next("b"));
        graph(nodes)
    };
    for (plan, expected) in [(None, "c"), (Some("d"), "d")] {
        let mut world = old();
        let outcome = world.migrate("host", next(), |migration| {
            let moved = plan.map(|to| ("a".into(), to.into()));
            migration.nodes.extend(moved);
        });
        assert_eq!(outcome.unwrap(), ["instance_migrated"]);
        assert_eq!(at(&world), expected);
        let instance = world.instance.as_ref().unwrap();
        let known: Vec<&str> = instance.results().keys().map(|key| key.as_str()).collect();
        assert_eq!(
            known,
            [expected, "y"],
            "what was done is done by the new keys"
        );
        world.complete("rita", expected).unwrap();
        assert_eq!(at(&world), "b");
        world.cancel_task("host", "b").unwrap();
        world.undo("host", expected).unwrap();
        world.revive("host", expected).unwrap();
        assert_eq!(at(&world), expected, "undo knows both keys");
    }
}

#[test]
fn what_is_gone_is_obsolete_and_can_only_be_withdrawn_or_moved() {
    let beside = |key: &str| beside_after(1, "nag", does(key));
    for (name, node) in [
        ("task", does("a")),
        ("boundary", beside("a")),
        ("job", job("a")),
        ("message", receive("a", "m", None)),
        ("signal", catch("a", "s")),
        ("timer", timer("a", 1)),
        ("wait", wait("a", "go == 1")),
        ("lock", alone("l", None, does("a"))),
    ] {
        let mut world = started([node.next("b"), does("b"), does("nag")]);
        let next = graph([does("b"), does("nag")]);
        let events = world.migrate("host", next, |_| {}).unwrap();
        assert_eq!(events.last(), Some(&"node_obsolete"), "{name}");
        assert_eq!(world.incidents(), ["dangling_reference"], "{name}");
        assert_eq!(at(&world), "a", "{name}: it is seen");
        assert!(world.store.jobs.values().all(|job| {
            matches!(
                job.work,
                signoff_core::change::JobWork::Actions(_)
                    | signoff_core::change::JobWork::Receive { .. }
            )
        }));
        assert_eq!(world.retry("host", "a"), Err(Code::NotRevivable), "{name}");
        assert_eq!(world.revive("host", "a"), Err(Code::NotRevivable), "{name}");
        assert_eq!(world.skip("host", "a"), Err(Code::NotSkippable), "{name}");
        assert!(world.set_data("host", json!({"go": 1})).is_ok());
        assert_eq!(at(&world), "a", "{name}: nothing moves it by itself");
        let mut moved = started([does("a"), does("b")]);
        moved.migrate("host", graph([does("b")]), |_| {}).unwrap();
        moved.jump("host", Some("a"), "b").unwrap();
        assert_eq!(at(&moved), "b");
        world.cancel_task("host", "a").unwrap();
        assert_eq!(world.incidents(), [""; 0], "{name}");
    }
}

#[test]
fn an_obsolete_branch_keeps_its_join_waiting_until_it_is_withdrawn() {
    let nodes = |c: &str| {
        [
            split("s", &["b", c]),
            does("b").next("j"),
            does(c).next("j"),
            join("j").next("z"),
            does("z"),
        ]
    };
    let mut world = started(nodes("c"));
    world.migrate("host", graph(nodes("d")), |_| {}).unwrap();
    world.complete("rita", "b").unwrap();
    assert_eq!(at(&world), "c");
    let state = world
        .instance
        .as_ref()
        .unwrap()
        .activations()
        .next()
        .unwrap()
        .state;
    assert!(matches!(state, ActivationState::Obsolete(_)));
    world.cancel_task("host", "c").unwrap();
    assert_eq!(at(&world), "z");
}

#[test]
fn a_node_that_comes_back_is_entered_anew() {
    let mut world = started([does("a"), does("b")]);
    world.migrate("host", graph([does("b")]), |_| {}).unwrap();
    let events = world
        .migrate("host", graph([does("a"), does("b")]), |_| {})
        .unwrap();
    assert!(events.contains(&"node_revived"), "{events:?}");
    assert_eq!((at(&world).as_str(), world.incidents()), ("a", vec![]));
    world.complete("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn the_plan_says_what_becomes_of_tokens_on_nodes_that_are_gone() {
    let old = || {
        started([
            split("s", &["b", "c"]),
            does("b").next("j"),
            does("c").next("j"),
            join("j").next("z"),
            does("z"),
        ])
    };
    let next = || {
        graph([
            split("s", &["b"]),
            does("b").next("j"),
            join("j").next("z"),
            does("z"),
        ])
    };
    let mut world = old();
    let refused = world.migrate("host", next(), |plan| plan.removed = Removed::Refuse);
    assert_eq!(refused, Err(Code::TargetInvalid));
    assert_eq!((version(&world), at(&world).as_str()), (1, "b c"));
    let events = world.migrate("host", next(), |plan| plan.removed = Removed::Cancel);
    let expected = [
        "instance_migrated",
        "task_cancelled",
        "node_cancelled",
        "branch_ended",
    ];
    assert_eq!(events.unwrap(), expected);
    world.complete("rita", "b").unwrap();
    assert_eq!(at(&world), "z", "the join waits for what is left");
}

#[test]
fn a_join_looks_at_once_at_what_the_new_version_needs() {
    use signoff_core::graph::{JoinNeed, Rest};
    let nodes = |join: Node| {
        [
            split("s", &["b", "c"]),
            does("b").next("j"),
            does("c").next("j"),
            join.next("z"),
            does("z"),
        ]
    };
    let mut world = started(nodes(join("j")));
    world.complete("rita", "b").unwrap();
    let any = crate::kinds::join_of("k", JoinNeed::Any, Rest::Cancel);
    let mut next = nodes(was("j", any));
    for node in &mut next[1..3] {
        node.next = Some("k".into());
    }
    world.migrate("host", graph(next), |_| {}).unwrap();
    assert_eq!(at(&world), "z");
}

#[test]
fn what_waits_for_something_else_begins_anew() {
    for (name, old, new) in [
        ("kind", does("a"), job("a")),
        (
            "entries",
            approval("a", [user("rita")]),
            approval("a", [user("rita"), user("bob")]),
        ),
        ("message", receive("a", "m", None), receive("a", "n", None)),
        (
            "key",
            receive("a", "m", None),
            receive("a", "m", Some("go")),
        ),
        ("signal", catch("a", "s"), catch("a", "t")),
        ("timer", timer("a", 1), timer("a", 2)),
        ("mutex", does("a"), alone("l", None, does("a"))),
    ] {
        let mut world = World::new(graph([old.clone()]), PEOPLE);
        world.start("ann", json!({"go": "x"})).unwrap();
        let same = world.migrate("host", graph([old]), |_| {}).unwrap();
        assert_eq!(same, ["instance_migrated"], "{name}");
        let events = world.migrate("host", graph([new.clone()]), |_| {}).unwrap();
        assert!(events.contains(&"node_revived"), "{name} {events:?}");
        assert_eq!(at(&world), "a", "{name}");
        let asked = world.migrate("host", graph([new]), |plan| {
            plan.anew.insert("a".into());
        });
        assert!(asked.unwrap().contains(&"node_revived"), "{name}");
    }
}

#[test]
fn a_timer_that_waits_longer_counts_from_now() {
    let hours = SignedDuration::from_hours;
    let mut world = started([timer("a", 3)]);
    world.advance(hours(2));
    world
        .migrate("host", graph([timer("a", 5)]), |_| {})
        .unwrap();
    world.advance(hours(4));
    assert_eq!(at(&world), "a");
    world.advance(hours(1));
    assert_eq!(world.status(), "completed");
}

#[test]
fn boundaries_keep_their_moments_come_and_go() {
    let hours = SignedDuration::from_hours;
    let nodes = |node: Node| graph([node, does("late"), does("nag"), does("new")]);
    let old = left_after(4, "late", beside_after(1, "nag", does("a")));
    let mut world = World::started(nodes(old.clone()), PEOPLE);
    world.advance(hours(1));
    assert_eq!(at(&world), "a nag");
    // In another order, with one more, which counts from now.
    let next = beside_after(
        1,
        "nag",
        left_after(4, "late", beside_after(2, "new", does("a"))),
    );
    let events = world.migrate("host", nodes(next), |_| {}).unwrap();
    assert_eq!(events, ["instance_migrated", "timers_armed"]);
    world.advance(hours(1));
    assert_eq!(at(&world), "a nag", "what has fired does not fire again");
    world.advance(hours(1));
    assert_eq!(at(&world), "a nag new");
    world.advance(hours(1));
    assert_eq!(at(&world), "late nag new", "four hours after the start");
    let mut world = World::started(nodes(old), PEOPLE);
    world.migrate("host", nodes(does("a")), |_| {}).unwrap();
    world.advance(hours(9));
    assert_eq!(at(&world), "a", "what is gone does not fire");
    world
        .migrate("host", nodes(left_after(1, "late", does("a"))), |_| {})
        .unwrap();
    world.advance(hours(1));
    assert_eq!(at(&world), "late");
}

#[test]
fn deadlines_of_a_task_count_from_its_opening() {
    let hours = SignedDuration::from_hours;
    let timed = |after: i64, due: Option<i64>| {
        let escalate = Escalate {
            after: Some(hours(after).into()),
            to: Who::User("bob".into()),
            levels: 2,
        };
        let entry = EntrySpec {
            escalate: (after > 0).then_some(escalate),
            due: due.map(|due| hours(due).into()),
            ..user("rita")
        };
        graph([task("a", entry)])
    };
    let mut world = World::started(timed(10, None), PEOPLE);
    world.advance(hours(2));
    let events = world.migrate("host", timed(3, Some(20)), |_| {}).unwrap();
    assert_eq!(events, ["instance_migrated", "task_retimed"]);
    world.advance(hours(1));
    assert_eq!(world.assignees("a"), ["bob"]);
    world.migrate("host", timed(4, None), |_| {}).unwrap();
    let next = world.next_timer().unwrap().0;
    let opened = world.open("a").next().unwrap().opened_at;
    assert_eq!(
        next.duration_since(opened),
        hours(8),
        "the second level, of four hours each"
    );
    world.migrate("host", timed(0, None), |_| {}).unwrap();
    assert_eq!(world.next_timer(), None);
}

#[test]
fn what_cannot_be_is_refused_and_writes_nothing() {
    let branches = || {
        vec![
            split("s", &["b", "c"]),
            does("b").next("j"),
            does("c").next("j"),
            join("j").next("z"),
            does("z"),
        ]
    };
    let cases: [(&str, Graph); 4] = [
        (
            "the split is gone",
            graph([does("b").next("c"), does("c"), does("z")]),
        ),
        (
            "the split is something else",
            graph([does("s").next("b"), does("b"), does("c")]),
        ),
        (
            "the node lies elsewhere",
            graph([
                split("s", &["b", "y"]),
                does("b").next("j"),
                does("y").next("j"),
                join("j").next("c"),
                does("c"),
            ]),
        ),
        (
            "the join is gone",
            graph([
                split("s", &["b", "c"]),
                does("b").next("k"),
                does("c").next("k"),
                join("k"),
            ]),
        ),
    ];
    for (name, next) in cases {
        let mut world = started(branches());
        world.complete("rita", "b").unwrap();
        let refused = world.migrate("host", next, |_| {});
        assert_eq!(refused, Err(Code::TargetInvalid), "{name}");
        assert_eq!((version(&world), at(&world).as_str()), (1, "c"), "{name}");
    }
}

#[test]
fn a_plan_that_names_what_is_not_there_is_refused() {
    let next = || graph([does("a"), does("b")]);
    type Wrong = fn(&mut signoff_core::command::Migration);
    let plans: &[Wrong] = &[
        |plan| drop(plan.nodes.insert("a".into(), "nowhere".into())),
        |plan| drop(plan.nodes.insert("nowhere".into(), "a".into())),
        |plan| assert!(plan.anew.insert("nowhere".into())),
        |plan| plan.to.version = 1,
        |plan| plan.to.workflow = "other".into(),
    ];
    for plan in plans {
        let mut world = started([does("a")]);
        assert_eq!(
            world.migrate("host", next(), plan),
            Err(Code::TargetInvalid)
        );
    }
    let mut world = started([does("a")]);
    assert_eq!(
        world.migrate("bob", next(), |_| {}),
        Err(Code::NotPermitted)
    );
    world.complete("rita", "a").unwrap();
    assert_eq!(world.migrate("host", next(), |_| {}), Err(Code::NotRunning));
}

#[test]
fn the_data_must_fit_and_may_be_set_with_it() {
    let strict = || {
        let (source, schema) = schema(&["size"]);
        let data = signoff_core::graph::DataSchema { source, schema };
        builder([does("a")]).data(Some(data)).build().unwrap()
    };
    let mut world = started([does("a")]);
    assert_eq!(
        world.migrate("host", strict(), |_| {}),
        Err(Code::FormInvalid)
    );
    let set = world.migrate("host", strict(), |plan| {
        plan.data.insert("size".to_owned(), json!("7"));
    });
    assert_eq!(set.unwrap(), ["instance_migrated", "data_set"]);
    assert_eq!(data(&world), json!({"size": "7"}));
}

#[test]
fn what_is_to_be_taken_back_has_its_new_keys() {
    let nodes = |a: &str, undo: &str| {
        row([
            undone_by(undo, does(a)),
            does("b"),
            compensate("c", &[]),
            does("z"),
        ])
        .into_iter()
        .chain([does(undo)])
        .collect::<Vec<_>>()
    };
    let mut world = started(nodes("a", "undo_a"));
    world.complete("rita", "a").unwrap();
    let next = graph(
        nodes("x", "undo_x")
            .into_iter()
            .map(|node| match node.key.as_str() {
                "x" => was("a", node),
                "undo_x" => was("undo_a", node),
                _ => node,
            }),
    );
    world.migrate("host", next, |_| {}).unwrap();
    world.complete("rita", "b").unwrap();
    assert_eq!(at(&world), "c undo_x");
    world.complete("rita", "undo_x").unwrap();
    assert_eq!(at(&world), "z");
}

#[test]
fn a_step_goes_on_with_its_status_which_must_be_there() {
    let steps = |key: &str| [step(key, &[("b", None)]), last_step("b")];
    let without = |gone: &str| {
        let mut nodes = steps("c");
        if let NodeKind::Step(step) = &mut nodes[0].kind {
            step.statuses.shift_remove(gone);
        }
        let [first, last] = nodes;
        graph([was("a", first), last])
    };
    let status = |world: &World| {
        let (node, status) = world.instance.as_ref().unwrap().step().unwrap();
        format!("{node} {}", status.key)
    };
    let mut world = started(steps("a"));
    world.set_status("rita", "a", "waiting").unwrap();
    let refused = world.migrate("host", without("waiting"), |_| {});
    assert_eq!(refused, Err(Code::TargetInvalid));
    assert_eq!((version(&world), status(&world).as_str()), (1, "a waiting"));
    let events = world.migrate("host", without("new"), |_| {}).unwrap();
    assert_eq!(events, ["instance_migrated"]);
    assert_eq!(status(&world), "c waiting");
    let events = world.migrate("host", without("waiting"), |plan| {
        plan.anew.insert("c".into());
    });
    assert!(events.unwrap().contains(&"status_set"));
    assert_eq!(status(&world), "c new", "it begins with its default");
    world.set_status("rita", "c", "done").unwrap();
    world.set_status("rita", "b", "done").unwrap();
    assert_eq!(world.status(), "completed");
}
