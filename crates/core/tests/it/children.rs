//! Subprocesses: children that start, end, fail, and raise codes.

use serde_json::{Value, json};
use signoff_core::{
    change::JobWork,
    command::Command,
    graph::{ChildMode, Graph, Node, SubprocessNode},
    id::{ActivationId, InstanceId},
    instance::{ChildEnd, Parent},
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{choice, graph, row},
    kinds::{child, children, fail, on_error, on_escalation, raise, subprocess},
    operate::{done, failed},
    world::World,
};

fn waits_for(node: SubprocessNode) -> Graph {
    graph(row([subprocess("c", node), does("last")]))
}

fn started(node: SubprocessNode, data: Value) -> World {
    let mut world = World::new(waits_for(node), PEOPLE);
    world.start("ann", data).unwrap();
    world
}

fn three() -> Value {
    json!({"lines": [1, 2, 3]})
}

#[test]
fn a_child_ends_and_its_data_are_taken() {
    let mut world = started(child("c"), json!({}));
    assert_eq!(world.start_children(), [Value::Null]);
    assert_eq!(world.at(), ["c"]);
    let (activation, id) = world.child_at("c", 0);
    let end = Command::EndChild(activation, id, done(json!({"n": 1})));
    for who in ["ann", "root"] {
        assert_eq!(world.run(who, end.clone()), Err(Code::NotPermitted));
    }
    let events = world.run("engine", end.clone()).unwrap();
    assert_eq!(events[..3], ["child_ended", "data_set", "node_completed"]);
    assert_eq!(world.data(), json!({"c": {"n": 1}}));
    assert_eq!(world.run("engine", end), Err(Code::NotOpen));
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn children_side_by_side_give_a_list_in_the_order_of_the_items() {
    let mut world = started(children("c", "lines", ChildMode::Parallel), three());
    let given = world.start_children();
    assert_eq!(
        given,
        [json!({"of": 1}), json!({"of": 2}), json!({"of": 3})]
    );
    world.end_child("c", 2, done(json!("third"))).unwrap();
    world.end_child("c", 1, ChildEnd::Cancelled).unwrap();
    assert_eq!(world.at(), ["c"]);
    world.end_child("c", 0, done(json!("first"))).unwrap();
    assert_eq!(world.data()["c"], json!(["first", null, "third"]));
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn children_in_a_row_start_one_after_another() {
    let mut world = started(children("c", "lines", ChildMode::Sequence), three());
    for place in 0..3 {
        assert_eq!(world.start_children(), [json!({"of": place + 1})]);
        world.end_child("c", place, done(json!(place))).unwrap();
    }
    assert_eq!(world.data()["c"], json!([0, 1, 2]));
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn without_items_the_node_completes_at_once() {
    let node = children("c", "lines", ChildMode::Parallel);
    let mut world = started(node.clone(), json!({"lines": []}));
    assert_eq!(
        (world.at(), world.data()["c"].clone()),
        (vec!["last".to_owned()], json!([]))
    );
    world = World::new(waits_for(node), PEOPLE);
    assert_eq!(
        world.start("ann", json!({"lines": 7})),
        Err(Code::NodeFailed)
    );
}

#[test]
fn a_child_that_fails_fails_the_node_and_the_others_are_cancelled() {
    let mut world = started(children("c", "lines", ChildMode::Parallel), three());
    world.start_children();
    let events = world.end_child("c", 1, failed("rejected")).unwrap();
    assert_eq!(events, ["child_ended", "incident_opened", "node_failed"]);
    assert_eq!(world.incidents(), ["child_failed"]);
    assert_eq!(world.ordered(), ["cancel_child", "cancel_child"]);
    world.end_child("c", 0, ChildEnd::Cancelled).unwrap();
    assert_eq!(
        world.end_child("c", 2, done(json!(3))).unwrap(),
        ["child_ended"]
    );
    assert_eq!(world.at(), ["c"], "an operator must look at it");
    world.retry("host", "c").unwrap();
    assert_eq!(world.start_children().len(), 3, "all anew");
}

#[test]
fn the_code_of_a_child_may_be_caught() {
    for (code, expected) in [("rejected", "late"), ("other", "c")] {
        let node = subprocess("c", child("c")).next("last");
        let nodes = [
            on_error(Some("rejected"), "late", node),
            does("last"),
            does("late"),
        ];
        let mut world = World::started(graph(nodes), PEOPLE);
        world.start_children();
        world.end_child("c", 0, failed(code)).unwrap();
        assert_eq!(world.at(), [expected]);
    }
}

#[test]
fn when_all_children_were_cancelled_the_node_fails() {
    let mut world = started(children("c", "lines", ChildMode::Parallel), three());
    world.start_children();
    for place in 0..3 {
        world.end_child("c", place, ChildEnd::Cancelled).unwrap();
    }
    assert_eq!(world.incidents(), ["child_failed"]);
}

#[test]
fn whatever_withdraws_the_node_cancels_its_children() {
    type Do = fn(&mut World);
    let ways: [(&str, Do); 4] = [
        ("cancel_task", |world| {
            drop(world.cancel_task("host", "c").unwrap())
        }),
        ("skip", |world| drop(world.skip("host", "c").unwrap())),
        ("jump", |world| {
            drop(world.jump("host", Some("c"), "last").unwrap())
        }),
        ("cancel", |world| drop(world.cancel("ann").unwrap())),
    ];
    for (name, way) in ways {
        let mut world = started(child("c"), json!({}));
        world.start_children();
        way(&mut world);
        assert_eq!(world.ordered(), ["cancel_child"], "{name}");
    }
}

#[test]
fn children_that_are_not_waited_for_are_forgotten() {
    let node = SubprocessNode {
        awaits: false,
        ..children("c", "lines", ChildMode::Sequence)
    };
    let mut world = started(node, three());
    assert_eq!(
        (world.at(), world.ordered().len()),
        (vec!["last".to_owned()], 3)
    );
    assert_eq!(world.start_children().len(), 3);
    let parents = world.store.children.values().map(|job| job.parent.awaits);
    assert!(parents.eq([false; 3]));
    world.cancel("ann").unwrap();
    assert_eq!(world.ordered(), [""; 0]);
}

#[test]
fn a_workflow_that_is_not_there_fails_the_node() {
    let node = SubprocessNode {
        workflow: "ghost".into(),
        ..child("c")
    };
    let mut world = World::new(waits_for(node), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::DanglingReference));
    world.start("engine", json!({})).unwrap();
    assert_eq!(world.incidents(), ["dangling_reference"]);
}

fn listens() -> Vec<Node> {
    let node = subprocess("c", child("c")).next("last");
    vec![
        on_escalation("late", "nag", node),
        does("last"),
        does("nag"),
    ]
}

#[test]
fn a_code_that_a_child_raises_runs_a_token_beside_the_node() {
    let mut world = World::started(graph(listens()), PEOPLE);
    world.start_children();
    let (activation, id) = world.child_at("c", 0);
    let raised = |code: &str| Command::ChildRaised(activation, id, code.to_owned());
    assert_eq!(world.run("ann", raised("late")), Err(Code::NotPermitted));
    assert_eq!(world.run("engine", raised("other")), Err(Code::NotOpen));
    let events = world.run("engine", raised("late")).unwrap();
    assert_eq!(events[..2], ["side_opened", "node_entered"]);
    world.run("engine", raised("late")).unwrap();
    assert_eq!(world.at(), ["c", "nag", "nag"]);
    world.end_child("c", 0, done(json!({}))).unwrap();
    assert_eq!(world.run("engine", raised("late")), Err(Code::NotOpen));
    for node in ["last", "nag", "nag"] {
        assert_eq!(world.status(), "running");
        world.complete("rita", node).unwrap();
    }
    assert_eq!(world.status(), "completed");
}

fn parent(awaits: bool) -> Parent {
    let id = |n| uuid::Uuid::from_u128(n);
    Parent {
        instance: InstanceId::new(id(1)),
        activation: ActivationId::new(id(2)),
        awaits,
        wants_data: true,
    }
}

/// Starts the graph as a child and gives what it tells its parent.
fn told(graph: Graph, parent: Option<Parent>, act: fn(&mut World)) -> Vec<JobWork> {
    let mut world = World::new(graph, PEOPLE);
    let mut start = world.start_of(json!({"n": 1}));
    start.parent = parent;
    world
        .run("engine", Command::Start(Box::new(start)))
        .unwrap();
    act(&mut world);
    let jobs = world.store.jobs.values().map(|job| job.work.clone());
    jobs.collect()
}

#[test]
fn a_child_tells_its_parent_how_it_ended() {
    /// What happens to an instance.
    type Act = fn(&mut World);
    let ends: [(&str, Act); 4] = [
        ("completed", |world| {
            drop(world.complete("rita", "a").unwrap())
        }),
        ("cancelled", |world| drop(world.cancel("host").unwrap())),
        ("failed", |world| {
            drop(world.jump("host", None, "bad").unwrap())
        }),
        ("rejected", |world| {
            world.jump("host", None, "vote").unwrap();
            world.reject("rita", "vote").unwrap();
        }),
    ];
    let nodes = || {
        graph([
            choice("to", &[("n == 2", "bad"), ("n == 3", "vote")], Some("a")),
            does("a"),
            fail("bad", "no_stock"),
            crate::graphs::approval("vote", [crate::graphs::user("rita")]),
        ])
    };
    for (name, act) in ends {
        let jobs = told(nodes(), Some(parent(true)), act);
        let [JobWork::EndChild { end, .. }] = &jobs[..] else {
            panic!("{name}: {jobs:?}")
        };
        let shown = serde_json::to_value(end).unwrap();
        let expected = match name {
            "completed" => json!({"status": "completed", "data": {"n": 1}}),
            "cancelled" => json!({"status": "cancelled"}),
            "failed" => {
                json!({"status": "failed", "code": "no_stock", "message": "the child failed"})
            }
            _ => json!({"status": "failed", "code": "rejected", "message": "no"}),
        };
        assert_eq!(shown, expected);
        assert_eq!(told(nodes(), Some(parent(false)), act), []);
        assert_eq!(told(nodes(), None, act), []);
    }
}

#[test]
fn a_code_is_told_to_a_parent_that_waits() {
    let nodes = || graph(row([raise("tell", "late"), does("a")]));
    let says = |parent| told(nodes(), parent, |_| {});
    assert!(
        matches!(&says(Some(parent(true)))[..], [JobWork::Raise { code, .. }] if code == "late")
    );
    assert_eq!(says(Some(parent(false))), []);
    assert_eq!(says(None), []);
}

#[test]
fn one_more_child_may_be_added_up_to_the_limit() {
    for mode in [ChildMode::Parallel, ChildMode::Sequence] {
        let mut world = started(children("c", "lines", mode), three());
        world.settings.limits.children = 4;
        world.start_children();
        assert_eq!(
            world.add_branch("rita", "c", json!(4)),
            Err(Code::NotPermitted)
        );
        world.add_branch("root", "c", json!(4)).unwrap();
        let expected = usize::from(mode == ChildMode::Parallel);
        assert_eq!(world.start_children().len(), expected);
        assert_eq!(
            world.add_branch("root", "c", json!(5)),
            Err(Code::LimitExceeded)
        );
        for place in 0..4 {
            world.start_children();
            world.end_child("c", place, done(json!(place))).unwrap();
        }
        assert_eq!(world.data()["c"], json!([0, 1, 2, 3]));
        assert_eq!(world.add_branch("root", "c", json!(5)), Err(Code::NotOpen));
    }
}
