//! Walks over the net: where a token may be, and one way there.

use std::collections::{BTreeMap, VecDeque};

use crate::{
    check::{
        finding::{Exit, Step},
        meter::{Exhausted, Meter},
        net::Net,
    },
    id::NodeKey,
};

/// A node, and whether the token there is inside a scope: a join outside every scope passes it on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Spot {
    pub(super) node: usize,
    pub(super) inside: bool,
}

impl Spot {
    pub(super) const fn inside(node: usize) -> Self {
        Self { node, inside: true }
    }

    pub(super) const fn outside(node: usize) -> Self {
        Self {
            node,
            inside: false,
        }
    }

    pub(super) fn both(node: usize) -> impl Iterator<Item = Self> {
        [Self::outside(node), Self::inside(node)].into_iter()
    }

    /// Another node in the same scope.
    pub(super) const fn at(self, node: usize) -> Self {
        Self { node, ..self }
    }

    pub(super) const fn index(self) -> usize {
        self.node * 2 + self.inside as usize
    }

    pub(super) const fn from_index(index: usize) -> Self {
        Self {
            node: index / 2,
            inside: index % 2 == 1,
        }
    }
}

/// A step of a walk.
#[derive(Clone, Debug)]
pub(super) enum Hop {
    /// A token begins beside the one at the node.
    Beside(Option<Exit>),
    /// Into the scope of a split.
    Into,
    /// From a split past its scope: the join fires.
    Past(usize),
    /// Within a scope.
    Way(Option<Exit>),
}

/// Which steps a walk takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// All.
    Everywhere,
    /// Within the scope and into those inside.
    Deeper,
    /// Only within the scope.
    Level,
}

/// Where tokens may be, and one way to each of these spots.
pub(super) struct Walk<'a> {
    pub(super) net: &'a Net<'a>,
    /// The joins by which the scope of a split may be left.
    fires: &'a dyn Fn(usize) -> Vec<usize>,
    /// How each spot was first come to: from a spot, or from a start by its number.
    came: Vec<Option<Came>>,
    /// The spots in the order in which they were come to, the nearest first.
    pub(super) spots: Vec<Spot>,
}

#[derive(Clone, Debug)]
enum Came {
    By(Spot, Hop),
    Start(usize),
}

impl<'a> Walk<'a> {
    /// From the starts, everywhere.
    pub(super) fn new(
        net: &'a Net<'a>,
        fires: &'a dyn Fn(usize) -> Vec<usize>,
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let mut walk = Self {
            net,
            fires,
            came: vec![None; net.places.len() * 2],
            spots: Vec::new(),
        };
        let mut open = VecDeque::new();
        for (number, (_, first)) in net.starts.iter().enumerate() {
            let spot = Spot::outside(*first);
            if walk.came[spot.index()].is_none() {
                walk.came[spot.index()] = Some(Came::Start(number));
                open.push_back(spot);
            }
        }
        while let Some(spot) = open.pop_front() {
            walk.spots.push(spot);
            meter.spend(net.cost(spot.node))?;
            for (to, hop) in walk.hops(Reach::Everywhere, spot) {
                if walk.came[to.index()].is_none() {
                    walk.came[to.index()] = Some(Came::By(spot, hop));
                    open.push_back(to);
                }
            }
        }
        Ok(walk)
    }

    /// Every step from a spot.
    pub(super) fn hops(&self, reach: Reach, from: Spot) -> Vec<(Spot, Hop)> {
        let moves = &self.net.places[from.node].moves;
        let mut hops = Vec::new();
        if self.net.is_split(from.node) {
            for join in (self.fires)(from.node) {
                let ways = self.net.places[join].moves.ways.iter();
                hops.extend(ways.map(|way| (from.at(way.to), Hop::Past(join))));
            }
            if reach != Reach::Level {
                let arms = self.net.arms(from.node).iter();
                hops.extend(arms.map(|arm| (Spot::inside(arm.to), Hop::Into)));
            }
        } else if !(from.inside && self.net.join(from.node).is_some()) {
            let ways = moves.ways.iter();
            hops.extend(ways.map(|way| (from.at(way.to), Hop::Way(way.exit.clone()))));
        }
        if reach == Reach::Everywhere {
            let beside = moves.beside.iter();
            let beside = beside.map(|lead| (lead.to, Hop::Beside(lead.exit.clone())));
            hops.extend(beside.map(|(to, hop)| (Spot::outside(to), hop)));
        }
        hops
    }

    /// Every step within the scope, as where it leads.
    pub(super) fn level(&self, from: Spot) -> impl Iterator<Item = Spot> {
        self.hops(Reach::Level, from).into_iter().map(|(to, _)| to)
    }

    pub(super) fn reaches(&self, spot: Spot) -> bool {
        self.came[spot.index()].is_some()
    }

    /// A spot of the node, the nearer where there are two.
    pub(super) fn spot_of(&self, node: usize) -> Option<Spot> {
        Spot::both(node).find(|spot| self.reaches(*spot))
    }

    /// The way to a spot, itself included.
    pub(super) fn trace(&self, to: Spot, meter: &mut Meter) -> Result<Vec<Step>, Exhausted> {
        let mut steps = vec![self.step(to.node, None)];
        let mut at = to;
        loop {
            meter.spend(1)?;
            match &self.came[at.index()] {
                Some(Came::By(from, hop)) => {
                    self.push_back(&mut steps, *from, hop, at);
                    at = *from;
                }
                Some(Came::Start(number)) => {
                    let key: &NodeKey = self.net.starts[*number].0;
                    steps.push(Step {
                        node: key.clone(),
                        exit: None,
                    });
                    break;
                }
                None => break,
            }
        }
        steps.reverse();
        Ok(steps)
    }

    /// The way to a spot, and on from it to a node.
    pub(super) fn trace_on(
        &self,
        from: Spot,
        exit: Option<Exit>,
        to: usize,
        meter: &mut Meter,
    ) -> Result<Vec<Step>, Exhausted> {
        let mut trace = self.trace(from, meter)?;
        if let Some(last) = trace.last_mut() {
            last.exit = exit;
        }
        trace.push(self.step(to, None));
        Ok(trace)
    }

    fn step(&self, node: usize, exit: Option<Exit>) -> Step {
        Step {
            node: self.net.places[node].key.clone(),
            exit,
        }
    }

    fn push_back(&self, steps: &mut Vec<Step>, from: Spot, hop: &Hop, to: Spot) {
        let exit = match hop {
            Hop::Beside(exit) | Hop::Way(exit) => exit.clone(),
            Hop::Into => Some(Exit::Branch(self.net.places[to.node].key.clone())),
            Hop::Past(join) => {
                steps.push(self.step(*join, None));
                None
            }
        };
        steps.push(self.step(from.node, exit));
    }

    /// The shortest way from a spot by at least one of `reach`'s steps to one that `arrives`, as the
    /// steps after the first.
    pub(super) fn on_to(
        &self,
        reach: Reach,
        from: Spot,
        arrives: impl Fn(Spot) -> bool,
        meter: &mut Meter,
    ) -> Result<Option<Onward>, Exhausted> {
        // Most ways are short: a list of all spots would cost more than the way.
        let mut came: BTreeMap<usize, (Spot, Hop)> = BTreeMap::new();
        let mut open = VecDeque::from([from]);
        while let Some(spot) = open.pop_front() {
            meter.spend(self.net.cost(spot.node))?;
            for (to, hop) in self.hops(reach, spot) {
                if came.contains_key(&to.index()) {
                    continue;
                }
                came.insert(to.index(), (spot, hop));
                if arrives(to) {
                    return Ok(Some(self.back(&came, from, to)));
                }
                open.push_back(to);
            }
        }
        Ok(None)
    }

    /// The trace, which ends at a spot, and on from there to another one.
    pub(super) fn prolong(
        &self,
        trace: Vec<Step>,
        reach: Reach,
        from: Spot,
        to: Spot,
        meter: &mut Meter,
    ) -> Result<Vec<Step>, Exhausted> {
        if from == to {
            return Ok(trace);
        }
        let onward = self.on_to(reach, from, |spot| spot == to, meter)?;
        Ok(match onward {
            Some(onward) => onward.after(trace),
            None => trace,
        })
    }

    fn back(&self, came: &BTreeMap<usize, (Spot, Hop)>, from: Spot, to: Spot) -> Onward {
        let mut steps = vec![self.step(to.node, None)];
        let mut at = to;
        while let Some((before, hop)) = came.get(&at.index()) {
            self.push_back(&mut steps, *before, hop, at);
            at = *before;
            if at == from {
                break;
            }
        }
        steps.reverse();
        Onward { steps }
    }
}

/// A way on from a spot, which is its first step.
#[derive(Debug)]
pub(super) struct Onward {
    steps: Vec<Step>,
}

impl Onward {
    /// A trace that ends where this way begins, and goes on with it.
    pub(super) fn after(self, mut trace: Vec<Step>) -> Vec<Step> {
        trace.pop();
        trace.extend(self.steps);
        trace
    }
}
