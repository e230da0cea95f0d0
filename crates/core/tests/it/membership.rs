//! Who comes and who goes while people are asked.

use proptest::prelude::*;
use signoff_core::{
    event::Event,
    graph::{EntrySpec, Exclusion, Need},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, graph, role, row, user},
    world::{Outcome, WAYS, World},
};

const PEOPLE: &str = "ann; m0 clerk >max; m1 clerk; m2 clerk; x0; x1; gone-; max";

fn voting(need: Need) -> World {
    let entry = EntrySpec {
        exclude: vec![Exclusion::Requester],
        ..each("clerk", need)
    };
    World::started(graph([approval("a", [entry])]), PEOPLE)
}

#[test]
fn one_more_must_agree_too() {
    let mut world = voting(Need::All);
    assert_eq!(world.add_approver("m0", "a", "x0"), Err(Code::NotPermitted));
    assert_eq!(
        world.add_approver("host", "a", "ann"),
        Err(Code::SelfApproval)
    );
    assert_eq!(
        world.add_approver("host", "a", "ghost"),
        Err(Code::UnknownUser)
    );
    assert_eq!(
        world.add_approver("host", "a", "gone"),
        Err(Code::TargetInvalid)
    );
    assert_eq!(
        world.add_approver("host", "a", "m1"),
        Err(Code::TargetInvalid)
    );
    world.add_approver("host", "a", "x0").unwrap();
    let numbers: Vec<u32> = world.open("a").map(|task| task.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4], "numbers go on");
    for who in ["m0", "m1", "m2"] {
        world.approve(who, "a").unwrap();
        assert_eq!(world.status(), "running");
    }
    assert_eq!(
        world.add_approver("host", "a", "m1"),
        Err(Code::TargetInvalid)
    );
    world.approve("x0", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn those_who_are_left_may_have_agreed_already() {
    let mut world = voting(Need::All);
    world.approve("m0", "a").unwrap();
    assert_eq!(
        world.remove_approver("host", "a", "m0"),
        Err(Code::TargetInvalid)
    );
    assert_eq!(
        world.remove_approver("host", "a", "x1"),
        Err(Code::TargetInvalid)
    );
    world.remove_approver("host", "a", "m1").unwrap();
    world.remove_approver("host", "a", "m2").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn too_few_are_never_left() {
    let mut world = voting(Need::Quorum(2));
    world.remove_approver("host", "a", "m0").unwrap();
    assert_eq!(
        world.remove_approver("host", "a", "m1"),
        Err(Code::NoApprover)
    );
    let mut world = World::started(graph([approval("a", [user("m0")])]), PEOPLE);
    assert_eq!(
        world.remove_approver("host", "a", "m0"),
        Err(Code::NoApprover)
    );
}

#[test]
fn an_offer_takes_one_candidate_more_and_gives_one_back() {
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    assert_eq!(
        world.add_approver("host", "a", "m0"),
        Err(Code::TargetInvalid)
    );
    world.add_approver("host", "a", "x0").unwrap();
    world.claim("x0", "a").unwrap();
    world.remove_approver("host", "a", "x0").unwrap();
    assert_eq!(world.approve("x0", "a"), Err(Code::NotPermitted));
    assert_eq!(
        world.remove_approver("host", "a", "m0"),
        Err(Code::TargetInvalid)
    );
    world.approve("m0", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn whoever_leaves_gives_vote_and_duty_away() {
    let mut world = voting(Need::All);
    assert_eq!(world.person_left("x0", "a", "m0"), Err(Code::NotPermitted));
    world.person_left("host", "a", "m0").unwrap();
    assert_eq!(world.approve("m0", "a"), Err(Code::NotPermitted));
    for who in ["max", "m1", "m2"] {
        world.approve(who, "a").unwrap();
    }
    assert_eq!(world.status(), "completed");
    let mut world = voting(Need::All);
    world.person_left("host", "a", "m1").unwrap();
    assert_eq!(
        world.incidents(),
        ["person_left"],
        "nobody is above, and nothing is lost"
    );
    assert_eq!(
        world.person_left("host", "a", "m1"),
        Err(Code::NoApprover),
        "it is known"
    );
    assert_eq!(world.incidents(), ["person_left"]);
    world.approve("m1", "a").unwrap();
    assert_eq!(world.incidents(), [""; 0], "it is closed");
}

/// `m0` has the task of `a`, has left, and nobody was found to take it.
fn stuck(entry: EntrySpec) -> World {
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    // Of an offer, nobody else is left either.
    if world.claim("m0", "a").is_ok() {
        world.directory.change("m0 clerk; m1; m2");
    } else {
        world.directory.change("m0 clerk");
    }
    world.person_left("host", "a", "m0").unwrap();
    assert_eq!(world.incidents(), ["person_left"]);
    world
}

/// The task of whoever has left goes to somebody else in that way.
#[track_caller]
fn is_taken(way: fn(&mut World) -> Outcome) {
    let mut world = stuck(user("m0"));
    let events = way(&mut world).unwrap();
    assert_eq!(world.incidents(), [""; 0]);
    assert_eq!(events[0], "incident_resolved", "{events:?}");
    let to = world.assignees("a").remove(0);
    world.directory.change(&format!("{to}-; max"));
    world.person_left("host", "a", &to).unwrap();
    assert_eq!(world.incidents(), ["person_left"], "another has left");
}

#[test]
fn somebody_who_takes_the_task_settles_the_incident() {
    is_taken(|world| world.assign("host", "a", "x0"));
    is_taken(|world| world.transfer("m0", "a", "x0"));
    is_taken(|world| world.delegate("m0", "a", "x0"));
    is_taken(|world| {
        world.directory.change("m0 >max");
        world.escalate("m0", "a")
    });
    let mut world = stuck(role("clerk"));
    world.release("m0", "a").unwrap();
    assert_eq!(world.incidents(), [""; 0], "others may take it");
}

/// The task of whoever has left is closed in that way.
#[track_caller]
fn is_closed(entry: EntrySpec, way: fn(&mut World) -> Outcome) {
    let mut world = stuck(entry);
    way(&mut world).unwrap();
    assert_eq!(world.incidents(), [""; 0]);
}

#[test]
fn a_task_that_is_closed_settles_the_incident() {
    is_closed(user("m0"), |world| world.approve("m0", "a"));
    is_closed(user("m0"), |world| world.reject("m0", "a"));
    is_closed(user("m0"), |world| world.give_back("m0", "a"));
    is_closed(user("m0"), |world| world.resubmit("m0", "a", None));
    is_closed(user("m0"), |world| world.cancel("host"));
    is_closed(user("m0"), |world| world.withdraw("ann"));
    let all = each("clerk", Need::All);
    is_closed(all, |world| world.remove_approver("host", "a", "m0"));
}

fn live(need: Need) -> World {
    let entry = EntrySpec {
        live: true,
        exclude: vec![Exclusion::Requester],
        ..each("clerk", need)
    };
    World::started(graph([approval("a", [entry])]), PEOPLE)
}

#[test]
fn live_members_come_and_go_with_the_directory() {
    let mut world = live(Need::All);
    world.directory.change("ann clerk; m1; x0 clerk; x1 clerk");
    assert_eq!(world.assignees("a"), ["m0", "m1", "m2"], "not asked again");
    world.approve("m0", "a").unwrap();
    assert_eq!(world.assignees("a"), ["m2", "x0", "x1"]);
    assert_eq!(world.approve("m1", "a"), Err(Code::NotPermitted));
    world.directory.change("x1");
    assert_eq!(
        world.approve("x1", "a"),
        Err(Code::NotPermitted),
        "whoever is no clerk any more has no vote"
    );
    world.approve("x0", "a").unwrap();
    assert_eq!(world.assignees("a"), ["m2"]);
    let numbers: Vec<u32> = world.open("a").map(|task| task.number).collect();
    assert_eq!(numbers, [3]);
    world.directory.change("m2");
    assert_eq!(world.follow_members("m0", "a"), Err(Code::NotPermitted));
    world.follow_members("host", "a").unwrap();
    assert_eq!(
        world.status(),
        "completed",
        "everybody who is left has agreed"
    );
}

#[test]
fn frozen_members_stay_whatever_the_directory_says() {
    let mut world = voting(Need::All);
    world.directory.change("m1; m2-; x0 clerk");
    assert_eq!(world.follow_members("host", "a"), Err(Code::TargetInvalid));
    world.approve("m0", "a").unwrap();
    world.approve("m1", "a").unwrap();
    assert_eq!(world.assignees("a"), ["m2"]);
}

#[test]
fn whom_a_manager_added_or_took_out_does_not_change_back() {
    let mut world = live(Need::All);
    world.add_approver("host", "a", "x0").unwrap();
    world.remove_approver("host", "a", "m1").unwrap();
    world.transfer("m2", "a", "x1").unwrap();
    assert_eq!(world.follow_members("host", "a"), Err(Code::TargetInvalid));
    world.directory.change("max clerk");
    world.follow_members("host", "a").unwrap();
    assert_eq!(world.assignees("a"), ["m0", "x1", "x0", "max"]);
}

#[test]
fn live_members_are_never_too_few_unseen() {
    let mut world = live(Need::Quorum(3));
    world.directory.change("m1; m2");
    world.approve("m0", "a").unwrap();
    assert_eq!(world.incidents(), ["no_approver"]);
    assert_eq!(world.assignees("a"), ["m1", "m2"], "who went stays");
    world.approve("m1", "a").unwrap();
    world.approve("m2", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn whoever_has_a_role_above_decides_instead_where_that_is_allowed() {
    let people = "ann boss; m0 clerk; m1 clerk; lea lead; bo boss; eve other";
    let world = |allow_higher_level| {
        let entry = EntrySpec {
            allow_higher_level,
            exclude: vec![Exclusion::Requester],
            ..each("clerk", Need::All)
        };
        let mut world = World::new(graph([approval("a", [entry])]), people);
        let parents = [("clerk", "lead"), ("lead", "boss"), ("boss", "clerk")];
        let parents = parents.map(|(role, above)| (role.into(), above.into()));
        world.directory.parents = parents.into_iter().collect();
        world.start("ann", serde_json::json!({})).unwrap();
        world
    };
    let mut strict = world(false);
    assert_eq!(strict.approve("bo", "a"), Err(Code::NotPermitted));
    let mut open = world(true);
    assert_eq!(open.approve("eve", "a"), Err(Code::NotPermitted));
    assert_eq!(open.approve("ann", "a"), Err(Code::SelfApproval));
    open.approve("bo", "a").unwrap();
    assert_eq!(open.approve("bo", "a"), Err(Code::AlreadyDecided));
    let instead = open.events().find_map(|event| match event {
        Event::DecisionMade(decision) => decision.on_behalf_of.clone(),
        _ => None,
    });
    assert_eq!(instead, Some("m0".into()));
    assert_eq!(open.delegate("lea", "a", "eve"), Err(Code::NotPermitted));
    open.approve("lea", "a").unwrap();
    assert_eq!(open.status(), "completed");
    let offer = EntrySpec {
        allow_higher_level: true,
        ..role("clerk")
    };
    let mut offered = World::new(graph([approval("a", [offer])]), people);
    offered
        .directory
        .parents
        .insert("clerk".into(), "lead".into());
    offered.start("ann", serde_json::json!({})).unwrap();
    offered.claim("m0", "a").unwrap();
    assert_eq!(offered.claim("lea", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(offered.approve("bo", "a"), Err(Code::NotPermitted));
    offered.approve("lea", "a").unwrap();
    assert_eq!(offered.status(), "completed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Nobody who started, acted before, or was delegated from or stood in for, decides where excluded.
    #[test]
    fn duties_stay_separate_through_delegation_and_substitution(
        away in prop::collection::vec((0..4_usize, 0..4_usize), 0..4),
        delegations in prop::collection::vec((0..4_usize, 0..4_usize), 0..3),
        deciders in prop::collection::vec(0..4_usize, 1..8),
        starter in 0..4_usize,
    ) {
        let names = ["p0", "p1", "p2", "p3"];
        let people: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let substitute = away.iter().find(|(of, to)| *of == at && to != of);
                let tail = substitute.map_or_else(String::new, |(_, to)| format!(" ~{}", names[*to]));
                format!("{name} clerk{tail}")
            })
            .collect();
        let rules = vec![Exclusion::Requester, Exclusion::ActorOf("a".into())];
        let second = EntrySpec { exclude: rules.clone(), ..each("clerk", Need::Quorum(1)) };
        let first = EntrySpec { exclude: rules[..1].to_vec(), ..each("clerk", Need::Quorum(1)) };
        let nodes = row([approval("a", [first]), approval("b", [second])]);
        let mut world = World::new(graph(nodes), &people.join(";"));
        world.ways = &WAYS[1..2];
        world.start(names[starter], serde_json::json!({})).unwrap();
        for (from, to) in delegations {
            let _ = world.delegate(names[from], "a", names[to]);
        }
        for who in &deciders {
            let _ = world.approve(names[*who], "a");
        }
        for who in deciders.iter().rev() {
            let at_b = world.instance.as_ref().unwrap().tasks().any(|task| task.node.as_str() == "b");
            if at_b {
                let _ = world.approve(names[*who], "b");
            }
        }
        let mut barred = vec![names[starter].to_owned()];
        for event in world.events() {
            let Event::DecisionMade(decision) = event else { continue };
            let both = decision.by.person().into_iter().chain(&decision.on_behalf_of);
            for person in both.clone() {
                let started = person.as_str() == names[starter];
                prop_assert!(!started, "the requester decides at {}", decision.node);
                if decision.node.as_str() == "b" {
                    prop_assert!(!barred.contains(&person.to_string()), "{person} decides twice");
                }
            }
            if decision.node.as_str() == "a" {
                barred.extend(both.map(ToString::to_string));
            }
        }
    }
}

/// A naive count of votes: seats, who said what, and nothing else.
#[derive(Debug, Default)]
struct Oracle {
    members: Vec<&'static str>,
    seats: Vec<Seat>,
    voted: Vec<&'static str>,
    yes: u32,
    no: u32,
    status: &'static str,
}

#[derive(Debug)]
struct Seat {
    duty: &'static str,
    holder: &'static str,
    chain: Vec<&'static str>,
}

const CLERKS: &[&str] = &["m0", "m1", "m2", "m3"];
const NAMES: &[&str] = &["m0", "m1", "m2", "m3", "x0", "x1", "x2"];
const AWAY: &str = "ann; m0 clerk ~x1; m1 clerk; m2 clerk; m3 clerk; x0; x1; x2";

impl Oracle {
    fn of(members: &'static [&'static str]) -> Self {
        let mut oracle = Self {
            status: "running",
            ..Self::default()
        };
        for member in members {
            oracle.sit(member);
        }
        oracle
    }

    fn sit(&mut self, who: &'static str) {
        let away = who == "m0" && !self.asked("x1");
        self.members.push(who);
        self.seats.push(Seat {
            duty: who,
            holder: if away { "x1" } else { who },
            chain: Vec::new(),
        });
    }

    fn holds(&self, who: &str) -> Option<usize> {
        self.seats.iter().position(|seat| seat.holder == who)
    }

    fn asked(&self, who: &str) -> bool {
        self.voted.contains(&who) || self.members.contains(&who) || self.holds(who).is_some()
    }

    /// The vote of a seat is given by whoever holds it, once by each natural person.
    fn vote(&mut self, who: &'static str, approve: bool, need: Need, tolerance: u32) -> bool {
        let free = !self.voted.contains(&who);
        let Some(at) = self.holds(who).filter(|_| free) else {
            return false;
        };
        self.seats.remove(at);
        self.voted.push(who);
        self.yes += u32::from(approve);
        self.no += u32::from(!approve);
        self.settle(need, tolerance);
        true
    }

    fn give(&mut self, who: &'static str, to: &'static str, keeps: bool) -> bool {
        let Some(at) = self.holds(who) else {
            return false;
        };
        let mut seats = self.seats.iter().enumerate();
        let elsewhere =
            seats.any(|(other, seat)| other != at && (seat.duty == to || seat.holder == to));
        let seat = &self.seats[at];
        let asked = elsewhere || (self.members.contains(&to) && seat.duty != to);
        let linked = keeps && seat.chain.contains(&to);
        if who == to || linked || self.voted.contains(&to) || (asked && !keeps) {
            return false;
        }
        let seat = &mut self.seats[at];
        seat.holder = to;
        if keeps {
            seat.chain.push(who);
        } else {
            let duty = std::mem::replace(&mut seat.duty, to);
            seat.chain.clear();
            let slot = self.members.iter_mut().find(|member| **member == duty);
            *slot.unwrap() = to;
        }
        true
    }

    fn add(&mut self, who: &'static str) -> bool {
        let free = !self.asked(who);
        if free {
            self.sit(who);
        }
        free
    }

    fn remove(&mut self, who: &'static str, need: Need, tolerance: u32) -> bool {
        let Some(at) = self.seats.iter().position(|seat| seat.duty == who) else {
            return false;
        };
        let left = self.members.len() - 1;
        let needed = needed(need, left);
        if needed.is_none_or(|needed| count(left) < needed + self.no) {
            return false;
        }
        self.seats.remove(at);
        self.members.retain(|member| *member != who);
        self.settle(need, tolerance);
        true
    }

    fn settle(&mut self, need: Need, tolerance: u32) {
        let all = self.members.len();
        let needed = needed(need, all).unwrap();
        if self.yes >= needed {
            self.status = "completed";
        } else if self.no > tolerance || count(all) < needed + self.no {
            self.status = "rejected";
        }
    }
}

fn needed(need: Need, all: usize) -> Option<u32> {
    let all = count(all);
    if all == 0 {
        return None;
    }
    match need {
        Need::All => Some(all),
        Need::Majority => Some(all / 2 + 1),
        Need::Percent(percent) => Some((all * u32::from(percent)).div_ceil(100).clamp(1, all)),
        Need::Quorum(quorum) => (quorum <= all).then_some(quorum),
        _ => None,
    }
}

fn count(all: usize) -> u32 {
    u32::try_from(all).unwrap()
}

fn needs() -> impl Strategy<Value = Need> {
    prop_oneof![
        Just(Need::All),
        Just(Need::Majority),
        (1..=100_u8).prop_map(Need::Percent),
        (1..=4_u32).prop_map(Need::Quorum),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Votes are counted as a naive count does, whoever comes, goes, or hands over; and nobody is
    /// left with a vote that he cannot give.
    #[test]
    fn votes_are_counted_like_by_hand(
        need in needs(),
        tolerance in 0..3_u32,
        acts in prop::collection::vec((0..8_usize, 0..7_usize, 0..7_usize), 1..24),
    ) {
        let entry = EntrySpec { reject_tolerance: tolerance, ..each("clerk", need) };
        let mut world = World::new(graph([approval("a", [entry])]), AWAY);
        world.ways = &WAYS[1..2];
        world.start("ann", serde_json::json!({})).unwrap();
        let mut oracle = Oracle::of(CLERKS);
        for (act, by, to) in acts {
            if oracle.status != "running" {
                break;
            }
            let (by, to) = (NAMES[by], NAMES[to]);
            let (done, expected) = match act {
                0 | 1 => (world.approve(by, "a"), oracle.vote(by, true, need, tolerance)),
                2 => (world.reject(by, "a"), oracle.vote(by, false, need, tolerance)),
                3 => (world.delegate(by, "a", to), oracle.give(by, to, true)),
                4 => (world.transfer(by, "a", to), oracle.give(by, to, false)),
                5 => (world.add_approver("host", "a", to), oracle.add(to)),
                _ => (
                    world.remove_approver("host", "a", to),
                    oracle.remove(to, need, tolerance),
                ),
            };
            prop_assert_eq!(done.is_ok(), expected, "{} {} {}: {:?} {:?}", act, by, to, done, oracle);
            prop_assert_eq!(world.status(), oracle.status);
            let mut holders: Vec<String> = oracle.seats.iter().map(|seat| seat.holder.into()).collect();
            let mut open = world.assignees("a");
            if oracle.status == "running" {
                holders.sort();
                open.sort();
                prop_assert_eq!(&open, &holders);
                prop_assert!(!open.is_empty(), "somebody can still vote");
            }
        }
    }
}
