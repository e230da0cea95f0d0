//! How far each node of an instance came, for its diagram.

use std::collections::BTreeMap;

use signoff_core::{
    id::NodeKey,
    instance::{ActivationState, VisitState},
};
use signoff_definition::diagram::Mark;

use crate::engine::InstanceView;

impl InstanceView {
    /// What became of each node that was visited, by its latest visit, for
    /// [`SvgOptions::marks`](signoff_definition::diagram::SvgOptions::marks). A node where something
    /// failed and waits for an operator is marked as failed.
    #[must_use]
    pub fn marks(&self) -> BTreeMap<NodeKey, Mark> {
        let results = self.instance.results().iter();
        let mut marks: BTreeMap<NodeKey, Mark> = results
            .filter_map(|(node, result)| Some((node.clone(), mark(result.state)?)))
            .collect();
        for activation in self.instance.activations() {
            if matches!(activation.state, ActivationState::Failed(_)) {
                marks.insert(activation.node.clone(), Mark::Failed);
            }
        }
        marks
    }
}

fn mark(state: VisitState) -> Option<Mark> {
    Some(match state {
        VisitState::Cancelled => Mark::Cancelled,
        VisitState::Completed => Mark::Completed,
        VisitState::Failed => Mark::Failed,
        VisitState::Open => Mark::Open,
        VisitState::Rejected => Mark::Rejected,
        VisitState::Skipped => Mark::Skipped,
        _ => return None,
    })
}
