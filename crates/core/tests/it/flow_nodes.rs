//! Nodes of flows: tasks, jobs, choices, splits, the start and the end.

use serde_json::{Value, json};
use signoff_core::{
    graph::{Duty, EntrySpec, Graph, Need, Node, Who},
    refusal::RefusalCode as Code,
};

use crate::{
    documents::publish,
    graphs::{
        approval, choice, end, form, function, graph, job, job_with, join, role, row, split, task,
        user,
    },
    world::{World, finished},
};

pub(crate) const PEOPLE: &str = "ann clerk; rita; bob clerk; eve clerk; root*; zed- clerk";

pub(crate) fn does(key: &str) -> Node {
    task(key, user("rita"))
}

pub(crate) fn flow(nodes: &Value) -> Graph {
    let document = json!({
        "format": "signoff/v1",
        "kind": "flow",
        "key": "toy",
        "title": "For ${ who }",
        "data": {"type": "object", "properties": {
            "who": {"type": "string", "default": "all"},
            "size": {"type": "number"},
            "note": {"type": "string"},
            "urgent": {"type": "boolean", "default": false},
        }},
        "nodes": nodes,
    });
    publish(&document).unwrap().graph
}

fn data(world: &World) -> Value {
    Value::clone(world.instance.as_ref().unwrap().data())
}

#[test]
fn a_task_is_completed_by_its_person_and_fills_the_data() {
    let entry = EntrySpec {
        form: form("size"),
        ..user("rita")
    };
    let mut world = World::started(graph(row([task("a", entry), does("b")])), PEOPLE);
    let events = world
        .complete_form("rita", "a", json!({"size": "XL"}))
        .unwrap();
    assert_eq!(
        events,
        [
            "decision_made",
            "data_set",
            "entry_closed",
            "node_completed",
            "node_entered",
            "entry_opened",
            "task_opened"
        ]
    );
    assert_eq!(data(&world), json!({"size": "XL"}));
    assert_eq!(world.at(), ["b"]);
    world.complete("rita", "b").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn fields_are_required_optional_or_have_a_default() {
    let nodes = json!({
        "start": {"start": {}, "next": "a"},
        "a": {"task": {"form": ["size", "note?", "urgent"], "user": "rita"}, "next": "end"},
        "end": {"end": {}},
    });
    for (form, expected) in [
        (None, Err(Code::FormRequired)),
        (Some(json!({})), Err(Code::FormInvalid)),
        (Some(json!([])), Err(Code::FormInvalid)),
        (Some(json!({"size": "big"})), Err(Code::FormInvalid)),
        (Some(json!({"size": 1, "who": "x"})), Err(Code::FormInvalid)),
        (Some(json!({"size": 1, "nope": 1})), Err(Code::FormInvalid)),
        (
            Some(json!({"size": 1, "urgent": 1})),
            Err(Code::FormInvalid),
        ),
        (Some(json!({"size": 1})), Ok(json!({"size": 1}))),
        (
            Some(json!({"size": 1, "note": "n", "urgent": true})),
            Ok(json!({"size": 1, "note": "n", "urgent": true})),
        ),
    ] {
        let mut world = World::started(flow(&nodes), PEOPLE);
        let before = data(&world);
        let found = match form.clone() {
            Some(form) => world.complete_form("rita", "a", form),
            None => world.complete("rita", "a"),
        };
        assert_eq!(found.map(|_| ()), expected.clone().map(|_| ()), "{form:?}");
        let Ok(values) = expected else {
            assert_eq!(data(&world), before);
            continue;
        };
        let mut all = json!({"who": "all", "urgent": false});
        all.as_object_mut()
            .unwrap()
            .extend(values.as_object().unwrap().clone());
        assert_eq!(data(&world), all);
    }
}

#[test]
fn a_task_without_a_form_takes_none() {
    let mut world = World::started(graph([does("a")]), PEOPLE);
    assert_eq!(
        world.complete_form("rita", "a", json!({"x": 1})),
        Err(Code::FormNotAllowed)
    );
    world.complete("rita", "a").unwrap();
}

#[test]
fn data_beyond_their_limit_are_refused() {
    let entry = EntrySpec {
        form: form("size"),
        ..user("rita")
    };
    let mut world = World::started(graph([task("a", entry)]), PEOPLE);
    world.settings.limits.data_bytes = 40;
    let long = "x".repeat(30);
    assert_eq!(
        world.complete_form("rita", "a", json!({"size": long})),
        Err(Code::LimitExceeded)
    );
    world
        .complete_form("rita", "a", json!({"size": "x"}))
        .unwrap();
}

#[test]
fn votes_are_for_approvals_and_done_is_for_tasks() {
    let mut world = World::started(
        graph(row([does("a"), approval("b", [user("rita")])])),
        PEOPLE,
    );
    assert_eq!(world.approve("rita", "a"), Err(Code::UnknownOutcome));
    assert_eq!(world.reject("rita", "a"), Err(Code::UnknownOutcome));
    assert_eq!(world.resubmit("rita", "a", None), Err(Code::UnknownOutcome));
    assert_eq!(world.approve("eve", "a"), Err(Code::NotPermitted));
    world.complete("rita", "a").unwrap();
    assert_eq!(world.complete("rita", "b"), Err(Code::UnknownOutcome));
    assert_eq!(world.complete("eve", "b"), Err(Code::NotPermitted));
    world.approve("rita", "b").unwrap();
    assert_eq!(world.complete("rita", "b"), Err(Code::NotRunning));
}

#[test]
fn an_offered_task_is_done_by_any_candidate_or_the_one_who_claimed_it() {
    let start = || World::started(graph([task("a", role("clerk"))]), PEOPLE);
    let mut world = start();
    assert_eq!(world.complete("rita", "a"), Err(Code::NotPermitted));
    assert_eq!(world.complete("zed", "a"), Err(Code::NotPermitted));
    world.complete("bob", "a").unwrap();
    assert_eq!(world.complete("eve", "a"), Err(Code::NotRunning));

    let mut world = start();
    world.claim("eve", "a").unwrap();
    assert_eq!(world.complete("bob", "a"), Err(Code::AlreadyClaimed));
    world.release("eve", "a").unwrap();
    world.claim("bob", "a").unwrap();
    world.delegate("bob", "a", "rita").unwrap();
    assert_eq!(world.complete("bob", "a"), Err(Code::NotPermitted));
    world.complete("rita", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.actors, ["rita".into()]);
    assert_eq!(result.principals, ["bob".into()]);
}

#[test]
fn whoever_did_a_task_is_asked_again() {
    let again = task("b", EntrySpec::new(Who::ActorOf("a".into())));
    let mut world = World::started(graph(row([task("a", role("clerk")), again])), PEOPLE);
    world.complete("eve", "a").unwrap();
    assert_eq!(world.assignees("b"), ["eve"]);
}

/// Only a graph made by hand asks several people to do one task.
#[test]
fn the_first_who_does_a_task_takes_it_from_the_others() {
    let entry = EntrySpec {
        duty: Duty::Each(Need::All),
        ..role("clerk")
    };
    let mut world = World::started(graph(row([task("a", entry), does("b")])), PEOPLE);
    assert_eq!(world.assignees("a"), ["ann", "bob", "eve"]);
    world.complete("bob", "a").unwrap();
    assert_eq!(world.at(), ["b"]);
    world.complete("rita", "b").unwrap();
}

#[test]
fn a_task_that_nobody_can_do_refuses_a_start_and_fails_later() {
    let nobody = task("a", role("ghost"));
    let mut world = World::new(graph([nobody.clone()]), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::NoApprover));
    let mut world = World::started(graph(row([does("first"), nobody])), PEOPLE);
    world.complete("rita", "first").unwrap();
    assert_eq!(
        (world.at(), world.incidents()),
        (vec!["a".to_owned()], vec!["no_approver"])
    );
}

#[test]
fn a_job_is_ordered_with_its_input_and_its_result_is_kept() {
    let nodes = row([
        job_with("pay", &json!({"sum": "${ n }", "text": "n=${ n }"})),
        choice("c", &[("pay.ok == true", "a")], None),
        does("a"),
    ]);
    let mut world = World::new(graph(nodes), PEOPLE);
    let events = world.start("ann", json!({"n": 7})).unwrap();
    assert_eq!(events, ["instance_started", "node_entered", "job_ordered"]);
    assert_eq!(world.jobs(), [("pay", &json!({"sum": 7, "text": "n=7"}))]);
    assert_eq!(world.at(), ["pay"]);
    let events = world.finish("pay", Ok(json!({"ok": true}))).unwrap();
    assert_eq!(events[..2], ["function_returned", "node_completed"]);
    assert_eq!(data(&world), json!({"n": 7, "pay": {"ok": true}}));
    assert_eq!((world.at(), world.jobs()), (vec!["a".to_owned()], vec![]));
}

#[test]
fn a_job_without_a_place_for_its_result_drops_it() {
    let mut node = job("pay");
    if let signoff_core::graph::NodeKind::Job(job) = &mut node.kind {
        job.into = None;
    }
    let mut world = World::started(graph([node]), PEOPLE);
    world.settings.limits.data_bytes = 10;
    world
        .finish("pay", Ok(json!("far more than fits")))
        .unwrap();
    assert_eq!(data(&world), json!({}));
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_job_whose_input_cannot_be_made_is_not_ordered() {
    let nodes = row([job_with("pay", &json!("${ missing }"))]);
    let mut world = World::new(graph(nodes), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::NodeFailed));
    world.start("engine", json!({})).unwrap();
    assert_eq!(
        (world.jobs(), world.incidents()),
        (vec![], vec!["node_failed"])
    );
}

#[test]
fn a_job_that_fails_for_good_is_an_incident_whoever_says_so() {
    for who in ["engine", "host"] {
        let mut world = World::started(graph(row([job("pay"), does("a")])), PEOPLE);
        let id = world.job("pay");
        let events = world.run(who, finished(id, Err("no funds"))).unwrap();
        assert_eq!(events, ["incident_opened", "node_failed"], "{who}");
        assert_eq!(
            (world.at(), world.incidents()),
            (vec!["pay".to_owned()], vec!["node_failed"])
        );
        assert_eq!(world.jobs(), [], "it is not run once more");
        assert_eq!(world.status(), "running");
        assert_eq!(
            world.run(who, finished(id, Ok(json!(1)))),
            Err(Code::NotOpen)
        );
        world.cancel("ann").unwrap();
    }
}

#[test]
fn a_result_beyond_the_limit_of_the_data_fails_the_job() {
    let mut world = World::started(graph([job("pay")]), PEOPLE);
    world.settings.limits.data_bytes = 20;
    world.finish("pay", Ok(json!("x".repeat(20)))).unwrap();
    assert_eq!(world.incidents(), ["node_failed"]);
    assert_eq!(data(&world), json!({}));
}

#[test]
fn only_a_worker_finishes_a_job_and_only_once() {
    let mut world = World::started(graph(row([job("pay"), does("a")])), PEOPLE);
    let id = world.job("pay");
    for who in ["ann", "root", "rita"] {
        let found = world.run(who, finished(id, Ok(json!(1))));
        assert_eq!(found, Err(Code::NotPermitted), "{who}");
    }
    world.run("host", finished(id, Ok(json!(1)))).unwrap();
    assert_eq!(
        world.run("engine", finished(id, Ok(json!(2)))),
        Err(Code::NotOpen)
    );
    let asked = world.task("a", "rita").activation;
    assert_eq!(
        world.run("engine", finished(asked, Ok(json!(2)))),
        Err(Code::NotOpen)
    );
    world.complete("rita", "a").unwrap();
    assert_eq!(
        world.run("engine", finished(id, Ok(json!(2)))),
        Err(Code::NotRunning)
    );
    assert_eq!(data(&world), json!({"pay": 1}));
}

#[test]
fn what_fails_after_a_job_leaves_the_job_done() {
    let nodes = row([job("pay"), function("broken"), does("a")]);
    let mut world = World::started(graph(nodes), PEOPLE).function("broken", Err("no"));
    world.finish("pay", Ok(json!(1))).unwrap();
    assert_eq!(
        (world.at(), world.incidents()),
        (vec!["broken".to_owned()], vec!["node_failed"])
    );
    assert_eq!(data(&world)["pay"], 1);
}

#[test]
fn cancelling_takes_ordered_jobs_with_it() {
    let nodes = [split("s", &["x", "y", "a"]), job("x"), job("y"), does("a")];
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.jobs().len(), 2);
    let late = world.job("x");
    world.cancel("ann").unwrap();
    assert_eq!(world.jobs(), []);
    assert_eq!(
        world.run("engine", finished(late, Ok(json!(1)))),
        Err(Code::NotRunning)
    );
}

#[test]
fn jobs_side_by_side_meet_at_a_join_in_any_order() {
    let nodes = [
        split("s", &["x", "y"]),
        job("x").next("j"),
        job("y").next("j"),
        join("j").next("a"),
        does("a"),
    ];
    for order in [["x", "y"], ["y", "x"]] {
        let mut world = World::started(graph(nodes.clone()), PEOPLE);
        for node in order {
            assert_ne!(world.at(), ["a"]);
            world.finish(node, Ok(json!(node))).unwrap();
        }
        assert_eq!(world.at(), ["a"]);
    }
}

#[test]
fn a_failed_job_blocks_its_join() {
    let nodes = [
        split("s", &["x", "a"]),
        job("x").next("j"),
        does("a").next("j"),
        join("j"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.finish("x", Err("no")).unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(
        (world.at(), world.status()),
        (vec!["x".to_owned()], "running")
    );
}

/// A person's call is refused whole, an engine's leaves the node failed.
#[test]
fn no_way_on_refuses_people_and_is_an_incident_for_the_engine() {
    for broken in [
        choice("c", &[("false", "a")], None),
        choice("c", &[("missing", "a")], Some("a")),
        split("c", &["a ? false", "a ? false"]),
        split("c", &["a ? missing"]),
    ] {
        let nodes = || [does("first").next("c"), broken.clone(), does("a")];
        let mut world = World::started(graph(nodes()), PEOPLE);
        assert_eq!(
            world.complete("rita", "first"),
            Err(Code::NodeFailed),
            "{broken:?}"
        );
        assert_eq!(world.at(), ["first"], "nothing is lost");

        let nodes = [job("first").next("c"), broken.clone(), does("a")];
        let mut world = World::started(graph(nodes), PEOPLE);
        world.finish("first", Ok(json!(1))).unwrap();
        assert_eq!(
            (world.at(), world.incidents()),
            (vec!["c".to_owned()], vec!["node_failed"])
        );
        assert_eq!(data(&world)["first"], 1, "earlier work stays");
    }
}

#[test]
fn branches_may_lead_straight_to_the_join() {
    for (branches, expected) in [
        (vec!["j"], "last"),
        (vec!["j", "j"], "last"),
        (vec!["a", "j"], "a"),
        (vec!["a ? false", "j"], "last"),
    ] {
        let nodes = [
            split("s", &branches),
            does("a").next("j"),
            join("j").next("last"),
            does("last"),
        ];
        let world = World::started(graph(nodes), PEOPLE);
        assert_eq!(world.at(), [expected], "{branches:?}");
    }
}

#[test]
fn one_node_may_be_two_branches() {
    let nodes = [
        split("s", &["a", "a"]),
        does("a").next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.at(), ["a", "a"]);
    world.complete("rita", "a").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["last"]);
}

/// The inner scope closes at the outer join, then the outer one does.
#[test]
fn nested_splits_may_end_in_joins_of_their_own_or_end() {
    let nodes = [
        split("s1", &["a", "s2", "d"]),
        does("a").next("j1"),
        split("s2", &["b", "c"]),
        does("b").next("j2"),
        does("c").next("stop"),
        end("stop"),
        join("j2").next("e"),
        does("e").next("j1"),
        does("d").next("stop"),
        join("j1").next("last"),
        does("last"),
    ];
    for order in [["a", "b", "c", "d", "e"], ["d", "c", "b", "e", "a"]] {
        let mut world = World::started(graph(nodes.clone()), PEOPLE);
        for node in order {
            assert_ne!(world.at(), ["last"], "{node}");
            world.complete("rita", node).unwrap();
        }
        assert_eq!(world.at(), ["last"]);
    }
}

#[test]
fn a_scope_whose_branches_all_end_ends_in_the_scope_around_it() {
    let nodes = [
        split("s1", &["a", "s2"]),
        does("a").next("j1"),
        split("s2", &["b", "c"]),
        does("b").next("stop"),
        does("c").next("stop"),
        end("stop"),
        join("j1").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    for node in ["a", "b", "c"] {
        assert_ne!(world.at(), ["last"]);
        world.complete("rita", node).unwrap();
    }
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn a_loop_through_a_split_opens_it_anew() {
    let nodes = [
        split("s", &["a", "b"]),
        does("a").next("j"),
        does("b").next("j"),
        join("j").next("again"),
        choice("again", &[("round.more == true", "s")], Some("last")),
        does("last"),
    ];
    let mut nodes = nodes.to_vec();
    let entry = EntrySpec {
        form: Some(signoff_core::graph::FormSpec {
            source: std::sync::Arc::new(json!({})),
            ..form("").unwrap()
        }),
        ..user("rita")
    };
    nodes[2] = task("b", entry).next("j");
    let mut world = World::started(graph(nodes), PEOPLE);
    for more in [true, true, false] {
        assert_eq!(world.at(), ["a", "b"]);
        world.complete("rita", "a").unwrap();
        let round = json!({"round": {"more": more}});
        world.complete_form("rita", "b", round).unwrap();
    }
    assert_eq!(world.at(), ["last"]);
}
