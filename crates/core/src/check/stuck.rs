//! Runs that cannot come to an end any more, and where their tokens are then.

use crate::check::{
    Checker,
    ahead::Ahead,
    components::components,
    meter::Exhausted,
    options::Options,
    walk::{Reach, Spot, Walk},
};

/// What was found to be stuck.
#[derive(Debug)]
pub(super) struct Stuck {
    /// The splits in whose scopes tokens are stuck, and that has been told.
    told: Vec<bool>,
}

impl Stuck {
    pub(super) fn tells(&self, split: usize) -> bool {
        self.told[split]
    }
}

/// Where tokens are stuck.
#[derive(Debug)]
struct Traps {
    /// Spots that have been looked at.
    seen: Vec<bool>,
    /// Splits in whose scopes tokens are stuck.
    told: Vec<bool>,
    /// Spots where a token has no option left.
    spots: Vec<Spot>,
}

impl Checker<'_> {
    /// Loops that hold a token, and with it the instance, for ever.
    pub(super) fn stuck(
        &mut self,
        ahead: &Ahead,
        walk: &Walk<'_>,
        nested: &[usize],
    ) -> Result<Stuck, Exhausted> {
        let net = walk.net;
        let size = net.places.len();
        let mut traps = Traps {
            seen: vec![false; size * 2],
            told: vec![false; size],
            spots: Vec::new(),
        };
        // That they open ever deeper is told already.
        nested.iter().for_each(|split| traps.told[*split] = true);
        let starts = net.starts.iter().map(|(_, first)| Spot::outside(*first));
        let starts: Vec<Spot> = starts.collect();
        for start in &starts {
            self.trap(ahead, walk, *start, &mut traps)?;
        }
        // Where every run ends by ending the whole instance, nothing else needs to end.
        let waits_for_all = starts
            .iter()
            .any(|start| ahead.options(*start).has(Options::END));
        if waits_for_all {
            for spot in &walk.spots {
                for lead in &net.places[spot.node].moves.beside {
                    self.trap(ahead, walk, Spot::outside(lead.to), &mut traps)?;
                }
            }
        }
        let rest = traps.spots.len();
        if waits_for_all {
            self.left_over(ahead, walk, &mut traps)?;
        }
        self.tell(walk, &traps, rest)?;
        Ok(Stuck { told: traps.told })
    }

    /// Tokens that a join leaves behind when it fires without them.
    fn left_over(
        &mut self,
        ahead: &Ahead,
        walk: &Walk<'_>,
        traps: &mut Traps,
    ) -> Result<(), Exhausted> {
        let net = walk.net;
        for spot in walk.spots.iter().filter(|spot| net.is_split(spot.node)) {
            let join = ahead.fires(spot.node).and_then(|join| net.join(join));
            if !join.is_some_and(|join| join.absorbs) {
                continue;
            }
            for (index, arm) in net.arms(spot.node).iter().enumerate() {
                let branch = Spot::inside(arm.to);
                self.meter.spend(net.cost(spot.node))?;
                if ahead.kinds(branch).may_be_stuck() && ahead.passes_without(net, spot.node, index)
                {
                    self.trap(ahead, walk, branch, traps)?;
                }
            }
        }
        Ok(())
    }

    /// From a token that may be left without options down to the spots where it is then.
    fn trap(
        &mut self,
        ahead: &Ahead,
        walk: &Walk<'_>,
        root: Spot,
        traps: &mut Traps,
    ) -> Result<(), Exhausted> {
        let net = walk.net;
        let mut open = vec![root];
        while let Some(spot) = open.pop() {
            let left = ahead.kinds(spot).may_be_stuck();
            if !left || std::mem::replace(&mut traps.seen[spot.index()], true) {
                continue;
            }
            self.meter.spend(net.cost(spot.node))?;
            let split = net.is_split(spot.node);
            if ahead.options(spot).is_none() {
                traps.spots.push(spot);
            }
            open.extend(walk.level(spot));
            if split && ahead.scope_may_be_stuck(net, spot.node) {
                traps.told[spot.node] = true;
                let arms = net.arms(spot.node).iter();
                open.extend(arms.map(|arm| Spot::inside(arm.to)));
            }
        }
        Ok(())
    }

    /// One finding for each loop; those from `rest` on are of tokens left over.
    fn tell(&mut self, walk: &Walk<'_>, traps: &Traps, rest: usize) -> Result<(), Exhausted> {
        let net = walk.net;
        let size = net.places.len() * 2;
        let mut trapped = vec![None; size];
        for (number, spot) in traps.spots.iter().enumerate() {
            trapped[spot.index()] = Some(number);
        }
        let next = |index| -> Vec<usize> {
            let to = walk.level(Spot::from_index(index)).map(Spot::index);
            to.filter(|to| trapped[*to].is_some()).collect()
        };
        let roots = traps.spots.iter().map(|spot| spot.index());
        let component = components(size, roots, next);
        let mut last = vec![true; size];
        for spot in &traps.spots {
            let own = component[spot.index()];
            let leaves = next(spot.index()).iter().any(|to| component[*to] != own);
            if let Some(own) = own.filter(|_| leaves) {
                last[own] = false;
            }
        }
        let mut told = vec![false; net.places.len()];
        for spot in &walk.spots {
            let (Some(number), Some(own)) = (trapped[spot.index()], component[spot.index()]) else {
                continue;
            };
            // A split that is never left holds what is stuck inside: that is told there.
            let holds = net.is_split(spot.node) && walk.level(*spot).next().is_none();
            if holds
                || !std::mem::replace(&mut last[own], false)
                || std::mem::replace(&mut told[spot.node], true)
            {
                continue;
            }
            self.tell_one(walk, *spot, number >= rest)?;
        }
        Ok(())
    }

    fn tell_one(&mut self, walk: &Walk<'_>, spot: Spot, left_over: bool) -> Result<(), Exhausted> {
        let net = walk.net;
        let meter = &mut self.meter;
        let place = &net.places[spot.node];
        let key = place.key;
        let waits = |spot: Spot| net.places[spot.node].waits;
        let waiting = waits(spot) || walk.on_to(Reach::Deeper, spot, waits, meter)?.is_some();
        let around = walk.on_to(Reach::Level, spot, |to| to == spot, meter)?;
        let trace = walk.trace(spot, meter)?;
        let (code, message) = match (&around, waiting, left_over) {
            (None, ..) => ("no_way_to_end", format!("no way leads on from `{key}`")),
            (Some(_), false, _) => (
                "endless_loop",
                format!("from `{key}` on it goes round for ever without waiting"),
            ),
            (Some(_), true, true) => (
                "tokens_left_over",
                format!("a join may fire without the token at `{key}`, which then never ends"),
            ),
            (Some(_), true, false) => (
                "no_way_to_end",
                format!("once a token is at `{key}`, the instance may never complete"),
            ),
        };
        let trace = match around {
            Some(around) => around.after(trace),
            None => trace,
        };
        self.find(code, walk, spot.node, message, trace);
        Ok(())
    }
}
