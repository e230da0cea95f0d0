//! Delegation: the task goes on, the vote and the duty stay.

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

const PEOPLE: &str = "ann; rita clerk; bob clerk; eve; cfo; zed-; root*";

fn one() -> Graph {
    graph([approval("a", [user("rita")])])
}

fn offered() -> Graph {
    graph([approval("a", [role("clerk")])])
}

#[test]
fn the_delegate_decides_for_the_delegator() {
    let mut world = World::started(one(), PEOPLE);
    let before = world.task("a", "rita");
    world.delegate("rita", "a", "eve").unwrap();
    assert_eq!(world.task("a", "eve"), before, "the same task");
    assert_eq!(world.assignees("a"), ["eve"]);
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.approve("eve", "a").unwrap();
    let decision = world.events().find_map(|event| match event {
        Event::DecisionMade(decision) => Some(decision),
        _ => None,
    });
    let decision = decision.unwrap();
    assert_eq!(decision.by.person(), Some(&"eve".into()));
    assert_eq!(decision.on_behalf_of, Some("rita".into()));
}

#[test]
fn a_chain_never_comes_back() {
    let mut world = World::started(one(), PEOPLE);
    for (from, to) in [("rita", "bob"), ("bob", "eve"), ("eve", "cfo")] {
        world.delegate(from, "a", to).unwrap();
        assert_eq!(world.approve(from, "a"), Err(Code::NotPermitted));
    }
    for to in ["rita", "bob", "eve", "cfo"] {
        assert_eq!(
            world.delegate("cfo", "a", to),
            Err(Code::TargetInvalid),
            "{to}"
        );
    }
    world.approve("cfo", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(
        result.principals,
        ["rita".into()],
        "the vote is the first one's"
    );
}

#[test]
fn the_target_must_be_somebody_else_who_is_active() {
    let mut world = World::started(one(), PEOPLE);
    for (to, expected) in [
        ("rita", Code::TargetInvalid),
        ("zed", Code::TargetInvalid),
        ("ghost", Code::UnknownUser),
    ] {
        assert_eq!(world.delegate("rita", "a", to), Err(expected), "{to}");
    }
    let task = world.task("a", "rita");
    for (to, reason, expected) in [
        (None, " ", Code::ReasonRequired),
        (None, "why", Code::TargetRequired),
        (Some("eve".into()), "", Code::ReasonRequired),
        (Some("ghost".into()), "", Code::UnknownUser),
    ] {
        let over = HandOver {
            to,
            reason: reason.to_owned(),
        };
        assert_eq!(
            world.run("rita", Command::Delegate(task, over)),
            Err(expected)
        );
    }
}

#[test]
fn a_candidate_delegates_an_offer_and_its_peers_are_too_late() {
    let mut world = World::started(offered(), PEOPLE);
    world.delegate("rita", "a", "eve").unwrap();
    assert_eq!(world.approve("bob", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.claim("bob", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    assert_eq!(world.release("eve", "a"), Err(Code::TargetInvalid));
    world.delegate("eve", "a", "bob").unwrap();
    world.approve("bob", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.principals, ["rita".into()]);
}

#[test]
fn nobody_delegates_what_nobody_has() {
    let mut world = World::started(offered(), PEOPLE);
    assert_eq!(world.delegate("host", "a", "eve"), Err(Code::NotPermitted));
    let over = HandOver {
        to: None,
        reason: String::new(),
    };
    let task = world.task("a", "host");
    let found = world.run("host", Command::Delegate(task, over));
    assert_eq!(found, Err(Code::NotPermitted), "before what is missing");
    world.delegate("root", "a", "eve").unwrap();
    world.claim("eve", "a").unwrap_err();
    world.delegate("host", "a", "bob").unwrap();
    assert_eq!(world.assignees("a"), ["bob"]);
}

#[test]
fn the_depth_of_a_chain_is_bounded() {
    let mut world = World::started(one(), PEOPLE);
    world.settings.limits.delegation_depth = 2;
    world.delegate("rita", "a", "bob").unwrap();
    world.delegate("bob", "a", "eve").unwrap();
    assert_eq!(world.delegate("eve", "a", "cfo"), Err(Code::LimitExceeded));
}

#[test]
fn a_member_who_gets_a_peers_task_still_has_one_vote() {
    let graph = graph([approval("a", [each("clerk", Need::All)])]);
    let mut world = World::started(graph, PEOPLE);
    world.delegate("bob", "a", "rita").unwrap();
    assert_eq!(world.assignees("a"), ["rita", "rita"]);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.approve("rita", "a"), Err(Code::AlreadyDecided));
    world.delegate("rita", "a", "eve").unwrap();
    assert_eq!(world.transfer("eve", "a", "rita"), Err(Code::TargetInvalid));
    world.approve("eve", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn whoever_has_voted_gets_no_peers_task_and_a_member_gets_no_second_vote() {
    let clerks = || graph([approval("a", [each("clerk", Need::All)])]);
    let mut world = World::started(clerks(), PEOPLE);
    assert_eq!(
        world.transfer("bob", "a", "rita"),
        Err(Code::TargetInvalid),
        "she would have two votes"
    );
    world.approve("rita", "a").unwrap();
    assert_eq!(world.delegate("bob", "a", "rita"), Err(Code::TargetInvalid));
    let mut world = World::started(clerks(), PEOPLE);
    world.delegate("bob", "a", "eve").unwrap();
    world.approve("eve", "a").unwrap();
    assert_eq!(
        world.delegate("rita", "a", "eve"),
        Err(Code::TargetInvalid),
        "she has voted for bob"
    );
}
