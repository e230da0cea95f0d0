//! Return: the requester corrects what was asked for, and the stage opens anew.

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    command::{Command, Return},
    graph::{EntrySpec, Exclusion, FormSpec, Graph, Need, Node, StartRule},
    instance::{Outcome as Said, VisitState},
    reading::Progress,
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, builder, each, form, graph, guarded, join, row, split, user},
    world::World,
};

const PEOPLE: &str = "ann; rita clerk; bob clerk; eve clerk; cfo boss; root*";

fn voted() -> World {
    let mut world = World::started(graph([approval("a", [each("clerk", Need::All)])]), PEOPLE);
    world.approve("rita", "a").unwrap();
    world
}

#[test]
fn the_requester_revises_and_the_stage_opens_anew() {
    let mut world = voted();
    let events = world.give_back("bob", "a").unwrap();
    assert_eq!(
        events,
        [
            "decision_made",
            "task_cancelled",
            "node_returned",
            "node_entered",
            "entry_opened",
            "task_opened"
        ]
    );
    assert_eq!(world.at(), ["revise"]);
    assert_eq!(world.assignees("revise"), ["ann"]);
    let number = world.open("revise").next().unwrap().number;
    assert_eq!(number, 4, "numbers go on");
    world.complete("ann", "revise").unwrap();
    assert_eq!(world.at(), ["a", "a", "a"]);
    // Votes from before count no more, whoever voted is asked again.
    for who in ["rita", "bob", "eve"] {
        assert_eq!(world.status(), "running");
        world.approve(who, "a").unwrap();
    }
    assert_eq!(world.status(), "completed");
    let said = world.events().filter_map(|event| match event {
        signoff_core::event::Event::DecisionMade(decision) => Some(decision.outcome),
        _ => None,
    });
    let said: Vec<Said> = said.collect();
    assert_eq!(said[..3], [Said::Approved, Said::Returned, Said::Completed]);
}

#[test]
fn only_who_may_decide_returns_once_and_with_a_reason() {
    let mut world = voted();
    let of_bob = world.task("a", "bob");
    let back = |world: &mut World, who: &str, task, reason: &str| {
        world.run(who, Command::Return(task, reason.to_owned()))
    };
    let of_rita = world.tasks_ever("a")[0];
    assert_eq!(
        back(&mut world, "rita", of_rita, "x"),
        Err(Code::AlreadyDecided)
    );
    assert_eq!(
        back(&mut world, "rita", of_bob, "x"),
        Err(Code::AlreadyDecided)
    );
    assert_eq!(
        back(&mut world, "cfo", of_bob, "x"),
        Err(Code::NotPermitted)
    );
    assert_eq!(
        back(&mut world, "ann", of_bob, "x"),
        Err(Code::NotPermitted)
    );
    assert_eq!(
        back(&mut world, "bob", of_bob, " "),
        Err(Code::ReasonRequired)
    );
    let long = "x".repeat(1 << 20);
    assert_eq!(
        back(&mut world, "bob", of_bob, &long),
        Err(Code::LimitExceeded)
    );
    back(&mut world, "bob", of_bob, "لا توجد تفاصيل").unwrap();
    assert_eq!(back(&mut world, "bob", of_bob, "x"), Err(Code::NotOpen));
    // The requester's own task is no vote, and nobody else's.
    let revise = world.task("revise", "ann");
    assert_eq!(
        back(&mut world, "ann", revise, "x"),
        Err(Code::UnknownOutcome)
    );
    assert_eq!(world.complete("bob", "revise"), Err(Code::NotPermitted));
    world.cancel("root").unwrap();
    assert_eq!(back(&mut world, "bob", of_bob, "x"), Err(Code::NotRunning));
}

#[test]
fn nothing_is_returned_to_nobody() {
    let mut world = World::new(graph([approval("a", [user("rita")])]), PEOPLE);
    world.start("engine", json!({})).unwrap();
    assert_eq!(world.give_back("rita", "a"), Err(Code::NoApprover));
    let mut world = World::started(graph([approval("a", [user("rita")])]), PEOPLE);
    world.directory = crate::directory::Directory::of("ann-; rita clerk");
    assert_eq!(world.give_back("rita", "a"), Err(Code::NoApprover));
    // A node of the definition that bears the name is not the requester's task.
    let nodes = row([
        approval("revise", [user("rita")]),
        approval("b", [user("bob")]),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.give_back("rita", "revise"), Err(Code::TargetInvalid));
}

#[test]
fn separation_of_duties_holds_before_and_after() {
    let entry = EntrySpec {
        exclude: vec![Exclusion::Requester, Exclusion::ActorOf("a".into())],
        ..each("clerk", Need::All)
    };
    let nodes = row([approval("a", [user("rita")]), approval("b", [entry])]);
    let mut world = World::new(graph(nodes), "ann clerk; rita clerk; bob clerk; eve clerk");
    world.start("ann", json!({})).unwrap();
    world.approve("rita", "a").unwrap();
    assert_eq!(world.assignees("b"), ["bob", "eve"]);
    let of_bob = world.task("b", "bob");
    let back = Command::Return(of_bob, "x".to_owned());
    assert_eq!(world.run("rita", back), Err(Code::NotPermitted));
    world.give_back("eve", "b").unwrap();
    world.complete("ann", "revise").unwrap();
    assert_eq!(world.assignees("b"), ["bob", "eve"]);
}

#[test]
fn no_clock_of_the_stage_runs_while_it_is_revised() {
    let entry = EntrySpec {
        due: Some(SignedDuration::from_hours(48).into()),
        ..user("rita")
    };
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    world.advance(SignedDuration::from_hours(47));
    world.give_back("rita", "a").unwrap();
    assert_eq!(world.advance(SignedDuration::from_hours(1_000)), [""; 0]);
    world.complete("ann", "revise").unwrap();
    assert_eq!(world.advance(SignedDuration::from_hours(47)), [""; 0]);
    assert_eq!(
        world.advance(SignedDuration::from_hours(1)),
        ["timer_fired"]
    );
}

#[test]
fn earlier_stages_stay_done_and_guards_are_not_asked_again() {
    let mut nodes = row([
        approval("a", [user("rita")]),
        approval("b", [user("bob")]),
        approval("c", [user("eve")]),
    ]);
    nodes[1] = guarded(nodes[1].clone(), "open");
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"open": true})).unwrap();
    world.approve("rita", "a").unwrap();
    world.give_back("bob", "b").unwrap();
    let done = |world: &World| Progress::of(&world.graph, world.instance.as_ref().unwrap()).percent;
    assert_eq!(done(&world), 33);
    world.complete("ann", "revise").unwrap();
    world.approve("bob", "b").unwrap();
    world.give_back("eve", "c").unwrap();
    assert_eq!(done(&world), 66);
    let results = world.instance.as_ref().unwrap().results();
    assert_eq!(results["a"].state, VisitState::Completed);
    assert_eq!(results["c"].state, VisitState::Resubmitted);
    world.complete("ann", "revise").unwrap();
    world.approve("eve", "c").unwrap();
    assert_eq!(world.status(), "completed");
}

fn leads(mut node: Node, to: &str) -> Node {
    node.next = Some(to.into());
    node
}

#[test]
fn a_join_waits_for_a_branch_that_is_revised() {
    let nodes = [
        split("s", &["a", "b"]),
        leads(approval("a", [user("rita")]), "j"),
        leads(approval("b", [user("bob")]), "j"),
        leads(join("j"), "c"),
        approval("c", [user("eve")]),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.give_back("rita", "a").unwrap();
    world.approve("bob", "b").unwrap();
    assert_eq!(world.at(), ["revise"]);
    world.complete("ann", "revise").unwrap();
    world.approve("rita", "a").unwrap();
    assert_eq!(world.at(), ["c"]);
}

#[test]
fn operators_skip_undo_and_withdraw_it_but_lead_nobody_there() {
    let nodes = || row([approval("a", [user("rita")]), approval("b", [user("bob")])]);
    let mut world = World::started(graph(nodes()), PEOPLE);
    let there = Command::Jump(
        None,
        Return {
            to: Some("revise".into()),
            reason: "x".to_owned(),
        },
    );
    assert_eq!(world.run("root", there), Err(Code::TargetInvalid));
    world.give_back("rita", "a").unwrap();
    let skip = Command::Skip("revise".into(), "he is away".to_owned());
    world.run("root", skip).unwrap();
    assert_eq!(world.at(), ["a"]);
    world.give_back("rita", "a").unwrap();
    world
        .run("root", Command::CancelTask("revise".into(), None))
        .unwrap();
    assert_eq!(world.at(), [""; 0]);
    world.run("root", Command::Revive("revise".into())).unwrap();
    assert_eq!(world.at(), ["revise"]);
    world.complete("ann", "revise").unwrap();
    assert_eq!(world.at(), ["a"]);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.at(), ["b"]);
}

fn with_form(form: Option<FormSpec>) -> Graph {
    let start = StartRule {
        form,
        ..StartRule::default()
    };
    let nodes = [approval("a", [user("rita")])];
    builder(nodes).start(start).build().unwrap()
}

#[test]
fn what_is_filled_at_the_start_is_filled_again() {
    let mut world = World::new(with_form(form("code")), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::FormInvalid));
    world
        .start("ann", json!({"code": "x", "other": 1}))
        .unwrap();
    world.give_back("rita", "a").unwrap();
    let wrong = world.complete_form("ann", "revise", json!({"code": 7}));
    assert_eq!(wrong, Err(Code::FormInvalid));
    assert_eq!(
        world.complete_form("ann", "revise", json!([1])),
        Err(Code::FormInvalid)
    );
    world
        .complete_form("ann", "revise", json!({"code": "y"}))
        .unwrap();
    let data = world.instance.as_ref().unwrap().data().clone();
    assert_eq!(*data, json!({"code": "y", "other": 1}));
    // Without a form there is nothing to fill.
    let mut world = World::started(with_form(None), PEOPLE);
    world.give_back("rita", "a").unwrap();
    let filled = world.complete_form("ann", "revise", json!({"code": "y"}));
    assert_eq!(filled, Err(Code::FormNotAllowed));
    world.complete("ann", "revise").unwrap();
    assert_eq!(world.at(), ["a"]);
}
