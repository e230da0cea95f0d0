//! What the process will have, before it becomes elements.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use signoff_core::pointer::Pointer;

use super::scopes;
use crate::bpmn::{exact::Keys, xml::Element};

/// Everything between start and end of the process.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    pub(super) flows: Vec<Flow>,
    pub(super) associations: Vec<Association>,
    /// The ids of messages, signals, errors and escalations by element and name, in the order of
    /// their use.
    pub(super) roots: IndexMap<(&'static str, String), String>,
    /// Every node that is named, and where.
    pub(super) references: Vec<(String, Pointer)>,
}

/// A node or a boundary.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) element: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
    /// What stands before the ways in and out.
    pub(super) head: Vec<Element>,
    /// What stands after them.
    pub(super) tail: Vec<Element>,
    pub(super) role: Role,
}

/// What a node has to do with scopes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// A boundary of that node.
    Boundary { host: String, interrupting: bool },
    /// Closes a scope when all have come.
    JoinAll,
    /// Closes a scope.
    Join,
    /// Nothing.
    Plain,
    /// Opens a scope.
    Split,
}

/// A way from one node to another.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) condition: Option<String>,
    /// What BPMN has no place for.
    pub(super) rest: Keys,
}

/// The line from a boundary to what takes back.
#[derive(Debug)]
pub(super) struct Association {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) target: String,
}

impl Plan {
    /// The id of the message, signal, error or escalation called `name`.
    pub(super) fn root(&mut self, element: &'static str, name: &str) -> String {
        let number = self.roots.len() + 1;
        let letters = element.chars().enumerate();
        let kind: String = letters
            .map(|(idx, c)| if idx == 0 { c.to_ascii_uppercase() } else { c })
            .collect();
        // Keys of nodes have no capitals, so this is none.
        let root = self.roots.entry((element, name.to_owned()));
        root.or_insert_with(|| format!("{kind}_{number}")).clone()
    }

    /// Adds a way and gives its id.
    pub(super) fn flow(
        &mut self,
        source: &str,
        target: String,
        condition: Option<String>,
        rest: Keys,
    ) -> String {
        let id = format!("Flow_{}", self.flows.len() + 1);
        self.flows.push(Flow {
            id: id.clone(),
            source: source.to_owned(),
            target,
            condition,
            rest,
        });
        id
    }

    pub(super) fn associate(&mut self, source: &str, target: String) {
        self.associations.push(Association {
            id: format!("Association_{}", self.associations.len() + 1),
            source: source.to_owned(),
            target,
        });
    }

    /// What can be told once all nodes are known.
    pub(super) fn finish(&mut self) {
        for join in scopes::inclusive_joins(self) {
            self.nodes[join].element = "inclusiveGateway";
        }
        self.merge();
        self.direct();
        self.mark_handlers();
    }

    /// To BPMN a gateway that opens branches waits for all ways that come to it. Here none waits, so
    /// the ways meet before it.
    fn merge(&mut self) {
        let incoming = self.count(|flow| &flow.target);
        let nodes = std::mem::take(&mut self.nodes);
        for node in nodes {
            let several = incoming.get(&node.id).is_some_and(|n| *n > 1);
            if node.role == Role::Split && several {
                let id = format!("Merge_{}", node.id);
                for flow in self.flows.iter_mut().filter(|flow| flow.target == node.id) {
                    flow.target.clone_from(&id);
                }
                self.flow(&id, node.id.clone(), None, Keys::new());
                self.nodes.push(Node {
                    id,
                    element: "exclusiveGateway",
                    attributes: Vec::new(),
                    head: Vec::new(),
                    tail: Vec::new(),
                    role: Role::Plain,
                });
            }
            self.nodes.push(node);
        }
    }

    /// Tells of each gateway whether ways meet or part there.
    fn direct(&mut self) {
        let incoming = self.count(|flow| &flow.target);
        let outgoing = self.count(|flow| &flow.source);
        let several =
            |counts: &BTreeMap<String, usize>, id: &str| counts.get(id).is_some_and(|n| *n > 1);
        for node in &mut self.nodes {
            let direction = match (several(&incoming, &node.id), several(&outgoing, &node.id)) {
                (true, true) => "Mixed",
                (true, false) => "Converging",
                (false, true) => "Diverging",
                (false, false) => continue,
            };
            if node.element.ends_with("Gateway") {
                let attribute = ("gatewayDirection", direction.to_owned());
                node.attributes.push(attribute);
            }
        }
    }

    /// An activity that only takes back is marked so.
    fn mark_handlers(&mut self) {
        let flows = self.flows.iter();
        let in_flow: BTreeSet<&str> = flows
            .flat_map(|flow| [flow.source.as_str(), flow.target.as_str()])
            .collect();
        let associations = self.associations.iter();
        let handlers: BTreeSet<&str> = associations
            .map(|association| association.target.as_str())
            .filter(|id| !in_flow.contains(id))
            .collect();
        for node in &mut self.nodes {
            let is_activity = node.element.ends_with("Task") || node.element == "callActivity";
            if is_activity && handlers.contains(node.id.as_str()) {
                let attribute = ("isForCompensation", "true".to_owned());
                node.attributes.push(attribute);
            }
        }
    }

    fn count(&self, end: impl Fn(&Flow) -> &String) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for flow in &self.flows {
            *counts.entry(end(flow).clone()).or_default() += 1;
        }
        counts
    }
}
