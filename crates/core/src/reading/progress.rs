//! How far an instance is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    graph::{Graph, Node, NodeKind},
    id::NodeKey,
    instance::{EntryState, Instance, InstanceStatus, VisitState},
    reading::{Position, percent_of},
};

/// How far an instance is.
///
/// It counts stages: what is a stage depends on the shape of the graph. Stages in groups and tasks
/// and jobs of a flow count each; where one approval node outside every group is all there is, its
/// entries count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Progress {
    /// The status of the instance.
    pub status: &'static str,
    /// In whole percent, rounded down: 100 only when completed, at most 99 before; 0 when it ended
    /// otherwise.
    pub percent: u8,
    /// Stages that were completed and have not been opened since.
    pub done: u32,
    /// Stages that were not skipped so far; of a completed instance, those that were visited.
    pub total: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Where it stands, in file order; nothing after the end.
    pub at: Vec<Position>,
    /// The stages that may come next, in file order; nothing after the end. One that has a condition
    /// may be skipped.
    pub next: Vec<Position>,
}

impl Progress {
    /// How far the instance is; all that lives in it should be loaded.
    #[must_use]
    pub fn of(graph: &Graph, instance: &Instance) -> Self {
        let status = instance.status();
        let goes_on = status.ended_at().is_none();
        let (done, total) = count(graph, instance);
        let open = if goes_on {
            open_nodes(graph, instance)
        } else {
            Vec::new()
        };
        let next = stages_after(graph, &open);
        let position = |node: &Node| Position::of(graph, node);
        Self {
            status: status.as_str(),
            percent: percent(status, done, total),
            done,
            total,
            started_at: instance.started_at(),
            ended_at: status.ended_at(),
            at: open.into_iter().map(position).collect(),
            next: next.into_iter().map(position).collect(),
        }
    }
}

fn percent(status: &InstanceStatus, done: u32, total: u32) -> u8 {
    match status {
        InstanceStatus::Completed { .. } => 100,
        InstanceStatus::OnHold(_) | InstanceStatus::Running => percent_of(done, total).min(99),
        InstanceStatus::Cancelled { .. }
        | InstanceStatus::Failed { .. }
        | InstanceStatus::Pending { .. }
        | InstanceStatus::Rejected { .. } => 0,
    }
}

/// The stages that are done, and those that count.
fn count(graph: &Graph, instance: &Instance) -> (u32, u32) {
    if let Some(found) = count_entries(graph, instance) {
        return found;
    }
    let completed = matches!(instance.status(), InstanceStatus::Completed { .. });
    let (mut done, mut total) = (0, 0);
    for node in graph.nodes().filter(|node| node.is_stage()) {
        let state = instance.results().get(&node.key).map(|found| found.state);
        match state {
            None if completed => {}
            Some(VisitState::Skipped) => {}
            Some(VisitState::Completed) => {
                done += 1;
                total += 1;
            }
            None
            | Some(
                VisitState::Cancelled
                | VisitState::Failed
                | VisitState::Open
                | VisitState::Rejected
                | VisitState::Resubmitted
                | VisitState::Undone,
            ) => total += 1,
        }
    }
    (done, total)
}

/// The entries of the only stage, where it is an approval node outside every group.
fn count_entries(graph: &Graph, instance: &Instance) -> Option<(u32, u32)> {
    let mut stages = graph.nodes().filter(|node| node.is_stage());
    let (only, None) = (stages.next()?, stages.next()) else {
        return None;
    };
    let NodeKind::Approval(approval) = &only.kind else {
        return None;
    };
    if only.group.is_some() {
        return None;
    }
    let total = u32::try_from(approval.entries.len()).unwrap_or(u32::MAX);
    let done = match instance.results().get(&only.key).map(|found| found.state) {
        Some(VisitState::Completed) => total,
        Some(VisitState::Open) => {
            let here = instance
                .activations()
                .find(|activation| activation.node == only.key);
            let entries = here.map_or(&[][..], |activation| activation.entries());
            let done = entries.iter().filter(|entry| **entry == EntryState::Done);
            u32::try_from(done.count()).unwrap_or(u32::MAX)
        }
        _ => 0,
    };
    Some((done, total))
}

/// The nodes that are visited and wait, in file order.
fn open_nodes<'a>(graph: &'a Graph, instance: &Instance) -> Vec<&'a Node> {
    let is_open = |node: &&Node| {
        instance
            .results()
            .get(&node.key)
            .is_some_and(|found| found.state == VisitState::Open)
    };
    graph
        .nodes()
        .filter(|node| node.waits())
        .filter(is_open)
        .collect()
}

/// The first stages on every way on from these nodes, boundaries aside, in file order.
fn stages_after<'a>(graph: &'a Graph, from: &[&'a Node]) -> Vec<&'a Node> {
    let mut seen: BTreeSet<&NodeKey> = from.iter().map(|node| &node.key).collect();
    let mut stages = Vec::new();
    let mut left: Vec<&NodeKey> = from.iter().flat_map(|node| node.ways()).collect();
    while let Some(key) = left.pop() {
        let Some(node) = graph.node(key).filter(|_| seen.insert(key)) else {
            continue;
        };
        if node.is_stage() {
            stages.push(&node.key);
        } else {
            left.extend(node.ways());
        }
    }
    graph.in_file_order(stages)
}
