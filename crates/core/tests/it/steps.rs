//! Steps: statuses, and the transitions that a completion status takes.

use indexmap::IndexMap;
use serde_json::{Value, json};
use signoff_core::{
    command::{Answer, Command, StatusChange},
    graph::{
        EntrySpec, Fills, Node, NodeKind, OnReject, Status, StatusRole, StepNode, Taker,
        Transition, Who,
    },
    text::Text,
};

use crate::{
    graphs::{approval, builder, graph, user},
    toy,
    world::{Outcome, World},
};

const PEOPLE: &str = "ann; rita clerk; bob clerk; max boss";

fn status(role: StatusRole, default: bool) -> Status {
    Status {
        title: Text::default(),
        role,
        default,
        category: None,
        color: None,
        icon: None,
        meta: None,
    }
}

fn way(to: &str, when: Option<&str>) -> Transition {
    Transition {
        to: to.into(),
        gate: None,
        when: when.map(toy::condition),
        priority: 0,
        by: Vec::new(),
        required: Vec::new(),
        reason: None,
        validate: None,
        meta: None,
    }
}

/// A step that begins `new`, may wait, is left with `done`, and has a status for hold and cancel.
pub(crate) fn step(key: &str, ways: &[(&str, Option<&str>)]) -> Node {
    step_of(key, |step| {
        step.transitions = ways.iter().map(|(to, when)| way(to, *when)).collect();
    })
}

pub(crate) fn last_step(key: &str) -> Node {
    step_of(key, |step| step.last = true)
}

fn step_of(key: &str, change: impl FnOnce(&mut StepNode)) -> Node {
    let statuses = [
        ("new", status(StatusRole::Open, true)),
        ("waiting", status(StatusRole::Open, false)),
        ("done", status(StatusRole::Completion, false)),
        ("held", status(StatusRole::Hold, false)),
        ("gone", status(StatusRole::Cancellation, false)),
    ];
    let statuses = statuses.into_iter();
    let mut step = StepNode {
        entry: EntrySpec::new(Who::Anyone),
        fills: Fills::default(),
        statuses: statuses
            .map(|(key, status)| (key.to_owned(), status))
            .collect::<IndexMap<_, _>>(),
        last: false,
        transitions: Vec::new(),
        gate: None,
    };
    change(&mut step);
    Node::new(key, NodeKind::Step(Box::new(step)))
}

#[track_caller]
fn stands(world: &World, step: &str, status: &str) {
    let found = world.instance.as_ref().unwrap().step().unwrap();
    assert_eq!((found.0.as_str(), found.1.key.as_str()), (step, status));
}

fn refusal(outcome: Outcome) -> &'static str {
    outcome.unwrap_err().as_str()
}

#[test]
fn a_step_begins_with_its_default_status() {
    let world = World::started(graph([last_step("a")]), PEOPLE);
    stands(&world, "a", "new");
}

#[test]
fn a_status_of_another_kind_is_refused() {
    let mut world = World::started(graph([step("a", &[("b", None)]), last_step("b")]), PEOPLE);
    for status in ["nothing", "held", "gone", "", "مغلق"] {
        assert_eq!(
            refusal(world.set_status("ann", "a", status)),
            "unknown_status"
        );
    }
    stands(&world, "a", "new");
}

#[test]
fn the_first_transition_that_holds_is_taken() {
    let ways = [("b", Some("n >= 10")), ("c", Some("n >= 5")), ("d", None)];
    for (n, to) in [(11, "b"), (7, "c"), (1, "d")] {
        let nodes = [
            step("a", &ways),
            last_step("b"),
            last_step("c"),
            last_step("d"),
        ];
        let mut world = World::new(graph(nodes), PEOPLE);
        world.start("ann", json!({ "n": n })).unwrap();
        world.set_status("rita", "a", "done").unwrap();
        stands(&world, to, "new");
    }
}

#[test]
fn a_failing_condition_is_passed_over_and_recorded() {
    let nodes = [
        step("a", &[("b", Some("none == 1")), ("b", None)]),
        last_step("b"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    let events = world.set_status("ann", "a", "done").unwrap();
    assert!(events.contains(&"transition_failed"));
    stands(&world, "b", "new");
}

#[test]
fn without_a_transition_the_status_stays_and_can_be_set_again() {
    let nodes = [step("a", &[("b", Some("n >= 10"))]), last_step("b")];
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"n": 1})).unwrap();
    world.set_status("ann", "a", "done").unwrap();
    stands(&world, "a", "done");
    world.context = json!({"n": 12}).as_object().unwrap().clone();
    world.set_status("ann", "a", "done").unwrap();
    stands(&world, "b", "new");
    assert_eq!(
        world.instance.as_ref().unwrap().data()["n"],
        1,
        "the context is not stored"
    );
}

#[test]
fn a_transition_of_others_is_passed_over_and_refused_when_none_is_left() {
    let only_boss = |key: &str, to: &str| {
        step_of(key, |step| {
            step.transitions = vec![Transition {
                by: vec![Taker::Principal("role:boss".parse().unwrap())],
                ..way(to, None)
            }];
        })
    };
    let mut world = World::started(graph([only_boss("a", "b"), last_step("b")]), PEOPLE);
    assert_eq!(
        refusal(world.set_status("rita", "a", "done")),
        "not_permitted"
    );
    stands(&world, "a", "new");
    world.set_status("max", "a", "done").unwrap();
    stands(&world, "b", "new");
}

#[test]
fn a_transition_may_be_named() {
    let nodes = [
        step("a", &[("b", None), ("c", None)]),
        last_step("b"),
        last_step("c"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    let to = |to: &str| StatusChange {
        status: "done".to_owned(),
        to: Some(to.into()),
        ..StatusChange::default()
    };
    assert_eq!(
        refusal(world.change_status("ann", "a", to("d"))),
        "target_invalid"
    );
    world.change_status("ann", "a", to("c")).unwrap();
    stands(&world, "c", "new");
}

#[test]
fn metadata_that_is_required_must_be_there() {
    let first = step_of("a", |step| {
        step.transitions = vec![Transition {
            required: vec!["ticket".to_owned()],
            ..way("b", None)
        }];
    });
    let mut world = World::started(graph([first, last_step("b")]), PEOPLE);
    assert_eq!(
        refusal(world.set_status("ann", "a", "done")),
        "form_required"
    );
    let refused = world.refusal.unwrap();
    assert_eq!(refused.fields[0].pointer.to_string(), "/metadata/ticket");
}

#[test]
fn what_a_transition_requires_is_noted_with_the_status_and_nothing_else() {
    let first = step_of("a", |step| {
        step.transitions = vec![Transition {
            required: vec!["ticket".to_owned()],
            ..way("b", None)
        }];
    });
    let mut world = World::started(graph([first, last_step("b")]), PEOPLE);
    let noted = |metadata: Value| StatusChange {
        status: "done".to_owned(),
        metadata: metadata.as_object().unwrap().clone(),
        ..StatusChange::default()
    };
    for (metadata, code, pointer) in [
        (
            json!({"ticket": "T-1", "owner": "me"}),
            "form_invalid",
            "/metadata/owner",
        ),
        (json!({"ticket": null}), "form_required", "/metadata/ticket"),
    ] {
        let refused = world.change_status("ann", "a", noted(metadata));
        assert_eq!(refusal(refused), code);
        let refused = world.refusal.take().unwrap();
        assert_eq!(refused.fields[0].pointer.to_string(), pointer);
    }
    let events = world.change_status("ann", "a", noted(json!({"ticket": "T-1"})));
    assert_eq!(events.unwrap()[..2], ["metadata_set", "status_set"]);
    stands(&world, "b", "new");
    assert_eq!(world.instance.unwrap().metadata()["ticket"], "T-1");
}

#[test]
fn the_host_s_function_has_a_say_in_a_transition() {
    let checked = || {
        let first = step_of("a", |step| {
            step.transitions = vec![Transition {
                validate: Some("check".to_owned()),
                ..way("b", None)
            }];
        });
        World::started(graph([first, last_step("b")]), PEOPLE)
    };
    for (answer, detail) in [
        (Err("no budget is left"), "no budget is left"),
        (Ok(json!(false)), "does not agree"),
    ] {
        let mut world = checked().function("check", answer);
        assert_eq!(refusal(world.set_status("ann", "a", "done")), "node_failed");
        assert!(world.refusal.as_ref().unwrap().message.contains(detail));
        stands(&world, "a", "new");
        world.set_status("ann", "a", "waiting").unwrap();
    }
    for answer in [json!(true), json!(null), json!({"seat": 7})] {
        let mut world = checked().function("check", Ok(answer));
        world.set_status("ann", "a", "done").unwrap();
        stands(&world, "b", "new");
    }
}

#[test]
fn a_last_step_completes_the_instance() {
    let mut world = World::started(graph([last_step("a")]), PEOPLE);
    world.set_status("ann", "a", "done").unwrap();
    assert_eq!(
        world.instance.as_ref().unwrap().status().as_str(),
        "completed"
    );
    stands(&world, "a", "done");
    assert_eq!(refusal(world.set_status("ann", "a", "new")), "not_running");
}

#[test]
fn a_cancelled_step_has_its_status_for_that() {
    let mut world = World::started(graph([last_step("a")]), PEOPLE);
    world.cancel("ann").unwrap();
    stands(&world, "a", "gone");
}

/// `a` to `b` past an approval by rita, where a no means `on_reject`.
fn gated(on_reject: OnReject) -> World {
    let first = step_of("a", |step| {
        step.transitions = vec![Transition {
            gate: Some("gate".into()),
            ..way("b", None)
        }];
    });
    let entry = EntrySpec {
        on_reject,
        ..user("rita")
    };
    let nodes = [first, approval("gate", [entry]).next("b"), last_step("b")];
    let mut world = World::started(builder(nodes).build().unwrap(), PEOPLE);
    world.set_status("ann", "a", "waiting").unwrap();
    world.set_status("ann", "a", "done").unwrap();
    world
}

#[test]
fn a_transition_waits_for_its_approval() {
    let mut world = gated(OnReject::Stay("a".into()));
    stands(&world, "a", "done");
    assert_eq!(refusal(world.set_status("ann", "a", "done")), "not_open");
    world.approve("rita", "gate").unwrap();
    stands(&world, "b", "new");
}

#[test]
fn a_no_to_a_transition_means_what_it_says() {
    let mut world = gated(OnReject::Stay("a".into()));
    world.reject("rita", "gate").unwrap();
    stands(&world, "a", "waiting");
    let mut world = gated(OnReject::GoTo("a".into()));
    world.reject("rita", "gate").unwrap();
    stands(&world, "a", "new");
    let several = || OnReject::Choose(vec!["b".into(), "a".into()]);
    let to = |to: Option<&str>| Answer {
        reason: Some("no".to_owned()),
        to: to.map(Into::into),
        ..Answer::default()
    };
    for (chosen, expected) in [
        (None, Err("target_required")),
        (Some("gate"), Err("target_invalid")),
        (Some("nowhere"), Err("target_invalid")),
        (Some("a"), Ok(("a", "new"))),
        (Some("b"), Ok(("b", "new"))),
    ] {
        let mut world = gated(several());
        let said = world.on_task("rita", "gate", |task| Command::Reject(task, to(chosen)));
        match expected {
            Ok((step, status)) => stands(&world, step, status),
            Err(code) => assert_eq!(refusal(said), code),
        }
    }
    let mut world = gated(OnReject::Stay("a".into()));
    let said = world.on_task("rita", "gate", |task| Command::Reject(task, to(Some("b"))));
    assert_eq!(refusal(said), "target_invalid");
    let mut world = gated(OnReject::Cancel);
    world.reject("rita", "gate").unwrap();
    assert_eq!(
        world.instance.as_ref().unwrap().status().as_str(),
        "cancelled"
    );
}

#[test]
fn a_hold_gives_its_status_and_a_resume_the_one_before() {
    let mut world = World::started(graph([step("a", &[("b", None)]), last_step("b")]), PEOPLE);
    world.set_status("ann", "a", "waiting").unwrap();
    world.hold("ann").unwrap();
    stands(&world, "a", "held");
    assert_eq!(refusal(world.set_status("ann", "a", "done")), "on_hold");
    assert_eq!(refusal(world.hold("ann")), "on_hold");
    world.resume("ann").unwrap();
    stands(&world, "a", "waiting");
    assert_eq!(refusal(world.resume("ann")), "not_on_hold");
}

#[test]
fn a_step_without_a_status_for_it_is_not_held() {
    let plain = step_of("a", |step| {
        step.last = true;
        step.statuses.shift_remove("held");
        step.statuses.shift_remove("gone");
    });
    let mut world = World::started(graph([plain]), PEOPLE);
    assert_eq!(refusal(world.hold("ann")), "unknown_status");
    assert_eq!(
        world.instance.as_ref().unwrap().status().as_str(),
        "running"
    );
    world.cancel("ann").unwrap();
    stands(&world, "a", "new");
}

#[test]
fn whoever_may_take_no_transition_is_told_so_before_what_is_missing() {
    let first = step_of("a", |step| {
        step.transitions = vec![Transition {
            by: vec![Taker::Principal("role:boss".parse().unwrap())],
            required: vec!["ticket".to_owned()],
            ..way("b", None)
        }];
    });
    let mut world = World::started(graph([first, last_step("b")]), PEOPLE);
    for (who, metadata, expected) in [
        ("rita", json!({"owner": 1}), "not_permitted"),
        ("max", json!({"owner": 1}), "form_invalid"),
        ("rita", json!({}), "not_permitted"),
        ("max", json!({}), "form_required"),
    ] {
        let change = StatusChange {
            status: "done".to_owned(),
            metadata: metadata.as_object().unwrap().clone(),
            ..StatusChange::default()
        };
        assert_eq!(
            refusal(world.change_status(who, "a", change)),
            expected,
            "{who} {metadata}"
        );
    }
}
