//! The tokens of one scope counted together.
//!
//! A join sees of its scope how many tokens have arrived and how many have not, so the branches need
//! no product: for each combination of a few flags it is enough to know the least and the most that
//! may arrive, for a join compares the number with a bound.

use crate::check::{
    net::{Arm, Joining, Need},
    options::{Kinds, Options},
};

const FLAGS: usize = 32;
/// Every token may arrive or end.
const FINISH: usize = 1;
/// Every token may end.
const CLOSE: usize = 2;
/// A token may end the whole instance.
const STOP: usize = 4;
/// A token may arrive.
const ARRIVE: usize = 8;
/// There is a token.
const TAKEN: usize = 16;
/// More than any number of arrivals, and far from overflow.
const MANY: i64 = 1 << 40;

/// What the tokens of a scope may be like together.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    need: Option<Need>,
    /// For each combination of flags, the least and the most by which the bound of the join is
    /// passed, if all arrive that may.
    sums: [Option<(i64, i64)>; FLAGS],
}

impl Tally {
    /// A scope without tokens; `None` when no join closes it.
    pub(super) fn new(join: Option<Joining>) -> Self {
        let need = join.map(|join| join.need);
        let start = match need {
            None | Some(Need::All) => -MANY,
            Some(Need::Count(n)) => -i64::from(n),
            Some(Need::Percent(_)) => 0,
        };
        let mut sums = [None; FLAGS];
        sums[FINISH | CLOSE] = Some((start, start));
        Self { need, sums }
    }

    /// The same with a branch, whose token is one of `kinds`.
    pub(super) fn add(&mut self, arm: &Arm, kinds: Kinds) {
        if !arm.many {
            let with = self.with_one(kinds);
            if arm.optional {
                self.merge(&with);
            } else {
                self.sums = with;
            }
            return;
        }
        // Flags change but a few times; what grows when they no longer do grows without bound.
        for _ in 0..5 {
            self.merge(&self.with_one(kinds));
            self.widen(kinds);
        }
    }

    fn with_one(&self, kinds: Kinds) -> [Option<(i64, i64)>; FLAGS] {
        let mut with = [None; FLAGS];
        for (flags, sum) in self.each() {
            for options in kinds.iter() {
                let weight = self.weight(options);
                let sum = (clamp(sum.0 + weight), clamp(sum.1 + weight));
                join(&mut with[after(flags, options)], sum);
            }
        }
        with
    }

    fn merge(&mut self, other: &[Option<(i64, i64)>; FLAGS]) {
        for (own, other) in self.sums.iter_mut().zip(other) {
            if let Some(other) = other {
                join(own, *other);
            }
        }
    }

    fn widen(&mut self, kinds: Kinds) {
        for options in kinds.iter() {
            let weight = self.weight(options);
            for flags in (0..FLAGS).filter(|flags| after(*flags, options) == *flags) {
                match &mut self.sums[flags] {
                    Some((_, most)) if weight > 0 => *most = MANY,
                    Some((least, _)) if weight < 0 => *least = -2 * MANY,
                    _ => {}
                }
            }
        }
    }

    /// By how much a token brings the scope nearer to the bound of its join.
    fn weight(&self, options: Options) -> i64 {
        let arrives = options.has(Options::ARRIVE);
        match self.need {
            Some(Need::Count(_)) => i64::from(arrives),
            Some(Need::Percent(p)) => i64::from(arrives) * 100 - i64::from(p),
            None | Some(Need::All) => 0,
        }
    }

    fn each(&self) -> impl Iterator<Item = (usize, (i64, i64))> {
        let sums = self.sums.iter().enumerate();
        sums.filter_map(|(flags, sum)| Some((flags, (*sum)?)))
    }

    /// What the scope may be left with: as options of its own token, where to arrive is that its join
    /// fires and to end is that it closes without.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = Options> {
        let taken = self.each().filter(|(flags, _)| flags & TAKEN != 0);
        taken.flat_map(|(flags, (least, most))| {
            let mut rest = Options::NONE;
            if flags & CLOSE != 0 {
                rest = rest.or(Options::END);
            }
            if flags & STOP != 0 {
                rest = rest.or(Options::STOP);
            }
            let arrive = flags & ARRIVE != 0;
            // The last token to arrive or to end makes up for any bound.
            let last = arrive && flags & FINISH != 0;
            let fires = last || arrive && most >= 0;
            let waits = !last && (!arrive || least < 0);
            [
                fires.then(|| rest.or(Options::ARRIVE)),
                waits.then_some(rest),
            ]
            .into_iter()
            .flatten()
        })
    }

    /// Whether the join may fire while others have not arrived: enough may arrive.
    pub(super) fn may_pass(&self) -> bool {
        let mut each = self.each();
        each.any(|(flags, (_, most))| flags & ARRIVE != 0 && most >= 0)
    }
}

const fn clamp(sum: i64) -> i64 {
    // `min` and `max` of numbers are not constant functions.
    if sum > MANY {
        MANY
    } else if sum < -2 * MANY {
        -2 * MANY
    } else {
        sum
    }
}

fn join(own: &mut Option<(i64, i64)>, other: (i64, i64)) {
    *own = Some(own.map_or(other, |own| (own.0.min(other.0), own.1.max(other.1))));
}

fn after(flags: usize, options: Options) -> usize {
    let mut after = flags | TAKEN;
    if options.has(Options::ARRIVE) {
        after |= ARRIVE;
    }
    if options.has(Options::STOP) {
        after |= STOP;
    }
    if !options.has(Options::END) {
        after &= !CLOSE;
        if !options.has(Options::ARRIVE) {
            after &= !FINISH;
        }
    }
    after
}
