//! Scopes lie inside each other: one join closes one split, and none opens inside itself.

use std::collections::BTreeMap;

use crate::check::{
    Checker,
    ahead::{Joins, until_stable},
    components::components,
    finding::{Exit, Step},
    meter::Exhausted,
    net::Net,
    walk::{Fires, Reach, Spot, Walk, hops},
};

impl Checker<'_> {
    /// Splits that may open inside their own scope.
    pub(super) fn nested(
        &mut self,
        net: &Net<'_>,
        fires: &dyn Fires,
        walk: &Walk<'_>,
    ) -> Result<Vec<usize>, Exhausted> {
        let size = net.places.len() * 2;
        self.meter.spend(size)?;
        let roots = walk.spots.iter().map(|spot| spot.index());
        let component = components(size, roots, |index| {
            let hops = hops(net, fires, Reach::Deeper, Spot::from_index(index));
            hops.iter().map(|(to, _)| to.index()).collect()
        });
        let mut told = vec![false; size];
        let mut nested = Vec::new();
        for spot in walk.spots.iter().filter(|spot| net.is_split(spot.node)) {
            let own = component[spot.index()];
            let deeper = net.arms(spot.node).iter().find(|arm| {
                let within = component[Spot::inside(arm.to).index()];
                spot.inside && within == own
            });
            let (Some(deeper), Some(number)) = (deeper, own) else {
                continue;
            };
            nested.push(spot.node);
            if std::mem::replace(&mut told[number], true) {
                continue;
            }
            let first = walk.spot_of(spot.node).unwrap_or(*spot);
            let mut trace = self.way_into(net, walk, first, deeper.to)?;
            if deeper.to != spot.node {
                let from = Spot::inside(deeper.to);
                let meter = &mut self.meter;
                let around = walk.on_to(fires, Reach::Deeper, from, |to| to == *spot, meter)?;
                if let Some(around) = around {
                    trace = around.after(trace);
                }
            }
            let key = net.places[spot.node].key;
            let message = format!("`{key}` may open inside its own scope, ever deeper");
            self.find("unbounded_scopes", net, spot.node, message, trace);
        }
        Ok(nested)
    }

    /// The way to a split and into the branch that begins with `branch`.
    fn way_into(
        &mut self,
        net: &Net<'_>,
        walk: &Walk<'_>,
        split: Spot,
        branch: usize,
    ) -> Result<Vec<Step>, Exhausted> {
        let mut trace = walk.trace(split, &mut self.meter)?;
        let key = net.places[branch].key;
        if let Some(last) = trace.last_mut() {
            last.exit = Some(Exit::Branch(key.clone()));
        }
        trace.push(Step {
            node: key.clone(),
            exit: None,
        });
        Ok(trace)
    }

    /// Joins of several splits, splits of several joins, and joins that what runs beside comes to;
    /// whether there are any.
    pub(super) fn intersecting(
        &mut self,
        net: &Net<'_>,
        joins: &Joins,
        fires: &dyn Fires,
        walk: &Walk<'_>,
    ) -> Result<bool, Exhausted> {
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
            let trace = self.way_to_join(net, joins, fires, walk, splits[1], *join)?;
            self.find("intersecting_scopes", net, *join, message, trace);
        }
        for split in splits.iter().filter(|split| !told[split.node]) {
            let met: Vec<usize> = joins.of_split(net, split.node).iter().collect();
            if let [one, other] = met[..] {
                let message = format!(
                    "the branches of `{}` come to two joins, `{}` and `{}`",
                    net.places[split.node].key, net.places[one].key, net.places[other].key
                );
                let trace = self.way_to_join(net, joins, fires, walk, *split, other)?;
                self.find("intersecting_scopes", net, split.node, message, trace);
            }
        }
        self.beside(net, fires, walk, &closed)?;
        Ok(self.findings.len() > before)
    }

    /// The way to a split and through one of its branches to a join.
    fn way_to_join(
        &mut self,
        net: &Net<'_>,
        joins: &Joins,
        fires: &dyn Fires,
        walk: &Walk<'_>,
        split: Spot,
        join: usize,
    ) -> Result<Vec<Step>, Exhausted> {
        let arms = net.arms(split.node).iter();
        let mut arms = arms.filter(|arm| joins.of(arm.to).iter().any(|met| met == join));
        let Some(arm) = arms.next() else {
            return walk.trace(split, &mut self.meter);
        };
        let trace = self.way_into(net, walk, split, arm.to)?;
        if arm.to == join {
            return Ok(trace);
        }
        let onward = walk.on_to(
            fires,
            Reach::Level,
            Spot::inside(arm.to),
            |to| to == Spot::inside(join),
            &mut self.meter,
        )?;
        Ok(match onward {
            Some(onward) => onward.after(trace),
            None => trace,
        })
    }

    /// What runs beside a node is in no scope of its own: it may not come to the join of a split.
    fn beside(
        &mut self,
        net: &Net<'_>,
        fires: &dyn Fires,
        walk: &Walk<'_>,
        closed: &BTreeMap<usize, Vec<Spot>>,
    ) -> Result<(), Exhausted> {
        let mut ahead: Vec<Option<usize>> = vec![None; net.places.len()];
        until_stable(net, &mut self.meter, |node| {
            if ahead[node].is_some() {
                return false;
            }
            let hops = hops(net, fires, Reach::Level, Spot::outside(node));
            ahead[node] = match closed.contains_key(&node) {
                true => Some(node),
                false => hops.iter().find_map(|(to, _)| ahead[to.node]),
            };
            ahead[node].is_some()
        })?;
        for (host, place) in net.places.iter().enumerate() {
            let Some(spot) = walk.spot_of(host) else {
                continue;
            };
            let beside = place.moves.beside.iter();
            for (lead, join) in beside.filter_map(|lead| Some((lead, ahead[lead.to]?))) {
                let mut trace = walk.trace(spot, &mut self.meter)?;
                if let Some(last) = trace.last_mut() {
                    last.exit.clone_from(&lead.exit);
                }
                trace.push(Step {
                    node: net.places[lead.to].key.clone(),
                    exit: None,
                });
                let from = Spot::outside(lead.to);
                if lead.to != join {
                    let to_join = |to: Spot| to == Spot::outside(join);
                    let onward = walk.on_to(fires, Reach::Level, from, to_join, &mut self.meter)?;
                    if let Some(onward) = onward {
                        trace = onward.after(trace);
                    }
                }
                let message = format!(
                    "what runs beside `{}` comes to `{}`, which joins a split",
                    place.key, net.places[join].key
                );
                self.find("intersecting_scopes", net, host, message, trace);
            }
        }
        Ok(())
    }
}
