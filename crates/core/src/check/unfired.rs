//! Joins that never get what they need.

use std::collections::BTreeSet;

use crate::check::{
    Checker,
    ahead::Ahead,
    meter::Exhausted,
    net::Need,
    options::Options,
    stuck::Stuck,
    walk::{Spot, Walk},
};

impl Checker<'_> {
    /// Joins that need more than can arrive, and joins that wait for what never comes.
    pub(super) fn unfired(
        &mut self,
        ahead: &Ahead,
        walk: &Walk<'_>,
        stuck: &Stuck,
    ) -> Result<(), Exhausted> {
        let net = walk.net;
        let mut told = vec![false; net.places.len()];
        for spot in walk.spots.iter().filter(|spot| net.is_split(spot.node)) {
            let Some(join) = ahead.closer(spot.node) else {
                continue;
            };
            // Nothing waits at a join behind another one that never fires.
            let arrived = Spot::inside(join);
            if !walk.reaches(arrived) || std::mem::replace(&mut told[join], true) {
                continue;
            }
            let Some(message) = self.unmet(ahead, walk, spot.node, join, stuck)? else {
                continue;
            };
            let trace = walk.trace(arrived, &mut self.meter)?;
            self.find("join_never_completes", walk, join, message, trace);
        }
        Ok(())
    }

    fn unmet(
        &mut self,
        ahead: &Ahead,
        walk: &Walk<'_>,
        split: usize,
        join: usize,
        stuck: &Stuck,
    ) -> Result<Option<String>, Exhausted> {
        let net = walk.net;
        let key = net.places[join].key;
        self.meter.spend(net.cost(split))?;
        let may = |to: usize, options: Options| ahead.options(Spot::inside(to)).has(options);
        if let Some(Need::Count(needed)) = net.join(join).map(|join| join.need) {
            let arms = net.arms(split).iter();
            let most =
                arms.filter(|arm| may(arm.to, Options::ARRIVE))
                    .try_fold(
                        0_u32,
                        |sum, arm| if arm.many { None } else { sum.checked_add(1) },
                    );
            if let Some(most) = most.filter(|most| (1..needed).contains(most)) {
                let message = format!("`{key}` needs {needed} tokens, at most {most} can arrive");
                return Ok(Some(message));
            }
        }
        if ahead.fires(split).is_some() || stuck.tells(split) {
            return Ok(None);
        }
        let mut arms = net.arms(split).iter();
        let Some(lost) =
            arms.find(|arm| !arm.optional && !may(arm.to, Options::ARRIVE.or(Options::END)))
        else {
            // Nothing arrives, because of another join that never fires.
            return Ok(None);
        };
        if self.follows(ahead, walk, Spot::inside(lost.to))? {
            return Ok(None);
        }
        Ok(Some(format!(
            "`{key}` never fires: the branch `{}` of `{}` never comes to an end",
            net.places[lost.to].key, net.places[split].key
        )))
    }

    /// Whether a token is lost at a join that never fires, which is told by itself.
    fn follows(&mut self, ahead: &Ahead, walk: &Walk<'_>, from: Spot) -> Result<bool, Exhausted> {
        let net = walk.net;
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(spot) = open.pop() {
            if !seen.insert(spot.index()) {
                continue;
            }
            self.meter.spend(net.cost(spot.node))?;
            let split = net.is_split(spot.node);
            if split && ahead.closer(spot.node).is_some() && ahead.fires(spot.node).is_none() {
                return Ok(true);
            }
            open.extend(walk.level(spot));
        }
        Ok(false)
    }
}
