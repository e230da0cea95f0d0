//! Nodes that no run comes to, and nodes that cannot be offered.

use crate::{
    check::{Checker, finding::Step, meter::Exhausted, net::Net, walk::Walk},
    graph::NodeKind,
};

impl Checker<'_> {
    /// Nodes that nothing leads to, and the first ones behind ways that no run takes.
    pub(super) fn unreached(&mut self, net: &Net<'_>, walk: &Walk<'_>) -> Result<(), Exhausted> {
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
                self.find("unreachable_node", net, node, message, Vec::new());
            }
        }
        self.dead(net, walk)
    }

    fn dead(&mut self, net: &Net<'_>, walk: &Walk<'_>) -> Result<(), Exhausted> {
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
                let mut trace = walk.trace(spot, &mut self.meter)?;
                if let Some(last) = trace.last_mut() {
                    last.exit.clone_from(&lead.exit);
                }
                let key = net.places[lead.to].key;
                trace.push(Step {
                    node: key.clone(),
                    exit: None,
                });
                let message = format!("no run comes to `{key}`, though `{}` names it", place.key);
                self.find("dead_node", net, lead.to, message, trace);
            }
        }
        Ok(())
    }

    /// The first to complete keeps the token: what runs at once would always be the first.
    pub(super) fn automatic_firsts(
        &mut self,
        net: &Net<'_>,
        walk: &Walk<'_>,
    ) -> Result<(), Exhausted> {
        let graph = self.graph;
        for (place, node) in graph.nodes().enumerate() {
            let NodeKind::First(offered) = &node.kind else {
                continue;
            };
            let at_once = offered.iter().find(|key| {
                let node = graph.node(key);
                node.is_some_and(|node| !node.waits())
            });
            let (Some(at_once), Some(spot)) = (at_once, walk.spot_of(place)) else {
                continue;
            };
            let mut trace = walk.trace(spot, &mut self.meter)?;
            trace.push(Step {
                node: at_once.clone(),
                exit: None,
            });
            let message = format!("`{}` offers `{at_once}`, which runs at once", node.key);
            self.find("first_of_automatic", net, place, message, trace);
        }
        Ok(())
    }
}
