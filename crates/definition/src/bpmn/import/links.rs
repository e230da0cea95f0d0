//! Which way leads where.

use std::collections::{BTreeMap, BTreeSet};

use super::{names::Names, outline::Outline, report::Report};
use crate::bpmn::xml::{Element, Ns};

/// One sequence flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'x> {
    pub(super) element: &'x Element,
    pub(super) target: &'x str,
}

impl Link<'_> {
    pub(super) fn id(&self) -> &str {
        self.element.get("id").unwrap_or_default()
    }

    /// Whether it is only taken under a condition.
    pub(super) fn is_conditional(&self) -> bool {
        condition(self.element).is_some()
    }
}

/// The condition of a sequence flow that says something.
pub(super) fn condition(flow: &Element) -> Option<&Element> {
    let condition = flow.first("conditionExpression")?;
    (!condition.text.trim().is_empty()).then_some(condition)
}

/// The sequence flows of a process.
#[derive(Debug, Default)]
pub(super) struct Links<'x> {
    /// By id, the keys of all nodes.
    keys: BTreeMap<&'x str, String>,
    outgoing: BTreeMap<&'x str, Vec<Link<'x>>>,
    n_incoming: BTreeMap<&'x str, usize>,
    /// Nodes that do nothing, with the node behind them.
    passed: BTreeMap<&'x str, &'x str>,
}

impl<'x> Links<'x> {
    pub(super) fn of(outline: &Outline<'x>, names: &mut Names, report: &mut Report<'_>) -> Self {
        let mut links = Self::default();
        let starts: BTreeSet<&str> = outline
            .nodes
            .iter()
            .filter(|(_, element)| element.is("startEvent"))
            .map(|(id, _)| *id)
            .collect();
        for (id, element) in &outline.nodes {
            if links.keys.insert(id, names.take(id)).is_some() {
                let message = format!("the id `{id}` is given twice");
                report.push("duplicate_key", element, message);
            }
        }
        let mut sources: BTreeMap<&str, &Element> = outline.nodes.iter().copied().collect();
        let boundaries = outline.boundaries.values().flatten();
        sources.extend(boundaries.filter_map(|element| Some((element.get("id")?, *element))));
        for flow in &outline.flows {
            let ends = (
                report.required(flow, "sourceRef"),
                report.required(flow, "targetRef"),
            );
            let (Some(source), Some(target)) = ends else {
                continue;
            };
            if !sources.contains_key(source) {
                report.dangling(flow, "node", source);
            }
            if !links.keys.contains_key(target) || starts.contains(target) {
                report.dangling(flow, "node to come to", target);
                continue;
            }
            *links.n_incoming.entry(target).or_default() += 1;
            links.outgoing.entry(source).or_default().push(Link {
                element: flow,
                target,
            });
        }
        for (id, element) in sources {
            links.order(id, element);
        }
        links.pass(outline, report);
        links
    }

    /// The ways out of the node or boundary, in its order.
    pub(super) fn outgoing(&self, id: &str) -> Vec<Link<'x>> {
        self.outgoing.get(id).cloned().unwrap_or_default()
    }

    pub(super) fn n_incoming(&self, id: &str) -> usize {
        self.n_incoming.get(id).copied().unwrap_or_default()
    }

    /// The key of the node `id`.
    pub(super) fn key(&self, id: &str) -> Option<&str> {
        self.keys.get(id).map(String::as_str)
    }

    /// The key of the node that the way leads to at last.
    pub(super) fn target(&self, link: &Link<'_>) -> String {
        let target = self.passed.get(link.target).copied().unwrap_or(link.target);
        self.key(target).unwrap_or_default().to_owned()
    }

    /// Whether the node does nothing.
    pub(super) fn is_passed(&self, id: &str) -> bool {
        self.passed.contains_key(id)
    }

    /// A node says in which order its ways are looked at.
    fn order(&mut self, id: &'x str, node: &'x Element) {
        let places: BTreeMap<&str, usize> = node
            .all("outgoing")
            .enumerate()
            .map(|(place, outgoing)| (outgoing.text.trim(), place))
            .collect();
        if let Some(links) = self.outgoing.get_mut(id) {
            links.sort_by_key(|link| places.get(link.id()).copied().unwrap_or(usize::MAX));
        }
    }

    /// Finds the nodes that do nothing but bring ways together.
    fn pass(&mut self, outline: &Outline<'x>, report: &mut Report<'_>) {
        let mut next: BTreeMap<&str, &str> = BTreeMap::new();
        for (id, element) in &outline.nodes {
            let ways = self.outgoing(id);
            if let [way] = ways.as_slice()
                && !way.is_conditional()
                && does_nothing(element, self.n_incoming(id))
            {
                next.insert(id, way.target);
            }
        }
        for (id, element) in &outline.nodes {
            let mut chain = Vec::new();
            let mut at = *id;
            let end = loop {
                if let Some(end) = self.passed.get(at) {
                    break *end;
                }
                let Some(further) = next.get(at) else {
                    break at;
                };
                chain.push(at);
                at = further;
                if chain.len() > next.len() {
                    report.not_yet(element, "a circle of gateways that do nothing");
                    break at;
                }
            };
            self.passed.extend(chain.into_iter().map(|id| (id, end)));
        }
    }
}

fn does_nothing(node: &Element, n_incoming: usize) -> bool {
    let extended = node
        .all("extensionElements")
        .flat_map(|element| &element.children)
        .any(|element| element.ns == Ns::Signoff);
    match node.name.as_str() {
        "exclusiveGateway" => true,
        "inclusiveGateway" | "parallelGateway" => n_incoming <= 1 && !extended,
        "intermediateThrowEvent" => !node.children.iter().any(super::event::is_definition),
        _ => false,
    }
}
