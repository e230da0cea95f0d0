//! How flows start, and how they end: start forms, titles, terminates, what is announced.

use serde_json::{Value, json};
use signoff_core::{
    command::{Answer, Command},
    document::Document,
    event::Event,
    facts::Settings,
    graph::{JoinNeed, Rest},
    refusal::RefusalCode as Code,
};

use crate::{
    documents::publish,
    flow_nodes::{PEOPLE, does, flow},
    graphs::{approval, choice, function, graph, job, join, left_after, role, split, terminate},
    kinds::join_of,
    world::{World, finished},
};

/// Everything that lives goes, and what the wave had still to do is not done.
#[test]
fn a_terminate_cancels_everything() {
    let busy = [
        split("s", &["a", "x", "slow", "vote", "way"]),
        does("a"),
        job("x"),
        left_after(1, "a", does("slow")),
        approval("vote", [role("clerk")]),
        does("way").next("stop"),
        terminate("stop"),
    ];
    let mut world = World::started(graph(busy), PEOPLE);
    let late = world.job("x");
    let events = world.complete("rita", "way").unwrap();
    assert_eq!(world.status(), "completed");
    assert_eq!(*events.last().unwrap(), "instance_completed");
    let cancelled = events.iter().filter(|name| **name == "node_cancelled");
    assert_eq!(cancelled.count(), 4);
    assert_eq!(
        world.run("engine", finished(late, Ok(json!(1)))),
        Err(Code::NotRunning)
    );
    assert_eq!(world.complete("rita", "a"), Err(Code::NotRunning));
}

#[test]
fn nothing_of_the_wave_of_a_terminate_runs_on() {
    let orders: [&[&str]; 4] = [
        &["x", "stop", "a"],
        &["stop", "x", "a"],
        &["a", "x", "stop"],
        &["stop", "stop"],
    ];
    for order in orders {
        let nodes = [split("s", order), job("x"), does("a"), terminate("stop")];
        let mut world = World::new(graph(nodes), PEOPLE);
        world.start("ann", json!({})).unwrap();
        assert_eq!(world.status(), "completed", "{order:?}");
        assert_eq!(world.store.jobs.len(), 0);
        assert!(world.store.tasks.is_empty());
        let ends = world
            .events()
            .filter(|event| **event == Event::InstanceCompleted);
        assert_eq!(ends.count(), 1);
    }
}

/// The join withdraws the way to the terminate; what comes after it in its wave goes on.
#[test]
fn a_terminate_that_was_withdrawn_on_its_way_ends_nothing() {
    let nodes = [
        split("s", &["j", "t"]),
        split("t", &["k"]),
        join("k").next("stop"),
        terminate("stop"),
        join_of("j", JoinNeed::Any, Rest::Cancel).next("a"),
        does("a"),
    ];
    let world = World::started(graph(nodes), PEOPLE);
    assert_eq!(
        (world.at(), world.status()),
        (vec!["a".to_owned()], "running")
    );
}

/// A function that is asked about in the wave of a terminate would run without a trace.
#[test]
fn no_function_is_called_that_the_history_does_not_tell_of() {
    let nodes = [
        split("s", &["c", "f"]),
        choice("c", &[], Some("stop")),
        function("f").next("c"),
        terminate("stop"),
    ];
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({})).unwrap();
    assert_eq!(world.status(), "completed");
    let asked = *world.called.borrow();
    let returned = world
        .events()
        .filter(|event| matches!(event, Event::FunctionReturned { .. }));
    assert_eq!(returned.count(), asked);
}

#[test]
fn a_start_that_terminates_at_once_tells_of_both() {
    let mut graph = flow(&json!({
        "start": {"start": {}, "next": "stop"},
        "stop": {"terminate": {}},
    }));
    for quick in [true, false] {
        if !quick {
            graph = flow(&json!({"start": {"start": {}, "next": "stop"}, "stop": {"end": {}}}));
        }
        let mut world = World::new(graph.clone(), PEOPLE);
        world.settings = reacting(&["on_workflow_start", "on_workflow_complete"]);
        world.start("ann", json!({})).unwrap();
        let fired: Vec<&str> = world.actions.iter().map(|job| job.event.as_str()).collect();
        assert_eq!(fired, ["on_workflow_start", "on_workflow_complete"]);
    }
}

/// Settings in which each of these events runs a function.
fn reacting(events: &[&str]) -> Settings {
    let actions: serde_json::Map<String, Value> = events
        .iter()
        .map(|event| ((*event).to_owned(), json!([{"run": "note"}])))
        .collect();
    let document = json!({
        "format": "signoff/v1", "kind": "approval", "key": "x",
        "approvals": [{"user": "a"}], "actions": actions,
    });
    assert!(Document::read(&document).is_ok());
    let table = publish(&document).unwrap().graph.actions().clone();
    let mut settings = Settings::default();
    settings.actions.insert("default".to_owned(), table);
    settings
}

#[test]
fn a_done_task_is_announced_once() {
    let mut world = World::started(graph([does("a")]), PEOPLE);
    world.settings = reacting(&["after_complete", "after_approve"]);
    let answer = Answer {
        comment: Some("so".to_owned()),
        ..Answer::default()
    };
    let task = world.task("a", "rita");
    world.run("rita", Command::Complete(task, answer)).unwrap();
    let fired: Vec<_> = world
        .actions
        .iter()
        .map(|job| (job.event.as_str(), job.context.comment.as_deref()))
        .collect();
    assert_eq!(fired, [("after_complete", Some("so"))]);
}

#[test]
fn the_title_is_made_from_the_data() {
    let graph = flow(&json!({
        "start": {"start": {"form": ["who"]}, "next": "a"},
        "a": {"task": {"user": "rita"}, "next": "end"},
        "end": {"end": {}},
    }));
    for (data, expected) in [(json!({}), "For all"), (json!({"who": "ACME"}), "For ACME")] {
        let mut world = World::new(graph.clone(), PEOPLE);
        world.start("ann", data).unwrap();
        let title = world.instance.as_ref().unwrap().title();
        assert_eq!(title.for_locale("en"), expected);
    }
}

#[test]
fn the_form_of_the_start_is_required_of_the_data() {
    let graph = flow(&json!({
        "start": {"start": {"form": ["size", "note?", "urgent"], "by": ["role:clerk"]}, "next": "a"},
        "a": {"task": {"user": "rita"}, "next": "end"},
        "end": {"end": {}},
    }));
    for (who, data, expected) in [
        ("rita", json!({"size": 1}), Err(Code::NotPermitted)),
        ("zed", json!({"size": 1}), Err(Code::NotPermitted)),
        ("ann", json!({}), Err(Code::FormInvalid)),
        ("ann", json!({"size": "1"}), Err(Code::FormInvalid)),
        ("host", json!({}), Err(Code::FormInvalid)),
        ("ann", json!({"size": 1}), Ok(())),
        ("root", json!({"size": 1, "who": "me"}), Ok(())),
    ] {
        let mut world = World::new(graph.clone(), PEOPLE);
        assert_eq!(
            world.start(who, data.clone()).map(|_| ()),
            expected,
            "{who} {data}"
        );
    }
}

#[test]
fn a_subject_may_have_many_running_flows() {
    let nodes = json!({
        "start": {"start": {}, "next": "a"},
        "a": {"task": {"user": "rita"}, "next": "end"},
        "end": {"end": {}},
    });
    let mut world = World::new(flow(&nodes), PEOPLE);
    world.subject = Some(signoff_core::id::Subject {
        kind: "car".to_owned(),
        id: "7".to_owned(),
    });
    world.running = Some(signoff_core::id::InstanceId::new(uuid::Uuid::from_u128(7)));
    world.start("ann", json!({})).unwrap();
    assert_eq!(world.store.instance.as_ref().unwrap().exclusive, None);
}
