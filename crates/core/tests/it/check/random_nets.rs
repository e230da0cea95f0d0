//! The checker and the oracle say the same of thousands of small nets.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestError, TestRunner},
};
use signoff_core::check::{Bounds, Finding, check};

use crate::check::{
    nets::{Late, Need, Net, Place, Taken},
    oracle::{self, Fault},
};

/// Nets in one run.
const NETS: u32 = 6_000;

/// A piece of a net with one way in and at most one way out.
#[derive(Clone, Debug)]
enum Block {
    /// Goes back to its beginning, perhaps.
    Again(Vec<Self>),
    Branches(Vec<(Vec<Self>, Taken, bool)>, Need, Late),
    Choose(Vec<Self>, Vec<Self>),
    Stop,
    /// Goes round for ever.
    Trap,
    Work,
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![
        4 => Just(Need::All),
        2 => Just(Need::Any),
        2 => (1..4_u32).prop_map(Need::Count),
        1 => (1..=4_u8).prop_map(|quarters| Need::Percent(quarters * 25)),
    ]
}

fn late() -> impl Strategy<Value = Late> {
    prop_oneof![2 => Just(Late::Cancel), 1 => Just(Late::Absorb)]
}

fn taken() -> impl Strategy<Value = Taken> {
    prop_oneof![8 => Just(Taken::Always), 2 => Just(Taken::When), 1 => Just(Taken::Each)]
}

fn place(size: usize) -> impl Strategy<Value = Place> {
    let to = move || 0..size;
    let branches = prop::collection::vec((to(), taken()), 2..4);
    prop_oneof![
        6 => to().prop_map(Place::Task),
        4 => (to(), to()).prop_map(|(then, otherwise)| Place::If(then, otherwise)),
        4 => branches.prop_map(Place::Split),
        4 => (need(), late(), to()).prop_map(|(need, late, next)| Place::Join(need, late, next)),
        3 => Just(Place::End),
        1 => Just(Place::Stop),
    ]
}

/// Any nodes with any ways.
fn wild() -> impl Strategy<Value = Net> {
    (3..9_usize)
        .prop_flat_map(|size| prop::collection::vec(place(size), size))
        .prop_map(|mut places| {
            let last = places.len() - 1;
            places[last] = Place::End;
            Net(places)
        })
}

fn row() -> impl Strategy<Value = Vec<Block>> {
    let leaf = prop_oneof![12 => Just(Block::Work), 2 => Just(Block::Stop), 1 => Just(Block::Trap)];
    let block = leaf.prop_recursive(2, 5, 3, |inner| {
        let inside = prop::collection::vec(inner, 0..2);
        let branch = (inside.clone(), taken(), prop::bool::weighted(0.15));
        prop_oneof![
            1 => inside.clone().prop_map(Block::Again),
            3 => (prop::collection::vec(branch, 2..4), need(), late())
                .prop_map(|(branches, need, late)| Block::Branches(branches, need, late)),
            1 => (inside.clone(), inside).prop_map(|(then, otherwise)| Block::Choose(then, otherwise)),
        ]
    });
    prop::collection::vec(block, 1..3)
}

/// Blocks inside each other, of which a few ways have gone astray.
fn tidy() -> impl Strategy<Value = Net> {
    let astray = prop::collection::vec((0..64_usize, 0..4_usize, 0..64_usize), 0..3);
    (row(), astray).prop_map(|(blocks, astray)| {
        let mut places = vec![Place::End];
        let first = put_row(&mut places, &blocks, 0);
        places.swap(0, first);
        let swap = |node| match node {
            0 => first,
            node if node == first => 0,
            node => node,
        };
        let mut places: Vec<Place> = places.iter().map(|place| place.map(swap)).collect();
        let size = places.len();
        for (node, way, to) in astray {
            let mut number = 0;
            let place = &mut places[node % size];
            let ways = place.targets().len().max(1);
            *place = place.map(|old| {
                number += 1;
                if (number - 1) == way % ways {
                    to % size
                } else {
                    old
                }
            });
        }
        Net(places)
    })
}

fn put_row(places: &mut Vec<Place>, blocks: &[Block], next: usize) -> usize {
    let blocks = blocks.iter().rev();
    blocks.fold(next, |next, block| put(places, block, next))
}

fn put(places: &mut Vec<Place>, block: &Block, next: usize) -> usize {
    let mut add = |place| {
        places.push(place);
        places.len() - 1
    };
    match block {
        Block::Work => add(Place::Task(next)),
        Block::Stop => add(Place::Stop),
        Block::Trap => {
            let trap = add(Place::End);
            places[trap] = Place::Task(trap);
            trap
        }
        Block::Again(inside) => {
            let again = add(Place::If(next, next));
            let first = put_row(places, inside, again);
            places[again] = Place::If(first, next);
            first
        }
        Block::Choose(then, otherwise) => {
            let then = put_row(places, then, next);
            let otherwise = put_row(places, otherwise, next);
            places.push(Place::If(then, otherwise));
            places.len() - 1
        }
        Block::Branches(branches, need, late) => {
            let join = add(Place::Join(*need, *late, next));
            let branches = branches
                .iter()
                .map(|(inside, taken, ends)| {
                    let to = match ends {
                        true => {
                            places.push(Place::End);
                            places.len() - 1
                        }
                        false => join,
                    };
                    (put_row(places, inside, to), *taken)
                })
                .collect();
            places.push(Place::Split(branches));
            places.len() - 1
        }
    }
}

/// Without what the two may see differently: late tokens that may end the instance for others, which
/// the checker does not count on, and shares of more items than the oracle tries.
fn comparable(net: &Net) -> Net {
    let any = |what: fn(&Place) -> bool| net.0.iter().any(what);
    let absorbs = any(|place| matches!(place, Place::Join(_, Late::Absorb, _)));
    let items = any(|place| match place {
        Place::Split(branches) => branches.iter().any(|(_, taken)| *taken == Taken::Each),
        _ => false,
    });
    let places = net.0.iter().map(|place| match place {
        Place::Stop if absorbs => Place::End,
        Place::Join(Need::Percent(_), late, next) if items => Place::Join(Need::Any, *late, *next),
        place => place.clone(),
    });
    Net(places.collect())
}

/// Whether the oracle knows of what the checker found.
fn backed(finding: &Finding, faults: &BTreeSet<Fault>) -> bool {
    let digits = finding.node.as_str().trim_start_matches('n');
    let node = digits.parse().unwrap();
    let wanted = match finding.code {
        "endless_loop" | "no_way_to_end" | "tokens_left_over" => vec![Fault::Stuck],
        "intersecting_scopes" => vec![Fault::Intersecting(node)],
        "join_never_completes" => vec![Fault::Few(node), Fault::Unfired(node)],
        "unbounded_scopes" => vec![Fault::Nested(node)],
        _ => Vec::new(),
    };
    let structural = matches!(finding.code, "intersecting_scopes" | "unbounded_scopes");
    let beyond = |fault: &Fault| match fault {
        // A split inside itself would go on for ever: the oracle looks no further.
        Fault::Nested(_) => true,
        // The checker looks at scopes behind a join that never fires too, before it knows that.
        // It may fire for one split and never for another: where scopes intersect, so does what follows.
        Fault::Intersecting(_) | Fault::Unfired(_) => structural,
        _ => false,
    };
    faults
        .iter()
        .any(|fault| beyond(fault) || wanted.contains(fault))
}

#[test]
fn the_checker_says_what_the_oracle_says() {
    let config = ProptestConfig {
        cases: NETS,
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let nets = prop_oneof![2 => wild(), 3 => tidy()].prop_map(|net| comparable(&net.pruned()));
    let seen: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let count = |what: &str| *seen.borrow_mut().entry(what.to_owned()).or_default() += 1;
    let outcome = TestRunner::new(config).run(&nets, |net| {
        let Some(faults) = oracle::faults(&net) else {
            count("skipped");
            return Ok(());
        };
        let report = check(&net.graph(), Bounds::default());
        count(if faults.is_empty() {
            "sound"
        } else {
            "unsound"
        });
        report.findings.iter().for_each(|found| count(found.code));
        let alike = report.findings.is_empty() == faults.is_empty();
        let backed = report.findings.iter().all(|found| backed(found, &faults));
        if report.exhausted || !alike || !backed {
            let found = report.findings.iter();
            let found: Vec<String> = found
                .map(|found| format!("{} {}: {}", found.code, found.message, found.path(12)))
                .collect();
            let message = format!("the oracle says {faults:?}, the checker {found:#?}");
            return Err(TestCaseError::fail(message));
        }
        Ok(())
    });
    if let Err(TestError::Fail(reason, net)) = &outcome {
        panic!("{net:?}{reason}");
    }
    outcome.unwrap();
    let seen = seen.into_inner();
    let of = |what: &str| seen.get(what).copied().unwrap_or_default();
    assert!(of("skipped") < NETS / 10, "{seen:?}");
    assert!(of("sound") + of("unsound") >= 5_000, "{seen:?}");
    assert!(of("sound").min(of("unsound")) > NETS / 5, "{seen:?}");
    for code in [
        "endless_loop",
        "intersecting_scopes",
        "join_never_completes",
        "no_way_to_end",
        "tokens_left_over",
        "unbounded_scopes",
    ] {
        assert!(of(code) > 0, "{code}: {seen:?}");
    }
}
