//! Scopes lie inside each other: one join closes one split.

use std::collections::BTreeMap;

use crate::check::{
    Checker,
    ahead::{Joins, until_stable},
    finding::{Exit, Step},
    meter::Exhausted,
    walk::{Reach, Spot, Walk},
};

impl Checker<'_> {
    /// Joins of several splits, splits of several joins, and joins that what runs beside comes to;
    /// whether there are any.
    pub(super) fn intersecting(
        &mut self,
        joins: &Joins,
        walk: &Walk<'_>,
    ) -> Result<bool, Exhausted> {
        let net = walk.net;
        let before = self.findings.len();
        let mut closed: BTreeMap<usize, Vec<Spot>> = BTreeMap::new();
        let mut seen = vec![false; net.places.len()];
        let splits: Vec<Spot> = walk
            .spots
            .iter()
            .filter(|spot| net.is_split(spot.node))
            .filter(|spot| !std::mem::replace(&mut seen[spot.node], true))
            .copied()
            .collect();
        for split in &splits {
            for join in joins.of_split(net, split.node).iter() {
                closed.entry(join).or_default().push(*split);
            }
        }
        let mut told = vec![false; net.places.len()];
        for (join, splits) in closed.iter().filter(|(_, splits)| splits.len() > 1) {
            splits.iter().for_each(|split| told[split.node] = true);
            let names = [splits[0], splits[1]].map(|split| net.places[split.node].key);
            let message = format!(
                "`{}` is come to from inside `{}` and from inside `{}`",
                net.places[*join].key, names[0], names[1]
            );
            let trace = self.way_to_join(joins, walk, splits[1], *join)?;
            self.find("intersecting_scopes", walk, *join, message, trace);
        }
        for split in splits.iter().filter(|split| !told[split.node]) {
            let met: Vec<usize> = joins.of_split(net, split.node).iter().collect();
            if let [one, other] = met[..] {
                let message = format!(
                    "the branches of `{}` come to two joins, `{}` and `{}`",
                    net.places[split.node].key, net.places[one].key, net.places[other].key
                );
                let trace = self.way_to_join(joins, walk, *split, other)?;
                self.find("intersecting_scopes", walk, split.node, message, trace);
            }
        }
        self.beside(walk, &closed)?;
        Ok(self.findings.len() > before)
    }

    /// The way to a split and through one of its branches to a join.
    fn way_to_join(
        &mut self,
        joins: &Joins,
        walk: &Walk<'_>,
        split: Spot,
        join: usize,
    ) -> Result<Vec<Step>, Exhausted> {
        let net = walk.net;
        let arms = net.arms(split.node).iter();
        let mut arms = arms.filter(|arm| joins.of(arm.to).iter().any(|met| met == join));
        let Some(arm) = arms.next() else {
            return walk.trace(split, &mut self.meter);
        };
        let exit = Exit::Branch(net.places[arm.to].key.clone());
        let meter = &mut self.meter;
        let trace = walk.trace_on(split, Some(exit), arm.to, meter)?;
        let (from, to) = (Spot::inside(arm.to), Spot::inside(join));
        walk.prolong(trace, Reach::Level, from, to, meter)
    }

    /// What runs beside a node is in no scope of its own: it may not come to the join of a split.
    fn beside(
        &mut self,
        walk: &Walk<'_>,
        closed: &BTreeMap<usize, Vec<Spot>>,
    ) -> Result<(), Exhausted> {
        let net = walk.net;
        let mut ahead: Vec<Option<usize>> = vec![None; net.places.len()];
        until_stable(net, &mut self.meter, |node| {
            if ahead[node].is_some() {
                return false;
            }
            ahead[node] = match closed.contains_key(&node) {
                true => Some(node),
                false => walk
                    .level(Spot::outside(node))
                    .find_map(|to| ahead[to.node]),
            };
            ahead[node].is_some()
        })?;
        for (host, place) in net.places.iter().enumerate() {
            let Some(spot) = walk.spot_of(host) else {
                continue;
            };
            let beside = place.moves.beside.iter();
            for (lead, join) in beside.filter_map(|lead| Some((lead, ahead[lead.to]?))) {
                let meter = &mut self.meter;
                let trace = walk.trace_on(spot, lead.exit.clone(), lead.to, meter)?;
                let (from, to) = (Spot::outside(lead.to), Spot::outside(join));
                let trace = walk.prolong(trace, Reach::Level, from, to, meter)?;
                let message = format!(
                    "what runs beside `{}` comes to `{}`, which joins a split",
                    place.key, net.places[join].key
                );
                self.find("intersecting_scopes", walk, host, message, trace);
            }
        }
        Ok(())
    }
}
