//! The parts of a process, sorted; what cannot be a part of a flow is told.

use std::collections::BTreeMap;

use super::report::Report;
use crate::bpmn::xml::{Element, Ns};

/// Elements that become nodes.
const NODES: &[&str] = &[
    "businessRuleTask",
    "callActivity",
    "complexGateway",
    "endEvent",
    "eventBasedGateway",
    "exclusiveGateway",
    "inclusiveGateway",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "manualTask",
    "parallelGateway",
    "receiveTask",
    "scriptTask",
    "sendTask",
    "serviceTask",
    "startEvent",
    "task",
    "userTask",
];

/// Elements of a process that a flow has nothing for.
const NOT_YET: &[&str] = &[
    "adHocSubProcess",
    "callChoreography",
    "choreographyTask",
    "implicitThrowEvent",
    "subChoreography",
    "subProcess",
    "transaction",
];

/// Elements that do not change where a token goes.
const PASSED_OVER: &[&str] = &[
    "auditing",
    "categoryValueRef",
    "correlationSubscription",
    "dataInput",
    "dataInputAssociation",
    "dataObject",
    "dataObjectReference",
    "dataOutput",
    "dataOutputAssociation",
    "dataStoreReference",
    "documentation",
    "extensionElements",
    "group",
    "humanPerformer",
    "inputSet",
    "ioBinding",
    "ioSpecification",
    "laneSet",
    "monitoring",
    "outputSet",
    "performer",
    "potentialOwner",
    "property",
    "rendering",
    "resourceRole",
    "supportedInterfaceRef",
    "supports",
    "textAnnotation",
];

/// What a node may have besides.
const OF_NODES: &[&str] = &[
    "activationCondition",
    "incoming",
    "multiInstanceLoopCharacteristics",
    "outgoing",
    "script",
    "standardLoopCharacteristics",
];

/// The process, sorted.
#[derive(Debug, Default)]
pub(super) struct Outline<'x> {
    /// In the order of the text.
    pub(super) nodes: Vec<(&'x str, &'x Element)>,
    /// By the node on whose border they are.
    pub(super) boundaries: BTreeMap<&'x str, Vec<&'x Element>>,
    pub(super) flows: Vec<&'x Element>,
    pub(super) associations: Vec<&'x Element>,
}

impl<'x> Outline<'x> {
    pub(super) fn of(process: &'x Element, report: &mut Report<'_>) -> Self {
        let mut outline = Self::default();
        for element in &process.children {
            let name = element.name.as_str();
            match name {
                _ if element.ns != Ns::Bpmn => report.unknown(element),
                "sequenceFlow" => outline.flows.push(element),
                "association" => outline.associations.push(element),
                "boundaryEvent" => {
                    check_parts(element, report);
                    if let Some(host) = report.required(element, "attachedToRef") {
                        outline.boundaries.entry(host).or_default().push(element);
                    }
                }
                _ if NODES.contains(&name) => {
                    check_parts(element, report);
                    if let Some(id) = report.required(element, "id") {
                        outline.nodes.push((id, element));
                    }
                }
                _ if NOT_YET.contains(&name) => report.not_yet(element, &format!("`{name}`")),
                _ if PASSED_OVER.contains(&name) => {}
                _ => report.unknown(element),
            }
        }
        outline
    }
}

/// What stands in a node is known.
fn check_parts(node: &Element, report: &mut Report<'_>) {
    for part in &node.children {
        let name = part.name.as_str();
        let known = part.ns == Ns::Bpmn
            && (OF_NODES.contains(&name)
                || PASSED_OVER.contains(&name)
                || name.ends_with("EventDefinition"));
        let loops = name == "multiInstanceLoopCharacteristics" && !node.is("callActivity");
        if !known {
            if part.ns == Ns::Bpmn && name == "eventDefinitionRef" {
                report.not_yet(part, "a reference to an event definition");
            } else {
                report.unknown(part);
            }
        } else if loops || name == "standardLoopCharacteristics" {
            report.not_yet(part, &format!("`{name}` of `{}`", node.name));
        }
    }
}
