//! No split opens inside its own scope.

use crate::check::{
    Checker,
    components::components,
    finding::Exit,
    meter::Exhausted,
    walk::{Reach, Spot, Walk},
};

impl Checker<'_> {
    /// Splits that may open inside their own scope.
    pub(super) fn nested(&mut self, walk: &Walk<'_>) -> Result<Vec<usize>, Exhausted> {
        let net = walk.net;
        let size = net.places.len() * 2;
        self.meter.spend(size)?;
        let roots = walk.spots.iter().map(|spot| spot.index());
        let component = components(size, roots, |index| {
            let hops = walk.hops(Reach::Deeper, Spot::from_index(index));
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
            let exit = Exit::Branch(net.places[deeper.to].key.clone());
            let meter = &mut self.meter;
            let trace = walk.trace_on(first, Some(exit), deeper.to, meter)?;
            let from = Spot::inside(deeper.to);
            let trace = walk.prolong(trace, Reach::Deeper, from, *spot, meter)?;
            let key = net.places[spot.node].key;
            let message = format!("`{key}` may open inside its own scope, ever deeper");
            self.find("unbounded_scopes", walk, spot.node, message, trace);
        }
        Ok(nested)
    }
}
