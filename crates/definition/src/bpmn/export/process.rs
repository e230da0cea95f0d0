//! The plan becomes a document of BPMN.

use std::collections::BTreeMap;

use super::{
    diagram, events, node,
    plan::{Association, Flow, Node, Plan},
};
use crate::bpmn::{
    exact::Keys,
    xml::{Element, Ns},
};

/// What the elements of BPMN say of the top of a document, and what is left out.
const ELSEWHERE: &[&str] = &["format", "kind", "key", "nodes", "tests"];

/// The root of the document.
pub(super) fn definitions(plan: &Plan, top: &Keys, key: &str) -> Element {
    let id = format!("Process_{key}");
    let roots = plan.roots.iter();
    let roots = roots.map(|((element, name), id)| root(element, name, id));
    Element::bpmn("definitions")
        .with("id", "Definitions")
        .with("targetNamespace", Ns::Signoff.uri())
        .with("exporter", "Signoff")
        .with("exporterVersion", env!("CARGO_PKG_VERSION"))
        .children(roots)
        .child(process(plan, top, key, &id))
        .child(diagram::diagram(plan, &id))
}

fn root(kind: &str, name: &str, id: &str) -> Element {
    let element = Element::bpmn(kind).with("id", id).with("name", name);
    match kind {
        "error" => element.with("errorCode", name),
        "escalation" => element.with("escalationCode", name),
        _ => element,
    }
}

fn process(plan: &Plan, top: &Keys, key: &str, id: &str) -> Element {
    let mut rest = top.clone();
    rest.retain(|key, _| !ELSEWHERE.contains(&key.as_str()));
    let name = node::title(&mut rest, key);
    let documentation = node::documentation(&mut rest);
    let mut ends = Ends::new();
    for flow in &plan.flows {
        ends.entry(&flow.target).or_default().0.push(&flow.id);
        ends.entry(&flow.source).or_default().1.push(&flow.id);
    }
    Element::bpmn("process")
        .with("id", id)
        .with("name", name)
        .with("isExecutable", "true")
        .children(documentation)
        .children(node::extension("definition", &rest, node::Always::No))
        .children(plan.nodes.iter().map(|node| flow_node(&ends, node)))
        .children(plan.flows.iter().map(flow))
        .children(plan.associations.iter().map(association))
}

/// By node, the ways in and the ways out.
type Ends<'a> = BTreeMap<&'a str, (Vec<&'a str>, Vec<&'a str>)>;

fn flow_node(ends: &Ends<'_>, node: &Node) -> Element {
    let mut element = Element::bpmn(node.element).with("id", &node.id);
    for (key, value) in &node.attributes {
        element = element.with(key, value);
    }
    let ends = ends.get(node.id.as_str()).cloned().unwrap_or_default();
    let end = |name: &str, id: &str| Element::bpmn(name).text(id);
    element
        .children(node.head.iter().cloned())
        .children(ends.0.iter().map(|id| end("incoming", id)))
        .children(ends.1.iter().map(|id| end("outgoing", id)))
        .children(node.tail.iter().cloned())
}

fn flow(flow: &Flow) -> Element {
    let condition = flow.condition.as_ref();
    Element::bpmn("sequenceFlow")
        .with("id", &flow.id)
        .with("sourceRef", &flow.source)
        .with("targetRef", &flow.target)
        .children(node::extension("way", &flow.rest, node::Always::No))
        .children(condition.map(|source| events::expression("conditionExpression", source)))
}

fn association(association: &Association) -> Element {
    Element::bpmn("association")
        .with("id", &association.id)
        .with("associationDirection", "One")
        .with("sourceRef", &association.source)
        .with("targetRef", &association.target)
}
