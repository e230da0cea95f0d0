//! What happened between the tasks: work side by side, the system's own steps, timeouts.

use std::collections::{BTreeMap, BTreeSet};

use signoff::{
    NodeKey,
    core::{
        event::{Event, HistoryEntry},
        graph::{NodeKind, Timeout},
        id::{ActivationId, ScopeId},
        instance::Timer,
    },
};

use super::{Teller, Told};

/// Where the tokens went, as far as it was told.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// Which node an activation belongs to.
    nodes: BTreeMap<ActivationId, NodeKey>,
    /// The scopes in which work runs side by side.
    parallel: BTreeSet<ScopeId>,
}

impl Ways {
    pub(super) fn nodes(&mut self) -> impl Iterator<Item = &mut NodeKey> {
        self.nodes.values_mut()
    }

    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::NodeEntered(entered) => {
                self.nodes.insert(entered.activation, entered.node.clone());
            }
            Event::ScopeOpened {
                scope, branches, ..
            } if *branches > 1 => {
                self.parallel.insert(*scope);
            }
            _ => {}
        }
    }
}

impl Teller<'_> {
    /// What people see of an event that is about no task; the rest is the engine's own business.
    pub(super) fn flow_event(&self, entry: &HistoryEntry, event: &Event) -> Option<Told> {
        let words = self.locale.words();
        let at = |activation: &ActivationId| self.ways.nodes.get(activation);
        Some(match event {
            Event::FunctionReturned { activation, .. } => {
                let node = at(activation)?;
                let template = match self.graph.node(&self.now(node)).map(|node| &node.kind) {
                    Some(NodeKind::Job(_)) => words.ev_job_done,
                    _ => words.ev_function,
                };
                self.node(template, node)
            }
            Event::JobOrdered { activation, .. } => self.node(words.ev_job, at(activation)?),
            Event::NodeCancelled { activation, node } if self.is_withdrawn(entry, *activation) => {
                self.node(words.ev_withdrawn, node)
            }
            Event::ScopeOpened {
                scope,
                activation,
                branches,
            } if self.ways.parallel.contains(scope) => {
                let n = branches.to_string();
                self.node_with(words.ev_branched, at(activation)?, &[("n", &n)])
            }
            Event::ScopeClosed { scope } if self.ways.parallel.contains(scope) => {
                match self.join_after(entry, event) {
                    Some(join) => self.node(words.ev_joined, join),
                    None => Told::new(words.ev_branches_ended),
                }
            }
            Event::TimerFired {
                activation,
                task: None,
                timer: Timer::Boundary(index),
            } => {
                let node = at(activation)?;
                let interrupts = self
                    .timeout(node, *index)
                    .is_none_or(|timeout| timeout.interrupting);
                let template = match interrupts {
                    true => words.ev_timed_out,
                    false => words.ev_slow,
                };
                self.node(template, node).tone("back")
            }
            _ => return None,
        })
    }

    /// The join that a scope was closed for, which is entered next; none where all branches ended.
    fn join_after<'a>(&self, entry: &'a HistoryEntry, closed: &Event) -> Option<&'a NodeKey> {
        let mut later = entry.events.iter().skip_while(|event| *event != closed);
        match later.nth(1)? {
            Event::NodeEntered(entered) => {
                let kind = &self.graph.node(&self.now(&entered.node))?.kind;
                matches!(kind, NodeKind::Join(_)).then_some(&entered.node)
            }
            _ => None,
        }
    }

    fn timeout(&self, node: &NodeKey, index: u16) -> Option<&Timeout> {
        self.graph
            .node(&self.now(node))?
            .timeouts
            .get(usize::from(index))
    }

    /// Whether a stage of a flow was withdrawn for a reason that no other sentence tells.
    fn is_withdrawn(&self, entry: &HistoryEntry, activation: ActivationId) -> bool {
        let kind = self.ways.nodes.get(&activation);
        let kind = kind.and_then(|node| self.graph.node(&self.now(node)).map(|node| &node.kind));
        let told = |event: &Event| match event {
            Event::InstanceCancelled { .. } | Event::InstanceRejected { .. } => true,
            Event::TimerFired {
                activation: timed, ..
            } => *timed == activation,
            _ => false,
        };
        matches!(kind, Some(NodeKind::Job(_) | NodeKind::Task(_))) && !entry.events.iter().any(told)
    }
}
