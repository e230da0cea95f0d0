//! What a token may do at a node: conditions, failures and moments are free choices.
//!
//! `mutex` makes no move impossible. A token waits for a lock only at the entrance of a node, holds
//! none there, and a holder leaves its node, and gives the lock back, without needing another one: no
//! two tokens can wait for each other. A holder that never leaves is found by itself.
//! `enabled_when`, `wait`, messages and signals hold or come at some time; that is a free choice too.

use std::collections::BTreeSet;

use crate::{
    check::{finding::Exit, net::Lead},
    graph::{Catch, Graph, Node, NodeKind, OnReject},
    id::NodeKey,
};

/// What a token may do at a node.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Where it may go within its scope.
    pub(super) ways: Vec<Lead>,
    /// Where tokens may begin beside it.
    pub(super) beside: Vec<Lead>,
    /// Ways that no run takes.
    pub(super) blocked: Vec<Lead>,
    /// Whether it may end here.
    pub(super) ends: bool,
    /// Whether the whole instance may end here.
    pub(super) stops: bool,
}

/// What nodes of a graph do to each other.
pub(super) struct Moving<'a> {
    graph: &'a Graph,
    /// The nodes that another withdraws.
    cancelled: BTreeSet<&'a NodeKey>,
    /// Whether anything is ever taken back. Which nodes a `compensate` names is not looked at: to have
    /// a handler ready that no list names is no fault.
    compensates: bool,
}

impl<'a> Moving<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let compensates = |node: &Node| matches!(node.kind, NodeKind::Compensate(_));
        Self {
            graph,
            cancelled: graph.nodes().flat_map(|node| &node.cancels).collect(),
            compensates: graph.nodes().any(compensates),
        }
    }

    pub(super) fn moves(&self, node: &Node) -> Moves {
        let mut collector = Collector {
            graph: self.graph,
            moves: Moves::default(),
        };
        collector.by_itself(node);
        collector.by_guards(node);
        collector.by_timeouts(node);
        collector.by_codes(node);
        collector.by_rejection(node);
        collector.by_compensation(node, self.compensates);
        // Whether the node that cancels it comes in time is a free choice.
        collector.moves.ends |= node.waits() && self.cancelled.contains(&node.key);
        collector.moves
    }
}

struct Collector<'a> {
    graph: &'a Graph,
    moves: Moves,
}

impl Collector<'_> {
    fn lead(&self, to: &NodeKey, exit: Option<Exit>) -> Option<Lead> {
        let to = self.graph.nodes.get_index_of(to)?;
        Some(Lead { to, exit })
    }

    fn go(&mut self, to: Option<&NodeKey>, exit: Option<Exit>) {
        match to {
            Some(to) => {
                let lead = self.lead(to, exit);
                self.moves.ways.extend(lead);
            }
            None => self.moves.ends = true,
        }
    }

    fn by_itself(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Split(_) => {}
            NodeKind::Choice(choice) => {
                let cases = choice.cases.iter().map(|case| &case.way.to);
                for to in cases.chain(choice.default.iter().map(|way| &way.to)) {
                    self.go(Some(to), None);
                }
            }
            // Withdrawing the others leaves the token of the first to complete: a choice.
            NodeKind::First(nodes) => nodes.iter().for_each(|to| self.go(Some(to), None)),
            NodeKind::End(_) => self.moves.ends = true,
            NodeKind::Step(step) => {
                for to in node.ways() {
                    self.go(Some(to), None);
                }
                self.moves.ends |= step.last && step.gate.is_none();
            }
            NodeKind::Fail(_) | NodeKind::Terminate(_) => self.moves.stops = true,
            _ => self.go(node.next.as_ref(), None),
        }
    }

    fn by_guards(&mut self, node: &Node) {
        if node.when.is_some() {
            self.go(node.next.as_ref(), Some(Exit::Skip));
        }
        let group = node.group.as_ref().and_then(|key| self.graph.group(key));
        if let Some(group) = group.filter(|group| group.when.is_some()) {
            self.go(group.next.as_ref(), Some(Exit::Skip));
        }
    }

    fn by_timeouts(&mut self, node: &Node) {
        for timeout in &node.timeouts {
            let lead = self.lead(&timeout.next, Some(Exit::Timeout));
            let list = if !node.waits() {
                &mut self.moves.blocked
            } else if timeout.interrupting {
                &mut self.moves.ways
            } else {
                &mut self.moves.beside
            };
            list.extend(lead);
        }
    }

    fn by_codes(&mut self, node: &Node) {
        let awaited = matches!(&node.kind, NodeKind::Subprocess(child) if child.awaits);
        let fails = awaited
            || matches!(
                node.kind,
                NodeKind::Function(_) | NodeKind::Job(_) | NodeKind::Set(_)
            );
        for (catch, first) in in_order(&node.errors) {
            let lead = self.lead(&catch.next, Some(Exit::Error));
            let list = match fails && first {
                true => &mut self.moves.ways,
                false => &mut self.moves.blocked,
            };
            list.extend(lead);
        }
        for (catch, first) in in_order(&node.escalations) {
            let lead = self.lead(&catch.next, Some(Exit::Escalation));
            let list = match awaited && first {
                true => &mut self.moves.beside,
                false => &mut self.moves.blocked,
            };
            list.extend(lead);
        }
    }

    fn by_compensation(&mut self, node: &Node, compensates: bool) {
        let Some(handler) = &node.compensate_with else {
            return;
        };
        let lead = self.lead(handler, Some(Exit::Compensation));
        match compensates {
            true => self.moves.beside.extend(lead),
            false => self.moves.blocked.extend(lead),
        }
    }

    fn by_rejection(&mut self, node: &Node) {
        let NodeKind::Approval(approval) = &node.kind else {
            return;
        };
        for entry in &approval.entries {
            match &entry.on_reject {
                OnReject::Choose(several) => {
                    for to in several {
                        self.go(Some(to), Some(Exit::Rejection));
                    }
                }
                OnReject::GoTo(to) | OnReject::Stay(to) => {
                    self.go(Some(to), Some(Exit::Rejection));
                }
                OnReject::Cancel | OnReject::Reject => self.moves.stops = true,
                // The node opens anew: nothing moves.
                OnReject::Resubmit => {}
            }
        }
    }
}

/// Each with whether any code is left for it: the first that fits is taken.
fn in_order(catches: &[Catch]) -> impl Iterator<Item = (&Catch, bool)> {
    let mut seen: BTreeSet<Option<&str>> = BTreeSet::new();
    catches.iter().map(move |catch| {
        let left = !seen.contains(&None) && seen.insert(catch.code.as_deref());
        (catch, left)
    })
}
