//! The graph that the machine runs of a random plan.

use signoff_core::graph::{self, Graph, JoinNeed, JoinNode, Node, NodeKind, Rest, SplitNode};

use crate::{
    graphs::{beside_after, choice, end, form, function, graph, left_after, task, terminate, user},
    kinds::{each, first, on_error, set},
    pieces::{Condition, Kind, Need, Plan, Planned},
    toy::when,
};

impl Plan {
    /// The same for the machine.
    pub(crate) fn graph(&self) -> Graph {
        let mut keys: Vec<&String> = self.nodes.keys().collect();
        let first = keys.iter().position(|key| **key == self.first).unwrap();
        keys.swap(0, first);
        graph(keys.into_iter().map(|key| node(key, &self.nodes[key])))
    }
}

fn node(key: &str, planned: &Planned) -> Node {
    let mut node = match &planned.kind {
        Kind::End => end(key),
        Kind::First(nodes) => {
            let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
            first(key, &nodes)
        }
        Kind::Function { broken } => {
            let mut node = function(key);
            if let (true, NodeKind::Function(function)) = (*broken, &mut node.kind) {
                function.name = "broken".to_owned();
            }
            node
        }
        Kind::If(cases, default) => {
            let cases: Vec<(String, &str)> = cases
                .iter()
                .map(|(condition, to)| (condition.source(), to.as_str()))
                .collect();
            let cases: Vec<(&str, &str)> = cases.iter().map(|(when, to)| (&**when, *to)).collect();
            choice(key, &cases, default.as_deref())
        }
        Kind::Join(need, absorbs) => {
            let join = JoinNode {
                need: match need {
                    Need::All => JoinNeed::All,
                    Need::Any => JoinNeed::Any,
                    Need::Count(n) => JoinNeed::Count(u32::try_from(*n).unwrap()),
                },
                rest: if *absorbs { Rest::Absorb } else { Rest::Cancel },
            };
            Node::new(key, NodeKind::Join(join))
        }
        Kind::Set => set(key, &format!("{key} = \"set\"")),
        Kind::Split(branches) => {
            let branches = branches.iter().map(|branch| graph::Branch {
                when: match branch.when {
                    Condition::Always => None,
                    other => when(&other.source()),
                },
                each: branch.each.then(|| each("lines")),
                ..graph::Branch::to(branch.to.as_str())
            });
            let branches = branches.collect();
            Node::new(key, NodeKind::Split(SplitNode { branches }))
        }
        Kind::Task { form: filled } => {
            let mut entry = user("rita");
            entry.form = filled.then(|| form("n")).flatten();
            task(key, entry)
        }
        Kind::Terminate => terminate(key),
    };
    node.next = planned.next.as_deref().map(Into::into);
    for late in &planned.timeouts {
        node = match late.interrupting {
            true => left_after(late.hours, &late.to, node),
            false => beside_after(late.hours, &late.to, node),
        };
    }
    match &planned.on_error {
        Some(to) => on_error(None, to, node),
        None => node,
    }
}
