//! What the diagram of an instance shows of its nodes.

use std::collections::BTreeMap;

use signoff::{
    NodeKey,
    core::instance::{Activation, ActivationState, Instance, VisitState},
    definition::diagram::Mark,
};

/// Where the instance stands, where something failed, and else what the last visit of a node came to.
pub(crate) fn marks(instance: &Instance) -> BTreeMap<NodeKey, Mark> {
    let ends = instance.results().iter().filter_map(|(node, result)| {
        let mark = match result.state {
            VisitState::Cancelled | VisitState::Undone => Mark::Cancelled,
            VisitState::Completed => Mark::Completed,
            VisitState::Failed => Mark::Failed,
            VisitState::Open => Mark::Open,
            VisitState::Rejected => Mark::Rejected,
            // It is to be done again, as if nobody had been there.
            VisitState::Resubmitted => return None,
            VisitState::Skipped => Mark::Skipped,
        };
        Some((node, mark))
    });
    let live = instance.activations();
    let is_failed =
        |activation: &&Activation| matches!(activation.state, ActivationState::Failed(_));
    let failed = live.filter(is_failed);
    ends.chain(stands(instance).map(|node| (node, Mark::Open)))
        .chain(failed.map(|activation| (&activation.node, Mark::Failed)))
        .map(|(node, mark)| (node.clone(), mark))
        .collect()
}

/// The nodes that a token is on, joins that wait for more tokens among them.
fn stands(instance: &Instance) -> impl Iterator<Item = &NodeKey> {
    let scopes = instance.scopes().values();
    let joins = scopes.flat_map(|scope| scope.arrived.keys());
    let visited = instance.activations().map(|activation| &activation.node);
    let is_running = instance.status().is_running();
    visited.chain(joins).filter(move |_| is_running)
}
