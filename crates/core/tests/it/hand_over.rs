//! Handing over for good, giving by managers, going up: what becomes of the vote and the chain.

use jiff::SignedDuration;
use signoff_core::{
    command::{Command, HandOver},
    event::Event,
    graph::{Graph, Need},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, graph, role, user},
    world::World,
};

const PEOPLE: &str = "ann; rita clerk >max; bob clerk >max; eve; max >cfo; cfo >max; zed-; root*";

fn one() -> Graph {
    graph([approval("a", [user("rita")])])
}

fn asked() -> World {
    let graph = graph([approval("a", [each("clerk", Need::All)])]);
    World::started(graph, PEOPLE)
}

fn votes_for(world: &World) -> Option<String> {
    let decision = world.events().find_map(|event| match event {
        Event::DecisionMade(decision) => Some(decision),
        _ => None,
    });
    let principal = decision.unwrap().on_behalf_of.clone();
    principal.map(|person| person.as_str().to_owned())
}

#[test]
fn a_transfer_takes_the_vote_along() {
    let mut world = World::started(one(), PEOPLE);
    let before = world.task("a", "rita");
    world.transfer("rita", "a", "eve").unwrap();
    assert_eq!(world.task("a", "eve"), before, "the same task");
    assert_eq!(world.transfer("rita", "a", "bob"), Err(Code::NotPermitted));
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.approve("eve", "a").unwrap();
    assert_eq!(votes_for(&world), None, "it is eve's own vote");
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert!(result.principals.is_empty());
}

#[test]
fn a_transfer_ends_the_chain_of_delegations() {
    let mut world = World::started(one(), PEOPLE);
    world.delegate("rita", "a", "bob").unwrap();
    world.delegate("bob", "a", "eve").unwrap();
    let links = |world: &World| {
        let task = world.task("a", "");
        let instance = world.instance.as_ref().unwrap();
        let links = &instance.task(task.task).unwrap().delegations;
        let links = links.iter().map(|link| {
            assert_eq!(link.at, world.now);
            assert_eq!(link.reason, "on leave");
            format!("{} {}", link.from, link.to)
        });
        links.collect::<Vec<_>>()
    };
    assert_eq!(links(&world), ["rita bob", "bob eve"]);
    world.transfer("eve", "a", "cfo").unwrap();
    assert!(links(&world).is_empty());
    world.delegate("cfo", "a", "rita").unwrap();
    world.approve("rita", "a").unwrap();
    assert_eq!(votes_for(&world), Some("cfo".to_owned()));
}

#[test]
fn a_member_who_transfers_is_replaced_and_all_must_still_agree() {
    let mut world = asked();
    world.transfer("bob", "a", "eve").unwrap();
    assert_eq!(world.approve("bob", "a"), Err(Code::NotPermitted));
    world.approve("eve", "a").unwrap();
    assert_eq!(world.approve("eve", "a"), Err(Code::AlreadyDecided));
    world.approve("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn an_offer_that_was_handed_over_can_be_given_back() {
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    world.transfer("rita", "a", "eve").unwrap();
    assert_eq!(world.approve("bob", "a"), Err(Code::AlreadyClaimed));
    world.release("eve", "a").unwrap();
    world.approve("bob", "a").unwrap();
}

#[test]
fn a_manager_gives_what_nobody_has_and_what_somebody_has() {
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    assert_eq!(world.assign("rita", "a", "bob"), Err(Code::NotPermitted));
    world.assign("root", "a", "bob").unwrap();
    assert_eq!(world.assign("root", "a", "bob"), Err(Code::TargetInvalid));
    world.assign("host", "a", "eve").unwrap();
    assert_eq!(world.assignees("a"), ["eve"]);
    assert_eq!(world.approve("bob", "a"), Err(Code::AlreadyClaimed));
    world.approve("eve", "a").unwrap();
}

#[test]
fn a_person_escalates_level_by_level_and_not_for_ever() {
    let mut world = World::started(one(), PEOPLE);
    world.escalate("rita", "a").unwrap();
    assert_eq!(world.assignees("a"), ["max"]);
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.escalate("max", "a").unwrap();
    assert_eq!(world.assignees("a"), ["cfo"]);
    world.escalate("cfo", "a").unwrap();
    assert_eq!(world.escalate("max", "a"), Err(Code::LimitExceeded));
    world.approve("max", "a").unwrap();
    assert_eq!(votes_for(&world), Some("rita".to_owned()), "the vote stays");
}

#[test]
fn a_level_without_anybody_who_may_is_passed_by() {
    let mut world = World::started(
        one(),
        "ann; rita >zed; zed- >max; max; loop >pool; pool >loop",
    );
    world.escalate("rita", "a").unwrap();
    assert_eq!(world.assignees("a"), ["max"]);
    assert_eq!(world.escalate("max", "a"), Err(Code::NoApprover));
    world.assign("host", "a", "loop").unwrap();
    world.escalate("loop", "a").unwrap();
    world.directory = crate::directory::Directory::of("loop >pool; pool- >loop; ann");
    world.assign("host", "a", "loop").unwrap();
    assert_eq!(world.escalate("loop", "a"), Err(Code::NoApprover));
}

#[test]
fn only_who_asked_takes_a_request_back_managers_or_not() {
    for who in ["rita", "eve", "zed"] {
        let mut world = World::started(one(), PEOPLE);
        assert_eq!(world.withdraw(who), Err(Code::NotPermitted), "{who}");
        world.withdraw("ann").unwrap();
        assert_eq!(world.status(), "cancelled");
        assert_eq!(world.withdraw("ann"), Err(Code::NotRunning));
        let instance = world.instance.as_ref().unwrap();
        assert_eq!(instance.outcome(), Some("withdrawn"));
    }
}

#[test]
fn whoever_has_a_part_in_it_may_say_something_until_it_ends() {
    let mut world = World::started(one(), PEOPLE);
    for who in ["ann", "rita", "root", "host"] {
        world.comment(who, " أين الفاتورة؟ ").unwrap();
    }
    assert_eq!(world.comment("eve", "hm"), Err(Code::NotPermitted));
    assert_eq!(world.comment("ann", " \n"), Err(Code::ReasonRequired));
    let said = world.events().filter_map(|event| match event {
        Event::Commented { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert!(said.eq(["أين الفاتورة؟"; 4]));
    world.approve("rita", "a").unwrap();
    assert_eq!(world.comment("ann", "late"), Err(Code::NotRunning));
}

#[test]
fn a_question_stops_the_clock_until_its_answer() {
    let entry = signoff_core::graph::EntrySpec {
        due: Some(SignedDuration::from_hours(10).into()),
        exclude: vec![signoff_core::graph::Exclusion::Requester],
        ..user("rita")
    };
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    let task = world.task("a", "rita");
    let due = |world: &World| {
        let instance = world.instance.as_ref().unwrap();
        instance.task(task.task).unwrap().timers.due.unwrap()
    };
    let before = due(&world);
    world.advance(SignedDuration::from_hours(4));
    world.ask("rita", "a", None).unwrap();
    assert_eq!(world.assignees("a"), ["rita", "ann"]);
    assert!(world.advance(SignedDuration::from_hours(20)).is_empty());
    assert_eq!(
        world.ask("rita", "a", Some("ann")),
        Err(Code::TargetInvalid)
    );
    world.ask("rita", "a", Some("bob")).unwrap();
    assert_eq!(world.approve("ann", "a"), Err(Code::UnknownOutcome));
    assert_eq!(
        world.ask("ann", "a", Some("eve")),
        Err(Code::UnknownOutcome)
    );
    world.say("ann", "a").unwrap();
    assert!(
        world.advance(SignedDuration::from_hours(1)).is_empty(),
        "bob has not said"
    );
    world.say("bob", "a").unwrap();
    assert_eq!(due(&world), before + SignedDuration::from_hours(21));
    assert_eq!(
        world.advance(SignedDuration::from_hours(6)),
        ["timer_fired"]
    );
    assert_eq!(world.say("rita", "a"), Err(Code::UnknownOutcome));
    world.approve("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_decision_withdraws_the_questions_about_it_and_no_others() {
    let mut world = asked();
    world.ask("rita", "a", None).unwrap();
    world.ask("bob", "a", None).unwrap();
    world.approve("bob", "a").unwrap();
    let open = world.assignees("a");
    assert_eq!(open, ["rita", "ann"]);
    world.say("ann", "a").unwrap();
    world.approve("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_hand_over_needs_somebody() {
    let mut world = World::started(one(), PEOPLE);
    let task = world.task("a", "rita");
    let nobody = HandOver {
        to: None,
        reason: String::new(),
    };
    for command in [
        Command::Transfer(task, nobody.clone()),
        Command::Assign(task, nobody.clone()),
    ] {
        assert_eq!(world.run("host", command), Err(Code::TargetRequired));
    }
}
