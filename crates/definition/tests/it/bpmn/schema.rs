//! What is written is valid: the part of the schema of BPMN 2.0 that elements we write fall under,
//! retold as data. Which attributes an element takes and must have, and what stands in it, in order.

use super::{
    diagram::{Element, tree},
    every_key, round_trip,
};

/// An element: its name, attributes (`!` is required), and children in order (`?` at most one, `!` one).
struct Rule(&'static str, &'static str, &'static str);

/// What stands at the beginning of each element that has an id, of a process, and of a node.
const BASE: &str = "documentation extensionElements?";
const NODE: &str = "documentation extensionElements? incoming outgoing";
const EVENTS: &str = "messageEventDefinition timerEventDefinition signalEventDefinition \
    errorEventDefinition escalationEventDefinition compensateEventDefinition \
    conditionalEventDefinition terminateEventDefinition";
/// Nodes stand in a process in any order, ways among them.
const FLOW: &str = "startEvent|userTask|serviceTask|sendTask|businessRuleTask|scriptTask|receiveTask|\
    intermediateCatchEvent|intermediateThrowEvent|exclusiveGateway|parallelGateway|inclusiveGateway|\
    eventBasedGateway|complexGateway|callActivity|endEvent|boundaryEvent|sequenceFlow";

const RULES: &[Rule] = &[
    Rule(
        "bpmn:definitions",
        "id name targetNamespace! exporter exporterVersion xmlns:*",
        "message|signal|error|escalation|process bpmndi:BPMNDiagram",
    ),
    Rule("bpmn:message", "id name", BASE),
    Rule("bpmn:signal", "id name", BASE),
    Rule("bpmn:error", "id name errorCode", BASE),
    Rule("bpmn:escalation", "id name escalationCode", BASE),
    Rule(
        "bpmn:process",
        "id name isExecutable",
        "BASE FLOW association",
    ),
    Rule("bpmn:documentation", "id textFormat", ""),
    Rule("bpmn:incoming", "", ""),
    Rule("bpmn:outgoing", "", ""),
    Rule("bpmn:startEvent", "id name", "NODE EVENTS"),
    Rule("bpmn:endEvent", "id name", "NODE EVENTS"),
    Rule("bpmn:intermediateCatchEvent", "id name", "NODE EVENTS"),
    Rule("bpmn:intermediateThrowEvent", "id name", "NODE EVENTS"),
    Rule(
        "bpmn:boundaryEvent",
        "id name attachedToRef! cancelActivity",
        "NODE EVENTS",
    ),
    Rule(
        "bpmn:userTask",
        "id name implementation isForCompensation",
        "NODE",
    ),
    Rule(
        "bpmn:serviceTask",
        "id name implementation isForCompensation",
        "NODE",
    ),
    Rule(
        "bpmn:sendTask",
        "id name implementation messageRef isForCompensation",
        "NODE",
    ),
    Rule(
        "bpmn:businessRuleTask",
        "id name implementation isForCompensation",
        "NODE",
    ),
    Rule(
        "bpmn:receiveTask",
        "id name messageRef isForCompensation",
        "NODE",
    ),
    Rule(
        "bpmn:scriptTask",
        "id name scriptFormat isForCompensation",
        "NODE script?",
    ),
    Rule(
        "bpmn:callActivity",
        "id name calledElement isForCompensation",
        "NODE multiInstanceLoopCharacteristics?",
    ),
    Rule(
        "bpmn:multiInstanceLoopCharacteristics",
        "id isSequential",
        "BASE loopCardinality?",
    ),
    Rule(
        "bpmn:exclusiveGateway",
        "id name gatewayDirection default",
        "NODE",
    ),
    Rule(
        "bpmn:inclusiveGateway",
        "id name gatewayDirection default",
        "NODE",
    ),
    Rule("bpmn:parallelGateway", "id name gatewayDirection", "NODE"),
    Rule("bpmn:eventBasedGateway", "id name gatewayDirection", "NODE"),
    Rule(
        "bpmn:complexGateway",
        "id name gatewayDirection default",
        "NODE activationCondition?",
    ),
    Rule(
        "bpmn:sequenceFlow",
        "id name sourceRef! targetRef!",
        "BASE conditionExpression?",
    ),
    Rule(
        "bpmn:association",
        "id associationDirection sourceRef! targetRef!",
        BASE,
    ),
    Rule("bpmn:messageEventDefinition", "id messageRef", BASE),
    Rule("bpmn:signalEventDefinition", "id signalRef", BASE),
    Rule("bpmn:errorEventDefinition", "id errorRef", BASE),
    Rule("bpmn:escalationEventDefinition", "id escalationRef", BASE),
    Rule("bpmn:compensateEventDefinition", "id activityRef", BASE),
    Rule("bpmn:terminateEventDefinition", "id", BASE),
    Rule("bpmn:conditionalEventDefinition", "id", "BASE condition!"),
    Rule(
        "bpmn:timerEventDefinition",
        "id",
        "BASE timeDate|timeDuration|timeCycle?",
    ),
    Rule("bpmn:condition", "id xsi:type language", ""),
    Rule("bpmn:conditionExpression", "id xsi:type language", ""),
    Rule("bpmn:activationCondition", "id xsi:type language", ""),
    Rule("bpmn:loopCardinality", "id xsi:type language", ""),
    Rule("bpmn:timeDate", "id xsi:type language", ""),
    Rule("bpmn:timeDuration", "id xsi:type language", ""),
    Rule("bpmn:timeCycle", "id xsi:type language", ""),
    Rule("bpmn:script", "", ""),
    Rule(
        "bpmndi:BPMNDiagram",
        "id name documentation resolution",
        "bpmndi:BPMNPlane!",
    ),
    Rule(
        "bpmndi:BPMNPlane",
        "id bpmnElement",
        "bpmndi:BPMNShape|bpmndi:BPMNEdge",
    ),
    Rule(
        "bpmndi:BPMNShape",
        "id bpmnElement isHorizontal isExpanded isMarkerVisible",
        "dc:Bounds! bpmndi:BPMNLabel?",
    ),
    Rule(
        "bpmndi:BPMNEdge",
        "id bpmnElement",
        "di:waypoint bpmndi:BPMNLabel?",
    ),
    Rule("dc:Bounds", "x! y! width! height!", ""),
    Rule("di:waypoint", "x! y!", ""),
];

/// The places of an element's children, each with its names and how often.
fn places(children: &str) -> Vec<(Vec<String>, Option<bool>)> {
    let whole = children
        .replace("BASE", BASE)
        .replace("NODE", NODE)
        .replace("EVENTS", EVENTS)
        .replace("FLOW", FLOW);
    let words = whole.split_whitespace();
    words
        .map(|word| {
            let once = match word.chars().next_back() {
                Some('!') => Some(true),
                Some('?') => Some(false),
                _ => None,
            };
            let names = word.trim_end_matches(['!', '?']).split('|');
            let full = |name: &str| match name.contains(':') {
                true => name.to_owned(),
                false => format!("bpmn:{name}"),
            };
            (names.map(full).collect(), once)
        })
        .collect()
}

/// What is wrong with the element, and what is in it.
fn wrong(element: &Element) -> Vec<String> {
    let name = element.name.as_str();
    if name == "bpmn:extensionElements" {
        let ours = |child: &Element| child.name.starts_with("signoff:");
        let only_ours = element.attributes.is_empty() && element.children.iter().all(ours);
        return if only_ours {
            Vec::new()
        } else {
            vec![format!("{name} {element:?}")]
        };
    }
    let Some(Rule(_, attributes, children)) = RULES.iter().find(|rule| rule.0 == name) else {
        return vec![format!("{name} is not known")];
    };
    let mut wrong = Vec::new();
    let known: Vec<&str> = attributes.split(' ').collect();
    for attribute in element.attributes.keys() {
        let is_known = known.iter().any(|word| match word.strip_suffix('*') {
            Some(prefix) => attribute.starts_with(prefix),
            None => word.trim_end_matches('!') == attribute,
        });
        if !is_known {
            wrong.push(format!("{name} takes no {attribute}"));
        }
    }
    for required in known.iter().filter_map(|word| word.strip_suffix('!')) {
        if !element.attributes.contains_key(required) {
            wrong.push(format!("{name} has no {required}"));
        }
    }
    wrong.extend(misplaced(element, children));
    wrong.extend(element.children.iter().flat_map(self::wrong));
    wrong
}

/// Children that stand where they may not, too often, or not at all.
fn misplaced(element: &Element, children: &str) -> Vec<String> {
    let name = &element.name;
    let mut wrong = Vec::new();
    let mut left = element.children.iter().peekable();
    for (names, once) in places(children) {
        let mut n = 0;
        while left.next_if(|child| names.contains(&child.name)).is_some() {
            n += 1;
        }
        if (n > 1 && once.is_some()) || (n == 0 && once == Some(true)) {
            wrong.push(format!("{name} has {n} of {}", names.join("|")));
        }
    }
    wrong.extend(
        left.next()
            .map(|child| format!("{name} has {} there", child.name)),
    );
    wrong
}

#[test]
fn every_document_is_valid() {
    let mut n_checked = 0;
    for document in every_key().into_iter().chain(round_trip::repository()) {
        let xml = signoff_definition::bpmn::export(&document).unwrap();
        let found = wrong(&tree(&xml));
        assert!(found.is_empty(), "{}: {found:#?}", document["key"]);
        keep(&xml, n_checked);
        n_checked += 1;
    }
    assert!(n_checked > 100, "{n_checked}");
}

/// `SIGNOFF_BPMN_OUT=FOLDER` keeps what was written, for a validator that has the official schema.
fn keep(xml: &str, place: usize) {
    if let Some(folder) = std::env::var_os("SIGNOFF_BPMN_OUT") {
        let path = std::path::Path::new(&folder).join(format!("{place}.bpmn"));
        std::fs::write(path, xml).unwrap();
    }
}

#[test]
fn what_is_not_valid_is_found() {
    let xml = signoff_definition::bpmn::export(&every_key()[0]).unwrap();
    for (from, to, told) in [
        (
            "<bpmn:userTask ",
            "<bpmn:userTask color=\"red\" ",
            "takes no color",
        ),
        (
            "<bpmn:userTask ",
            "<bpmn:personTask ",
            "personTask is not known",
        ),
        (" targetRef=", " goesTo=", "takes no goesTo"),
        (" attachedToRef=", " attached=", "has no attachedToRef"),
        ("<dc:Bounds ", "<di:waypoint ", "has 0 of dc:Bounds"),
        (
            "<bpmn:incoming>",
            "<bpmn:script/><bpmn:incoming>",
            "has bpmn:script there",
        ),
    ] {
        assert!(xml.contains(from), "{from}");
        let name = |text: &str| {
            format!(
                "</{}>",
                text.trim_start_matches('<').split(' ').next().unwrap()
            )
        };
        let changed = match from.starts_with('<') && !told.contains("there") {
            true => xml.replace(from, to).replace(&name(from), &name(to)),
            false => xml.replacen(from, to, 1),
        };
        let found = wrong(&tree(&changed));
        assert!(
            found.iter().any(|line| line.contains(told)),
            "{told}: {found:?}"
        );
    }
}
