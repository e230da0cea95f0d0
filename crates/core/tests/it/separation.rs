//! Separation of duties counts natural persons, also through delegation.

use signoff_core::{
    graph::{EntrySpec, Exclusion, Graph, Need},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, graph, role, row},
    world::World,
};

const PEOPLE: &str = "ann clerk; rita clerk; bob clerk; eve boss; root*";

fn excluding(rules: &[Exclusion], entry: EntrySpec) -> EntrySpec {
    EntrySpec {
        exclude: rules.to_vec(),
        ..entry
    }
}

fn two_stages() -> Graph {
    let rules = [Exclusion::Requester, Exclusion::ActorOf("a".into())];
    graph(row([
        approval("a", [excluding(&rules[..1], role("clerk"))]),
        approval("b", [excluding(&rules, role("clerk"))]),
    ]))
}

#[test]
fn the_requester_may_not_decide_claim_or_hand_over() {
    let mut world = World::started(two_stages(), PEOPLE);
    assert_eq!(world.approve("ann", "a"), Err(Code::SelfApproval));
    assert_eq!(world.reject("ann", "a"), Err(Code::SelfApproval));
    assert_eq!(world.claim("ann", "a"), Err(Code::SelfApproval));
    assert_eq!(world.delegate("ann", "a", "bob"), Err(Code::SelfApproval));
    assert_eq!(world.delegate("rita", "a", "ann"), Err(Code::SelfApproval));
    assert_eq!(
        world.approve("eve", "a"),
        Err(Code::NotPermitted),
        "before exclusion"
    );
}

#[test]
fn whoever_decided_before_may_not_decide_again_elsewhere() {
    let mut world = World::started(two_stages(), PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.approve("rita", "b"), Err(Code::SeparationOfDuties));
    assert_eq!(world.claim("rita", "b"), Err(Code::SeparationOfDuties));
    assert_eq!(
        world.delegate("bob", "b", "rita"),
        Err(Code::SeparationOfDuties)
    );
    assert_eq!(world.delegate("bob", "b", "ann"), Err(Code::SelfApproval));
    world.approve("bob", "b").unwrap();
}

#[test]
fn both_sides_of_a_delegation_count() {
    let mut world = World::started(two_stages(), PEOPLE);
    world.delegate("rita", "a", "eve").unwrap();
    world.approve("eve", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.actors, ["eve".into()]);
    assert_eq!(result.principals, ["rita".into()]);
    assert_eq!(world.approve("rita", "b"), Err(Code::SeparationOfDuties));
    assert_eq!(
        world.delegate("bob", "b", "eve"),
        Err(Code::SeparationOfDuties)
    );
    world.approve("bob", "b").unwrap();
}

#[test]
fn every_vote_of_a_group_counts() {
    let rules = [Exclusion::ActorOf("a".into())];
    let nodes = row([
        approval("a", [each("clerk", Need::Quorum(2))]),
        approval("b", [excluding(&rules, role("clerk"))]),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("rita", "a").unwrap();
    world.approve("ann", "a").unwrap();
    assert_eq!(world.approve("rita", "b"), Err(Code::SeparationOfDuties));
    assert_eq!(world.approve("ann", "b"), Err(Code::SelfApproval));
    world.approve("bob", "b").unwrap();
}

#[test]
fn those_excluded_are_no_members() {
    let entry = excluding(&[Exclusion::Requester], each("clerk", Need::All));
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    assert_eq!(world.assignees("a"), ["bob", "rita"]);
    world.approve("rita", "a").unwrap();
    world.approve("bob", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn admins_are_separated_too() {
    let mut world = World::new(two_stages(), PEOPLE);
    world.start("root", serde_json::json!({})).unwrap();
    assert_eq!(world.approve("root", "a"), Err(Code::SelfApproval));
    world.approve("host", "a").unwrap();
}

#[test]
fn a_visit_that_was_sent_back_still_counts_until_the_next_ends() {
    let mut world = World::started(two_stages(), PEOPLE);
    world.approve("rita", "a").unwrap();
    world.resubmit("bob", "b", Some("a")).unwrap();
    world.approve("bob", "a").unwrap();
    assert_eq!(world.approve("bob", "b"), Err(Code::SeparationOfDuties));
    world.approve("rita", "b").unwrap();
    assert_eq!(world.status(), "completed");
}
