//! Nodes that no run comes to, and nodes that cannot be offered.

use crate::{
    check::{Checker, meter::Exhausted, walk::Walk},
    graph::NodeKind,
};

impl Checker<'_> {
    /// Nodes that nothing leads to, and the first ones behind ways that no run takes.
    pub(super) fn unreached(&mut self, walk: &Walk<'_>) -> Result<(), Exhausted> {
        let net = walk.net;
        let mut led = vec![false; net.places.len()];
        let mut open: Vec<usize> = net.starts.iter().map(|(_, first)| *first).collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut led[node], true) {
                self.meter.spend(net.cost(node))?;
                open.extend(net.leads(node).iter().map(|lead| lead.to));
            }
        }
        for (node, led) in led.iter().enumerate() {
            if !led {
                let message = format!("nothing leads to `{}`", net.places[node].key);
                self.find("unreachable_node", walk, node, message, Vec::new());
            }
        }
        self.dead(walk)
    }

    fn dead(&mut self, walk: &Walk<'_>) -> Result<(), Exhausted> {
        let net = walk.net;
        let mut told = vec![false; net.places.len()];
        for (node, place) in net.places.iter().enumerate() {
            let Some(spot) = walk.spot_of(node) else {
                continue;
            };
            for lead in &place.moves.blocked {
                let dead = walk.spot_of(lead.to).is_none();
                if !dead || std::mem::replace(&mut told[lead.to], true) {
                    continue;
                }
                let exit = lead.exit.clone();
                let trace = walk.trace_on(spot, exit, lead.to, &mut self.meter)?;
                let key = net.places[lead.to].key;
                let message = format!("no run comes to `{key}`, though `{}` names it", place.key);
                self.find("dead_node", walk, lead.to, message, trace);
            }
        }
        Ok(())
    }

    /// The first to complete keeps the token: what runs at once would always be the first.
    pub(super) fn automatic_firsts(&mut self, walk: &Walk<'_>) -> Result<(), Exhausted> {
        let net = walk.net;
        let graph = self.graph;
        for (place, node) in graph.nodes().enumerate() {
            let NodeKind::First(offered) = &node.kind else {
                continue;
            };
            let mut offered = offered
                .iter()
                .filter_map(|key| graph.nodes.get_index_of(key));
            let at_once = offered.find(|node| !net.places[*node].waits);
            let (Some(at_once), Some(spot)) = (at_once, walk.spot_of(place)) else {
                continue;
            };
            let trace = walk.trace_on(spot, None, at_once, &mut self.meter)?;
            let message = format!(
                "`{}` offers `{}`, which runs at once",
                node.key, net.places[at_once].key
            );
            self.find("first_of_automatic", walk, place, message, trace);
        }
        Ok(())
    }
}
