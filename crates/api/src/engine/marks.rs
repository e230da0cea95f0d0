//! How far each node of an instance came, for its diagram.

use std::collections::BTreeMap;

use signoff_core::{
    id::NodeKey,
    instance::{Activation, Instance, VisitState},
};
use signoff_definition::diagram::Mark;

use crate::engine::InstanceView;

impl InstanceView {
    /// What became of each node that was visited, by its latest visit, for
    /// [`SvgOptions::marks`](signoff_definition::diagram::SvgOptions::marks): open where a token
    /// stands or waits at a join, failed where something waits for an operator.
    #[must_use]
    pub fn marks(&self) -> BTreeMap<NodeKey, Mark> {
        let instance = &self.instance;
        let results = instance.results().iter();
        let ends = results.filter_map(|(node, result)| Some((node, mark(result.state)?)));
        let is_failed = |activation: &&Activation| activation.incident().is_some();
        let failed = instance.activations().filter(is_failed);
        ends.chain(stands(instance).map(|node| (node, Mark::Open)))
            .chain(failed.map(|activation| (&activation.node, Mark::Failed)))
            .map(|(node, mark)| (node.clone(), mark))
            .collect()
    }
}

/// The nodes that a token is on, joins that wait for more tokens among them.
fn stands(instance: &Instance) -> impl Iterator<Item = &NodeKey> {
    let scopes = instance.scopes().values();
    let joins = scopes.flat_map(|scope| scope.arrived.keys());
    let visited = instance.activations().map(|activation| &activation.node);
    let is_running = !instance.status().is_over();
    visited.chain(joins).filter(move |_| is_running)
}

fn mark(state: VisitState) -> Option<Mark> {
    Some(match state {
        VisitState::Cancelled | VisitState::Undone => Mark::Cancelled,
        VisitState::Completed => Mark::Completed,
        VisitState::Failed => Mark::Failed,
        VisitState::Open => Mark::Open,
        VisitState::Rejected => Mark::Rejected,
        // It is to be done again, as if nobody had been there.
        VisitState::Resubmitted => return None,
        VisitState::Skipped => Mark::Skipped,
    })
}
