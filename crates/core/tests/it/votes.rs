//! Votes: how many of how many, in every order, against a naive count.

use proptest::prelude::*;
use signoff_core::{
    graph::{EntrySpec, Graph, Need},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, graph},
    world::{WAYS, World},
};

const NAMES: &[&str] = &["m0", "m1", "m2", "m3", "m4", "m5"];

fn people(n: usize) -> String {
    let members: Vec<String> = NAMES[..n]
        .iter()
        .map(|name| format!("{name} clerk"))
        .collect();
    format!("ann; {}", members.join(";"))
}

fn voting(need: Need, tolerance: u32) -> Graph {
    let entry = EntrySpec {
        reject_tolerance: tolerance,
        ..each("clerk", need)
    };
    graph([approval("vote", [entry])])
}

/// Counts by the words of the rule: approvals of n, at most `tolerance` rejections.
fn oracle(need: Need, tolerance: usize, n: usize, votes: &[bool]) -> &'static str {
    let needed = match need {
        Need::All => n,
        Need::Majority => (1..=n).find(|k| k * 2 > n).unwrap(),
        Need::Percent(p) => (1..=n).find(|k| k * 100 >= n * usize::from(p)).unwrap_or(n),
        Need::Quorum(q) => usize::try_from(q).unwrap(),
        other => unreachable!("{other:?}"),
    };
    let (mut yes, mut no) = (0, 0);
    for vote in votes {
        match vote {
            true => yes += 1,
            false => no += 1,
        }
        if yes >= needed {
            return "completed";
        }
        if no > tolerance || n - no < needed {
            return "rejected";
        }
    }
    "running"
}

#[track_caller]
fn check(need: Need, tolerance: u32, n: usize, votes: &[(usize, bool)]) {
    let mut world = World::started(voting(need, tolerance), &people(n));
    world.ways = &WAYS[1..4];
    let mut counted = Vec::new();
    for (voter, vote) in votes {
        let who = NAMES[*voter];
        let open = world.status() == "running";
        let found = match vote {
            true => world.approve(who, "vote"),
            false => world.reject(who, "vote"),
        };
        assert_eq!(found.is_ok(), open, "{who} of {votes:?}");
        if open {
            counted.push(*vote);
        }
        let expected = oracle(need, usize::try_from(tolerance).unwrap(), n, &counted);
        assert_eq!(
            world.status(),
            expected,
            "{need:?}, {tolerance} of {n}: {counted:?}"
        );
    }
}

#[test]
fn every_order_of_three_votes_agrees_with_the_count() {
    let needs = [
        Need::All,
        Need::Majority,
        Need::Percent(1),
        Need::Percent(34),
        Need::Percent(67),
        Need::Percent(100),
        Need::Quorum(1),
        Need::Quorum(2),
        Need::Quorum(3),
    ];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for need in needs {
        for tolerance in 0..3 {
            for (order, said) in orders.iter().cycle().zip(0..8) {
                let votes: Vec<(usize, bool)> = order
                    .iter()
                    .enumerate()
                    .map(|(at, voter)| (*voter, said >> at & 1 == 1))
                    .collect();
                check(need, tolerance, 3, &votes);
            }
        }
    }
}

#[test]
fn nobody_votes_twice_on_one_opening() {
    let mut world = World::started(voting(Need::All, 0), &people(3));
    let first = world.task("vote", "m0");
    world.approve("m0", "vote").unwrap();
    assert_eq!(world.approve("m0", "vote"), Err(Code::AlreadyDecided));
    assert_eq!(world.reject("m0", "vote"), Err(Code::AlreadyDecided));
    assert_eq!(
        world.resubmit("m0", "vote", None),
        Err(Code::AlreadyDecided)
    );
    let again = signoff_core::command::Command::Approve(first, Default::default());
    assert_eq!(world.run("m1", again), Err(Code::NotOpen));
    world.resubmit("m1", "vote", None).unwrap();
    world.approve("m0", "vote").unwrap();
}

#[test]
fn members_are_frozen_when_the_entry_opens() {
    let mut world = World::started(voting(Need::All, 0), &people(2));
    world.directory = crate::directory::Directory::of("m0; m1 clerk; m5 clerk");
    assert_eq!(world.approve("m5", "vote"), Err(Code::NotPermitted));
    world.approve("m0", "vote").unwrap();
    world.approve("m1", "vote").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn one_member_is_a_majority_of_one() {
    check(Need::Majority, 0, 1, &[(0, true)]);
    check(Need::Majority, 0, 1, &[(0, false)]);
    check(Need::Percent(1), 5, 1, &[(0, false)]);
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![
        Just(Need::All),
        Just(Need::Majority),
        (1..=100_u8).prop_map(Need::Percent),
        (1..=6_u32).prop_map(Need::Quorum),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_votes_agree_with_the_count(
        need in need(),
        tolerance in 0..4_u32,
        n in 1..=6_usize,
        order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(),
        said in prop::collection::vec(any::<bool>(), 6),
    ) {
        let n = match need {
            Need::Quorum(q) => n.max(usize::try_from(q).unwrap()),
            _ => n,
        };
        let votes: Vec<(usize, bool)> =
            order.into_iter().filter(|voter| *voter < n).zip(said).collect();
        check(need, tolerance, n, &votes);
    }
}
