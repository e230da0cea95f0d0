//! What lies ahead of a token at each node: least fixpoints over the net.

use crate::check::{
    meter::{Exhausted, Meter},
    net::{Arm, Net, PlaceKind},
    options::{Kinds, Options},
    tally::Tally,
    walk::Spot,
};

/// The joins that a token may come to in its scope, at most two of them: one is right, two are wrong.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Met([Option<usize>; 2]);

impl Met {
    fn insert(&mut self, join: usize) {
        if self.0.contains(&Some(join)) {
            return;
        }
        if let Some(free) = self.0.iter_mut().find(|join| join.is_none()) {
            *free = Some(join);
        }
    }

    fn extend(&mut self, other: Self) {
        other.iter().for_each(|join| self.insert(join));
    }

    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().flatten()
    }
}

/// The joins ahead of each node, for a token inside a scope.
#[derive(Debug)]
pub(super) struct Joins(Vec<Met>);

impl Joins {
    pub(super) fn ahead(net: &Net<'_>, meter: &mut Meter) -> Result<Self, Exhausted> {
        let mut joins = Self(vec![Met::default(); net.places.len()]);
        until_stable(net, meter, |node| {
            let met = joins.look(net, node);
            std::mem::replace(&mut joins.0[node], met) != met
        })?;
        Ok(joins)
    }

    /// The joins that the branches of a split come to: those that close its scope.
    pub(super) fn of_split(&self, net: &Net<'_>, split: usize) -> Met {
        let mut met = Met::default();
        for arm in net.arms(split) {
            met.extend(self.0[arm.to]);
        }
        met
    }

    /// The joins ahead of a node.
    pub(super) fn of(&self, node: usize) -> Met {
        self.0[node]
    }

    fn look(&self, net: &Net<'_>, node: usize) -> Met {
        let mut met = self.0[node];
        let place = &net.places[node];
        match &place.kind {
            PlaceKind::Join(_) => met.insert(node),
            PlaceKind::Split(_) => {
                for join in self.of_split(net, node).iter() {
                    for way in &net.places[join].moves.ways {
                        met.extend(self.0[way.to]);
                    }
                }
            }
            PlaceKind::Step => {
                for way in &place.moves.ways {
                    met.extend(self.0[way.to]);
                }
            }
        }
        met
    }
}

/// What a token may come to from each node, inside a scope and outside every one.
#[derive(Debug)]
pub(super) struct Ahead {
    /// The join of each split.
    closers: Vec<Option<usize>>,
    /// What the scope of each split may come to, all in all.
    scopes: Vec<Options>,
    /// What a token at a spot may come to.
    options: Vec<Options>,
    /// What a token at a spot may be left with.
    kinds: Vec<Kinds>,
}

impl Ahead {
    pub(super) fn new(net: &Net<'_>, joins: &Joins, meter: &mut Meter) -> Result<Self, Exhausted> {
        let spots = net.places.len() * 2;
        let closer = |node| match net.is_split(node) {
            true => joins.of_split(net, node).iter().next(),
            false => None,
        };
        let mut ahead = Self {
            closers: (0..net.places.len()).map(closer).collect(),
            scopes: vec![Options::default(); net.places.len()],
            options: vec![Options::default(); spots],
            kinds: vec![Kinds::default(); spots],
        };
        until_stable(net, meter, |node| {
            if net.is_split(node) {
                ahead.scopes[node] = ahead.look_scope(net, node);
            }
            Spot::both(node).fold(false, |changed, spot| {
                let options = ahead.look_options(net, spot);
                changed | (std::mem::replace(&mut ahead.options[spot.index()], options) != options)
            })
        })?;
        until_stable(net, meter, |node| {
            Spot::both(node).fold(false, |changed, spot| {
                let kinds = ahead.look_kinds(net, spot);
                changed | (std::mem::replace(&mut ahead.kinds[spot.index()], kinds) != kinds)
            })
        })?;
        Ok(ahead)
    }

    /// The join that closes the scope of a split; `None` when all its branches only end.
    pub(super) fn closer(&self, split: usize) -> Option<usize> {
        self.closers[split]
    }

    pub(super) fn options(&self, spot: Spot) -> Options {
        self.options[spot.index()]
    }

    pub(super) fn kinds(&self, spot: Spot) -> Kinds {
        self.kinds[spot.index()]
    }

    /// The join of a split, if it may fire.
    pub(super) fn fires(&self, split: usize) -> Option<usize> {
        self.closers[split].filter(|_| self.scopes[split].has(Options::ARRIVE))
    }

    /// Whether the scope of a split may be left without any option.
    pub(super) fn scope_may_be_stuck(&self, net: &Net<'_>, split: usize) -> bool {
        let tally = self.tally(net, split, |spot| self.kinds(spot));
        tally.outcomes().any(Options::is_none)
    }

    /// Whether the join of a split may fire by the others while the token of `branch` is stuck.
    pub(super) fn passes_without(&self, net: &Net<'_>, split: usize, branch: usize) -> bool {
        let mut tally = Tally::new(self.closers[split].and_then(|join| net.join(join)));
        for (index, arm) in net.arms(split).iter().enumerate() {
            let kinds = Kinds::of(self.options(Spot::inside(arm.to)));
            if index == branch {
                // It is taken, and other items of it may arrive.
                let stuck = Arm {
                    optional: false,
                    many: false,
                    ..arm.clone()
                };
                tally.add(&stuck, Kinds::of(Options::NONE));
            }
            if index != branch || arm.many {
                tally.add(arm, kinds);
            }
        }
        tally.may_pass()
    }

    fn tally(&self, net: &Net<'_>, split: usize, kinds: impl Fn(Spot) -> Kinds) -> Tally {
        let mut tally = Tally::new(self.closers[split].and_then(|join| net.join(join)));
        for arm in net.arms(split) {
            tally.add(arm, kinds(Spot::inside(arm.to)));
        }
        tally
    }

    fn look_scope(&self, net: &Net<'_>, split: usize) -> Options {
        let tally = self.tally(net, split, |spot| Kinds::of(self.options(spot)));
        tally.outcomes().fold(Options::NONE, Options::or)
    }

    fn look_options(&self, net: &Net<'_>, spot: Spot) -> Options {
        let place = &net.places[spot.node];
        match &place.kind {
            PlaceKind::Join(_) if spot.inside => Options::ARRIVE,
            PlaceKind::Split(_) => self.beyond(net, spot, self.scopes[spot.node]),
            PlaceKind::Join(_) | PlaceKind::Step => self.onward(net, spot, spot.node),
        }
    }

    /// What a token that leaves `node` may come to, in the scope of `spot`.
    fn onward(&self, net: &Net<'_>, spot: Spot, node: usize) -> Options {
        let moves = &net.places[node].moves;
        let mut options = Options::NONE;
        if moves.ends {
            options = options.or(Options::END);
        }
        if moves.stops {
            options = options.or(Options::STOP);
        }
        let ways = moves.ways.iter();
        ways.fold(options, |options, way| {
            options.or(self.options(spot.at(way.to)))
        })
    }

    /// What the token of a split may come to, when its scope may come to `scope`.
    fn beyond(&self, net: &Net<'_>, spot: Spot, scope: Options) -> Options {
        let mut options = Options::NONE;
        if scope.has(Options::ARRIVE)
            && let Some(join) = self.closers[spot.node]
        {
            options = options.or(self.onward(net, spot, join));
        }
        for kept in [Options::END, Options::STOP] {
            if scope.has(kept) {
                options = options.or(kept);
            }
        }
        options
    }

    fn look_kinds(&self, net: &Net<'_>, spot: Spot) -> Kinds {
        let mut kinds = Kinds::of(self.options(spot)).or(self.kinds(spot));
        let left = match &net.places[spot.node].kind {
            PlaceKind::Join(_) if spot.inside => return kinds,
            PlaceKind::Join(_) | PlaceKind::Step => Some(spot.node),
            PlaceKind::Split(_) => {
                let tally = self.tally(net, spot.node, |spot| self.kinds(spot));
                for outcome in tally.outcomes() {
                    kinds = kinds.or(Kinds::of(self.beyond(net, spot, outcome)));
                }
                self.fires(spot.node)
            }
        };
        let Some(left) = left else {
            return kinds;
        };
        let moves = &net.places[left].moves;
        if moves.ends {
            kinds = kinds.or(Kinds::of(Options::END));
        }
        let ways = moves.ways.iter();
        ways.fold(kinds, |kinds, way| kinds.or(self.kinds(spot.at(way.to))))
    }
}

/// Looks at every node again and again until nothing changes any more.
pub(super) fn until_stable(
    net: &Net<'_>,
    meter: &mut Meter,
    mut look: impl FnMut(usize) -> bool,
) -> Result<(), Exhausted> {
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for node in &net.order {
            meter.spend(net.cost(*node))?;
            changed |= look(*node);
        }
    }
    Ok(())
}
