//! How far each stage came.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    graph::{Graph, Node, NodeKind},
    id::NodeKey,
    instance::{Instance, InstanceStatus, VisitState},
};

/// How far a stage came.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It may still come.
    Ahead,
    /// It was withdrawn.
    Cancelled,
    /// It ended as planned.
    Done,
    /// It is going on.
    Open,
    /// People said no there.
    Rejected,
    /// People sent it back from there.
    SentBack,
    /// It was left out, or no way leads there any more.
    Skipped,
    /// The instance ended before it came.
    Unreached,
}

impl StageState {
    /// The word as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
            Self::Open => "open",
            Self::Rejected => "rejected",
            Self::SentBack => "sent_back",
            Self::Skipped => "skipped",
            Self::Unreached => "unreached",
        }
    }
}

/// Every stage of the graph with how far it came, in file order.
#[must_use]
pub fn stage_states<'a>(graph: &'a Graph, instance: &Instance) -> Vec<(&'a Node, StageState)> {
    let reachable = reachable(graph, instance);
    let stages = graph.nodes().filter(|node| node.is_stage());
    stages
        .map(|node| {
            let is_ahead =
                matches!(node.kind, NodeKind::Approval(_)) || reachable.contains(&node.key);
            (node, state(instance, &node.key, is_ahead))
        })
        .collect()
}

fn state(instance: &Instance, node: &NodeKey, is_ahead: bool) -> StageState {
    let Some(result) = instance.results().get(node) else {
        return match instance.status() {
            InstanceStatus::OnHold(_) | InstanceStatus::Running if is_ahead => StageState::Ahead,
            InstanceStatus::Pending { .. } => StageState::Ahead,
            // No way led there, or leads there any more.
            InstanceStatus::Completed { .. }
            | InstanceStatus::OnHold(_)
            | InstanceStatus::Running => StageState::Skipped,
            InstanceStatus::Cancelled { .. }
            | InstanceStatus::Failed { .. }
            | InstanceStatus::Rejected { .. } => StageState::Unreached,
        };
    };
    match result.state {
        VisitState::Cancelled | VisitState::Failed | VisitState::Undone => StageState::Cancelled,
        VisitState::Completed => StageState::Done,
        VisitState::Open => StageState::Open,
        VisitState::Rejected => StageState::Rejected,
        VisitState::Resubmitted => StageState::SentBack,
        VisitState::Skipped => StageState::Skipped,
    }
}

/// How far a group came, by its stages: the first of these that one of them is in, or done when all
/// are.
#[must_use]
pub fn group_state(stages: &[StageState]) -> StageState {
    let all = |wanted: &[StageState]| stages.iter().all(|state| wanted.contains(state));
    let telling = [
        StageState::Open,
        StageState::Rejected,
        StageState::SentBack,
        StageState::Cancelled,
    ];
    if let Some(found) = telling.into_iter().find(|state| stages.contains(state)) {
        return found;
    }
    match stages {
        _ if all(&[StageState::Skipped]) => StageState::Skipped,
        _ if all(&[StageState::Done, StageState::Skipped]) => StageState::Done,
        _ if stages.contains(&StageState::Unreached) => StageState::Unreached,
        // Between two of its stages.
        _ if stages.contains(&StageState::Done) => StageState::Open,
        _ => StageState::Ahead,
    }
}

/// The nodes that a token may still come to.
fn reachable(graph: &Graph, instance: &Instance) -> BTreeSet<NodeKey> {
    let live = instance.activations().map(|activation| &activation.node);
    let arrived = instance
        .scopes()
        .values()
        .flat_map(|scope| scope.arrived.keys());
    let mut next: Vec<&NodeKey> = live.chain(arrived).collect();
    let mut found = BTreeSet::new();
    while let Some(node) = next.pop().and_then(|key| graph.node(key)) {
        for target in node.targets() {
            if found.insert(target.clone()) {
                next.push(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        StageState::{Ahead, Done, Open, Rejected, Skipped, Unreached},
        group_state,
    };

    #[test]
    fn a_group_is_what_its_stages_are() {
        for (stages, expected) in [
            (&[Done, Open, Ahead][..], Open),
            (&[Done, Rejected, Unreached], Rejected),
            (&[Done, Skipped], Done),
            (&[Skipped, Skipped], Skipped),
            (&[Done, Ahead], Open),
            (&[Done, Unreached], Unreached),
            (&[Ahead, Ahead], Ahead),
        ] {
            assert_eq!(group_state(stages), expected, "{stages:?}");
        }
    }
}
