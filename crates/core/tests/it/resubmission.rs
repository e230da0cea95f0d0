//! Resubmission: a stage opens anew, nothing of the past is lost.

use signoff_core::{
    command::{Command, Return},
    graph::{EntrySpec, Graph, Need, OnReject},
    instance::VisitState,
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, function, graph, guarded, join, row, split, user},
    world::World,
};

const PEOPLE: &str = "ann; rita clerk; bob clerk; eve clerk; cfo boss";

fn three() -> Graph {
    graph(row([
        approval("a", [user("rita")]),
        approval("b", [user("bob")]),
        approval("c", [user("eve")]),
    ]))
}

fn states(world: &World) -> Vec<(&str, VisitState)> {
    let results = world.instance.as_ref().unwrap().results();
    results
        .iter()
        .map(|(node, result)| (node.as_str(), result.state))
        .collect()
}

#[test]
fn a_stage_is_sent_back_to_itself_by_default() {
    let mut world = World::started(three(), PEOPLE);
    let old = world.task("a", "rita");
    let events = world.resubmit("rita", "a", None).unwrap();
    assert_eq!(
        events,
        [
            "decision_made",
            "node_resubmitted",
            "node_entered",
            "entry_opened",
            "task_opened"
        ]
    );
    assert_ne!(world.task("a", "rita"), old, "a new task");
    let late = Command::Approve(old, Default::default());
    assert_eq!(world.run("rita", late), Err(Code::NotOpen));
    world.approve("rita", "a").unwrap();
    assert_eq!(world.at(), ["b"]);
}

#[test]
fn the_run_continues_through_every_later_stage_again() {
    let mut world = World::started(three(), PEOPLE);
    world.approve("rita", "a").unwrap();
    world.approve("bob", "b").unwrap();
    world.resubmit("eve", "c", Some("a")).unwrap();
    use VisitState::{Completed, Open, Resubmitted};
    assert_eq!(
        states(&world),
        [("a", Open), ("b", Resubmitted), ("c", Resubmitted)]
    );
    world.approve("rita", "a").unwrap();
    assert_eq!(
        states(&world),
        [("a", Completed), ("b", Open), ("c", Resubmitted)]
    );
    world.approve("bob", "b").unwrap();
    world.approve("eve", "c").unwrap();
    assert_eq!(world.status(), "completed");
    assert_eq!(world.tasks_ever("*").len(), 6);
}

#[test]
fn there_is_no_way_forward() {
    let mut world = World::started(three(), PEOPLE);
    world.approve("rita", "a").unwrap();
    for to in ["c", "nowhere", ""] {
        assert_eq!(
            world.resubmit("bob", "b", Some(to)),
            Err(Code::TargetInvalid),
            "{to}"
        );
    }
    world.approve("bob", "b").unwrap();
    world.resubmit("eve", "c", Some("a")).unwrap();
    for to in ["b", "c"] {
        let found = world.resubmit("rita", "a", Some(to));
        assert_eq!(found, Err(Code::TargetInvalid), "{to} is ahead again");
    }
    world.resubmit("rita", "a", Some("a")).unwrap();
}

#[test]
fn only_stages_that_were_entered_can_be_gone_back_to() {
    let nodes = row([
        guarded(approval("skipped", [user("rita")]), "false"),
        function("work"),
        approval("a", [user("rita")]),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    for to in ["skipped", "work"] {
        assert_eq!(
            world.resubmit("rita", "a", Some(to)),
            Err(Code::TargetInvalid),
            "{to}"
        );
    }
}

#[test]
fn going_back_passes_every_guard_of_the_target() {
    let nodes = row([
        guarded(approval("a", [user("rita")]), "open"),
        approval("b", [user("bob")]),
    ]);
    let mut world = World::new(
        graph(row([function("open")].into_iter().chain(nodes))),
        PEOPLE,
    )
    .function("open", Ok(serde_json::json!(true)));
    world.start("ann", serde_json::json!({})).unwrap();
    world.approve("rita", "a").unwrap();
    world.resubmit("bob", "b", Some("a")).unwrap();
    assert_eq!(world.at(), ["a"]);
}

#[test]
fn a_reason_is_required_before_a_target_is_looked_at() {
    let mut world = World::started(three(), PEOPLE);
    let back = Return {
        to: Some("nowhere".into()),
        reason: "\t".to_owned(),
    };
    let task = world.task("a", "rita");
    assert_eq!(
        world.run("rita", Command::Resubmit(task, back)),
        Err(Code::ReasonRequired)
    );
}

#[test]
fn one_member_of_a_consensus_sends_all_back() {
    let nodes = row([
        approval("a", [user("cfo")]),
        approval("b", [each("clerk", Need::All)]),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("cfo", "a").unwrap();
    world.approve("rita", "b").unwrap();
    let events = world.resubmit("bob", "b", None).unwrap();
    let cancelled = events
        .iter()
        .filter(|name| **name == "task_cancelled")
        .count();
    assert_eq!(cancelled, 1, "the one who has not decided");
    for who in ["rita", "bob", "eve"] {
        world.approve(who, "b").unwrap();
    }
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_rejection_can_send_back_instead_of_ending() {
    for (on_reject, at) in [
        (OnReject::Resubmit, "b"),
        (OnReject::GoTo("a".into()), "a"),
        (OnReject::GoTo("c".into()), "c"),
    ] {
        let sent = EntrySpec {
            on_reject: on_reject.clone(),
            ..user("bob")
        };
        let nodes = row([
            approval("a", [user("rita")]),
            approval("b", [sent]),
            approval("c", [user("eve")]),
        ]);
        let mut world = World::started(graph(nodes), PEOPLE);
        world.approve("rita", "a").unwrap();
        world.reject("bob", "b").unwrap();
        assert_eq!(
            (world.status(), world.at()),
            ("running", vec![at.to_owned()]),
            "{on_reject:?}"
        );
    }
}

#[test]
fn a_branch_is_sent_back_within_itself_only() {
    let mut nodes = row([approval("first", [user("rita")]), split("s", &["a", "b"])]);
    nodes.extend([
        approval("a", [user("rita")]).next("j"),
        approval("b", [user("bob")]).next("b2"),
        approval("b2", [user("bob")]).next("j"),
        join("j").next("last"),
        approval("last", [user("cfo")]),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("rita", "first").unwrap();
    world.approve("bob", "b").unwrap();
    assert_eq!(
        world.resubmit("rita", "a", Some("first")),
        Err(Code::TargetInvalid)
    );
    assert_eq!(
        world.resubmit("rita", "a", Some("b")),
        Err(Code::TargetInvalid)
    );
    world.resubmit("rita", "a", None).unwrap();
    let before = states(&world)
        .into_iter()
        .find(|(node, _)| *node == "b")
        .unwrap();
    assert_eq!(
        before.1,
        VisitState::Completed,
        "the other branch is not to be done again"
    );
    world.approve("rita", "a").unwrap();
    world.approve("bob", "b2").unwrap();
    world.approve("cfo", "last").unwrap();
    assert_eq!(world.status(), "completed");
}
