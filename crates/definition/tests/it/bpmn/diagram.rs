//! The document of BPMN holds together: ids, ways, order of elements, shapes and edges.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use signoff_definition::bpmn;

use super::{every_key, round_trip};

/// An element with its attributes and what is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) children: Vec<Self>,
    text: String,
}

impl Element {
    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .unwrap()
                .into_owned();
            (attribute.key.0.to_owned(), value)
        });
        Self {
            name: start.name().0.to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn all<'a>(&'a self, found: &mut Vec<&'a Self>) {
        found.push(self);
        for child in &self.children {
            child.all(found);
        }
    }

    fn texts(&self, name: &str) -> BTreeSet<&str> {
        let children = self.children.iter().filter(|child| child.name == name);
        children.map(|child| child.text.as_str()).collect()
    }
}

pub(super) fn tree(xml: &str) -> Element {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(Element::start(&start)),
            Event::Empty(start) => {
                let element = Element::start(&start);
                open.last_mut().unwrap().children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::Eof => return open.pop().unwrap().children.pop().unwrap(),
            _ => {}
        }
    }
}

/// What the schema of BPMN says of the order within a node, a way and a process.
const ORDER: &[&str] = &[
    "bpmn:message",
    "bpmn:signal",
    "bpmn:error",
    "bpmn:escalation",
    "bpmn:documentation",
    "bpmn:extensionElements",
    "bpmn:incoming",
    "bpmn:outgoing",
    "bpmn:conditionExpression",
    "bpmn:activationCondition",
    "bpmn:multiInstanceLoopCharacteristics",
    "bpmn:script",
    "EventDefinition",
    "node",
    "bpmn:sequenceFlow",
    "bpmn:association",
    "bpmn:process",
    "bpmndi:BPMNDiagram",
];

fn place(element: &Element) -> usize {
    let name = element.name.as_str();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    let word = if ends(&["EventDefinition"]) {
        "EventDefinition"
    } else if ends(&["Event", "Task", "Gateway", "Activity"]) {
        "node"
    } else {
        name
    };
    let place = ORDER.iter().position(|known| *known == word);
    // Roots stand in the order of their use.
    place.unwrap_or_default().max(3)
}

#[track_caller]
fn check(xml: &str) {
    let root = tree(xml);
    let mut all = Vec::new();
    root.all(&mut all);
    let ids: Vec<&str> = all
        .iter()
        .map(|element| element.get("id"))
        .filter(|id| !id.is_empty())
        .collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "ids are given once");
    for id in &ids {
        let begins = id.starts_with(|c: char| c.is_ascii_alphabetic());
        let goes_on = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        assert!(begins && goes_on, "{id} is a name");
    }
    for element in &all {
        for (name, value) in &element.attributes {
            let refers = name.ends_with("Ref") || name == "default" || name == "bpmnElement";
            assert!(!refers || known.contains(value.as_str()), "{name} {value}");
        }
        if element.name.starts_with("bpmn:") {
            assert!(
                element.children.iter().map(place).is_sorted(),
                "{element:?}"
            );
        }
    }
    let process = root
        .children
        .iter()
        .find(|child| child.name == "bpmn:process");
    check_process(process.unwrap(), &all);
}

fn check_process(process: &Element, all: &[&Element]) {
    let drawn = |kind: &str| -> BTreeMap<&str, &Element> {
        let shapes = all.iter().filter(|element| element.name == kind);
        shapes
            .map(|shape| (shape.get("bpmnElement"), *shape))
            .collect()
    };
    let (shapes, edges) = (drawn("bpmndi:BPMNShape"), drawn("bpmndi:BPMNEdge"));
    let flows: Vec<&Element> = process
        .children
        .iter()
        .filter(|child| child.name == "bpmn:sequenceFlow")
        .collect();
    let mut places = BTreeSet::new();
    for node in process
        .children
        .iter()
        .filter(|child| place(child) == place_of_nodes())
    {
        let id = node.get("id");
        let ways = |end: &str| -> BTreeSet<&str> {
            let own = flows.iter().filter(|flow| flow.get(end) == id);
            own.map(|flow| flow.get("id")).collect()
        };
        assert_eq!(node.texts("bpmn:incoming"), ways("targetRef"), "{id}");
        assert_eq!(node.texts("bpmn:outgoing"), ways("sourceRef"), "{id}");
        let bounds = &shapes[id].children[0].attributes;
        assert!(
            places.insert((&bounds["x"], &bounds["y"])),
            "{id} is drawn apart"
        );
    }
    let lines = process.children.iter().filter(|child| {
        matches!(
            child.name.as_str(),
            "bpmn:sequenceFlow" | "bpmn:association"
        )
    });
    let mut n_lines = 0;
    for line in lines {
        assert!(edges[line.get("id")].children.len() >= 2);
        n_lines += 1;
    }
    assert_eq!((shapes.len(), edges.len()), (places.len(), n_lines));
}

fn place_of_nodes() -> usize {
    ORDER.iter().position(|known| *known == "node").unwrap()
}

#[test]
fn every_document_holds_together() {
    for document in every_key().into_iter().chain(round_trip::repository()) {
        check(&bpmn::export(&document).unwrap());
    }
}

#[test]
fn each_kind_of_node_has_its_element() {
    let root = tree(&bpmn::export(&every_key()[0]).unwrap());
    let mut all = Vec::new();
    root.all(&mut all);
    let shown = |id: &str| {
        let element = all.iter().find(|element| element.get("id") == id);
        let element = element.unwrap_or_else(|| panic!("{id} is missing"));
        let mut shown = element.name.replace("bpmn:", "");
        for child in &element.children {
            if let Some(name) = child.name.strip_suffix("EventDefinition") {
                shown.push_str(&name.replace("bpmn:", " "));
            }
        }
        shown
    };
    for (id, element) in [
        ("by_hand", "startEvent"),
        ("hourly", "startEvent timer"),
        ("weekdays", "startEvent timer"),
        ("ordered", "startEvent message"),
        ("alarmed", "startEvent signal"),
        ("merge", "serviceTask"),
        ("booked", "serviceTask"),
        ("each", "scriptTask"),
        ("review", "userTask"),
        ("vote", "userTask"),
        ("message", "receiveTask"),
        ("moment", "intermediateCatchEvent timer"),
        ("first_b", "intermediateCatchEvent conditional"),
        ("heard", "intermediateCatchEvent signal"),
        ("reminded", "intermediateThrowEvent signal"),
        ("told_all", "intermediateThrowEvent message"),
        ("rated", "businessRuleTask"),
        ("mailed", "sendTask"),
        ("raised", "intermediateThrowEvent escalation"),
        ("undone", "intermediateThrowEvent compensate compensate"),
        ("choice", "exclusiveGateway"),
        ("route", "exclusiveGateway"),
        ("split", "inclusiveGateway"),
        ("Merge_split", "exclusiveGateway"),
        ("joined", "inclusiveGateway"),
        ("counted", "parallelGateway"),
        ("any", "complexGateway"),
        ("two", "complexGateway"),
        ("enough", "complexGateway"),
        ("first_a", "eventBasedGateway"),
        ("children", "callActivity"),
        ("done", "endEvent"),
        ("over", "endEvent terminate"),
        ("failed", "endEvent error"),
    ] {
        assert_eq!(shown(id), element, "{id}");
    }
}
