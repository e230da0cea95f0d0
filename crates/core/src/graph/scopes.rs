//! Where a node lies: the splits around it.

use std::collections::BTreeSet;

use crate::{
    graph::{Graph, Node, NodeKind},
    id::NodeKey,
};

/// Visits of nodes, each in a scope: a graph that needs more is not looked at any further.
const MOST_VISITS: usize = 10_000;
/// Splits around a node that are looked at.
const DEEPEST: usize = 64;

impl Graph {
    /// The splits around a node, the outermost first, for every way to it; empty where there is
    /// none. What runs beside a node has that node around it and nothing else, and what takes
    /// something back the node that compensates.
    #[must_use]
    pub fn scopes_of(&self, node: &NodeKey) -> BTreeSet<Vec<NodeKey>> {
        let mut found = BTreeSet::new();
        let mut seen: BTreeSet<(&NodeKey, Vec<NodeKey>)> = BTreeSet::new();
        let mut open: Vec<(&NodeKey, Vec<NodeKey>)> = self
            .starts()
            .map(|start| (start.first.as_ref().unwrap_or(&self.first), Vec::new()))
            .collect();
        while let Some((key, mut around)) = open.pop() {
            let Some(here) = self.node(key) else {
                continue;
            };
            if around.len() > DEEPEST || seen.len() >= MOST_VISITS {
                continue;
            }
            if let NodeKind::Join(_) = here.kind
                && around.last().is_some_and(|last| self.splits(last))
            {
                around.pop();
            }
            if !seen.insert((key, around.clone())) {
                continue;
            }
            if key == node {
                found.insert(around.clone());
            }
            let aside = here.timeouts.iter().filter(|timeout| timeout.interrupting);
            let aside = aside.map(|timeout| &timeout.next);
            let aside = aside.chain(here.errors.iter().map(|catch| &catch.next));
            open.extend(aside.map(|next| (next, around.clone())));
            open.extend(beside(here).map(|next| (next, vec![key.clone()])));
            if let NodeKind::Compensate(_) = here.kind {
                let mut inside = around.clone();
                inside.push(key.clone());
                open.extend(self.handlers(here).map(|next| (next, inside.clone())));
            }
            if let (NodeKind::Approval(_), Some(revise)) = (&here.kind, self.revise()) {
                open.push((&revise.key, around.clone()));
            }
            if let NodeKind::Split(_) = here.kind {
                around.push(key.clone());
            }
            open.extend(here.ways().into_iter().map(|next| (next, around.clone())));
            let group = here.group.as_ref().and_then(|group| self.group(group));
            open.extend(group.and_then(|group| Some((group.next.as_ref()?, around.clone()))));
        }
        found
    }

    fn splits(&self, key: &NodeKey) -> bool {
        let node = self.node(key);
        node.is_some_and(|node| matches!(node.kind, NodeKind::Split(_)))
    }

    /// What a node that compensates may run.
    fn handlers<'a>(&'a self, compensate: &'a Node) -> impl Iterator<Item = &'a NodeKey> {
        let named: &[NodeKey] = match &compensate.kind {
            NodeKind::Compensate(named) => named,
            _ => &[],
        };
        self.nodes()
            .filter(|node| named.is_empty() || named.contains(&node.key))
            .filter_map(|node| node.compensate_with.as_ref())
    }
}

/// What runs beside a node while it waits.
fn beside(node: &Node) -> impl Iterator<Item = &NodeKey> {
    let timeouts = node.timeouts.iter().filter(|timeout| !timeout.interrupting);
    let raised = node.escalations.iter().map(|catch| &catch.next);
    timeouts.map(|timeout| &timeout.next).chain(raised)
}
