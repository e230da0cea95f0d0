//! Documents of other modelers are read, or it is told what in them is not.

use serde_json::{Value, json};
use signoff_definition::{bpmn, canonical_json};

use super::{graph, nodes, refused};

/// Ways as `from>to`, each with an id of its own.
fn ways(ways: &[&str]) -> String {
    let flow = |(n, way): (usize, &&str)| {
        let (source, target) = way.split_once('>').unwrap();
        format!("<sequenceFlow id=\"f{n}\" sourceRef=\"{source}\" targetRef=\"{target}\"/>")
    };
    ways.iter().enumerate().map(flow).collect()
}

/// Start and end with `elements` between them.
#[track_caller]
fn check(elements: &str, links: &[&str], expected: &Value) {
    let all = format!(
        "<startEvent id=\"s\"/>{elements}<endEvent id=\"e\"/>{}",
        ways(links)
    );
    let mut found = nodes(&all);
    let found = found.as_object_mut().unwrap();
    found.retain(|key, _| key != "e");
    assert_eq!(
        canonical_json(&Value::Object(found.clone())),
        canonical_json(expected)
    );
}

const MODELED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- by hand -->
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:other="urn:other" id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:collaboration id="Collaboration_1"><bpmn:participant id="Pool" processRef="Process_0x1"/></bpmn:collaboration>
  <bpmn:process id="Process_0x1" name="Leave request" isExecutable="true">
    <bpmn:documentation>Who may go.</bpmn:documentation>
    <bpmn:laneSet id="LaneSet_1"><bpmn:lane id="Lane_1"><bpmn:flowNodeRef>StartEvent_1</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="StartEvent_1"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:task id="Activity_1k2" name="Ask&#10;politely">
      <bpmn:extensionElements><other:thing some="1"><other:deep/></other:thing></bpmn:extensionElements>
      <bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing>
      <bpmn:property id="Property_1"/>
      <bpmn:dataInputAssociation id="In"><bpmn:sourceRef>Data</bpmn:sourceRef></bpmn:dataInputAssociation>
    </bpmn:task>
    <bpmn:exclusiveGateway id="Gateway_1" name="Granted?" default="Flow_4"/>
    <bpmn:endEvent id="Event_yes"/>
    <bpmn:endEvent id="Event_no"/>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="StartEvent_1" targetRef="Activity_1k2"/>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Activity_1k2" targetRef="Gateway_1"/>
    <bpmn:sequenceFlow id="Flow_3" name="yes" sourceRef="Gateway_1" targetRef="Event_yes">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"><![CDATA[${n > 1}]]></bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="Flow_4" sourceRef="Gateway_1" targetRef="Event_no"/>
    <bpmn:dataObject id="Object"/><bpmn:dataObjectReference id="Data" dataObjectRef="Object"/>
    <bpmn:textAnnotation id="Text"><bpmn:text>Mind &lt;this&gt;</bpmn:text></bpmn:textAnnotation>
    <bpmn:association id="Line" sourceRef="Activity_1k2" targetRef="Text"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram"><bpmndi:BPMNPlane id="Plane" bpmnElement="Collaboration_1"/></bpmndi:BPMNDiagram>
</bpmn:definitions>"#;

#[test]
fn a_diagram_of_another_modeler_is_a_flow() {
    let document = bpmn::import(MODELED).unwrap();
    graph(&document).unwrap();
    let expected = json!({
        "format": "signoff/v1", "kind": "flow", "key": "process_0x1",
        "title": "Leave request", "description": "Who may go.",
        "nodes": {
            "start_event_1": {"start": {}, "next": "activity_1k2"},
            "activity_1k2": {"task": {}, "title": "Ask\npolitely", "next": "gateway_1"},
            "gateway_1": {"if": "n > 1", "title": "Granted?", "then": "event_yes", "else": "event_no"},
            "event_yes": {"end": {}},
            "event_no": {"end": {}},
        },
    });
    assert_eq!(document.to_string(), expected.to_string());
}

#[test]
fn gateways_that_bring_ways_together_are_left_out() {
    check(
        "<eventBasedGateway id=\"g\"/><task id=\"a\"/><task id=\"b\"/><exclusiveGateway id=\"m\"/><intermediateThrowEvent id=\"reached\"/>\
         <parallelGateway id=\"p\"/>",
        &[
            "s>g",
            "g>a",
            "g>b",
            "a>m",
            "b>m",
            "m>reached",
            "reached>p",
            "p>e",
        ],
        &json!({
            "s": {"start": {}, "next": "g"}, "g": {"first": ["a", "b"]},
            "a": {"task": {}, "next": "e"}, "b": {"task": {}, "next": "e"},
        }),
    );
}

#[test]
fn what_meets_and_parts_is_a_join_and_a_split() {
    check(
        "<parallelGateway id=\"p\"/><task id=\"a\"/><task id=\"b\"/><inclusiveGateway id=\"q\"/><task id=\"c\"/><task id=\"d\"/>\
         <parallelGateway id=\"r\"/>",
        &[
            "s>p", "p>a", "p>b", "a>q", "b>q", "q>c", "q>d", "c>r", "d>r", "r>e",
        ],
        &json!({
            "s": {"start": {}, "next": "p"}, "p": {"split": ["a", "b"]},
            "a": {"task": {}, "next": "q"}, "b": {"task": {}, "next": "q"},
            "q": {"join": "all", "next": "q_split"}, "q_split": {"split": ["c", "d"]},
            "c": {"task": {}, "next": "r"}, "d": {"task": {}, "next": "r"},
            "r": {"join": "all", "next": "e"},
        }),
    );
}

#[test]
fn ways_out_of_a_task_are_a_split_and_no_way_is_an_end() {
    check(
        "<task id=\"a\"/><manualTask id=\"b\"/><userTask id=\"c\"/>",
        &["s>a", "a>b", "a>c", "b>e"],
        &json!({
            "s": {"start": {}, "next": "a"},
            "a": {"task": {}, "next": "a_split"}, "a_split": {"split": ["b", "c"]},
            "b": {"task": {}, "next": "e"},
            "c": {"task": {}, "next": "c_end"}, "c_end": {"end": {}},
        }),
    );
}

#[test]
fn the_default_of_an_inclusive_gateway_is_taken_when_nothing_else_is() {
    let condition = |n: &str| format!("<conditionExpression>{n}</conditionExpression>");
    let elements = format!(
        "<startEvent id=\"s\"/><inclusiveGateway id=\"g\" default=\"z\"/><endEvent id=\"e\"/>\
         <sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"g\"/>\
         <sequenceFlow id=\"x\" sourceRef=\"g\" targetRef=\"e\">{}</sequenceFlow>\
         <sequenceFlow id=\"y\" sourceRef=\"g\" targetRef=\"e\">{}</sequenceFlow>\
         <sequenceFlow id=\"z\" sourceRef=\"g\" targetRef=\"e\"/>",
        condition("#{n == 1}"),
        condition(" n == 2 "),
    );
    let branches = json!([
        {"to": "e", "when": "n == 1"}, {"to": "e", "when": "n == 2"},
        {"to": "e", "when": "!((n == 1) || (n == 2))"},
    ]);
    assert_eq!(nodes(&elements)["g"], json!({"split": branches}));
}

#[test]
fn events_are_starts_and_ends_and_what_waits_or_tells() {
    let event = |name: &str, id: &str, inner: &str| format!("<{name} id=\"{id}\">{inner}</{name}>");
    let catch = "intermediateCatchEvent";
    let throw = "intermediateThrowEvent";
    let elements = [
        event("startEvent", "s1", "<messageEventDefinition messageRef=\"M\"/>"),
        event("startEvent", "s2", "<signalEventDefinition signalRef=\"S\"/>"),
        event("startEvent", "s3", "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"),
        event("startEvent", "s4", "<timerEventDefinition><timeCycle>0 9 * * *</timeCycle></timerEventDefinition>"),
        event(catch, "c1", "<messageEventDefinition messageRef=\"t:M\"/>"),
        event(catch, "c2", "<timerEventDefinition><timeDuration> PT1H </timeDuration></timerEventDefinition>"),
        event(catch, "c3", "<timerEventDefinition><timeDate>2030-01-01T00:00:00Z</timeDate></timerEventDefinition>"),
        event(catch, "c4", "<conditionalEventDefinition><condition>n > 1</condition></conditionalEventDefinition>"),
        event(catch, "c5", "<signalEventDefinition signalRef=\"S\"/>"),
        event(throw, "t1", "<signalEventDefinition signalRef=\"S\"/>"),
        event(throw, "t2", "<escalationEventDefinition escalationRef=\"L\"/>"),
        event(throw, "t3", "<compensateEventDefinition/>"),
        event(throw, "t4", "<messageEventDefinition messageRef=\"M\"/>"),
        event(throw, "t5", "<messageEventDefinition/>"),
        event("sendTask", "mail", "").replace("<sendTask", "<sendTask implementation=\"Send Mail\""),
        event("businessRuleTask", "rate", ""),
        event("serviceTask", "w", ""),
        event("callActivity", "k", "").replace("<callActivity", "<callActivity calledElement=\"Process_Other\""),
        event("endEvent", "e1", "<errorEventDefinition errorRef=\"E\"/>"),
        event("endEvent", "e2", "<terminateEventDefinition/>"),
        event("endEvent", "e3", "<escalationEventDefinition escalationRef=\"L\"/>"),
        "<boundaryEvent id=\"b1\" attachedToRef=\"w\"><errorEventDefinition/></boundaryEvent>".to_owned(),
        "<boundaryEvent id=\"b2\" attachedToRef=\"k\" cancelActivity=\"false\"><escalationEventDefinition escalationRef=\"L\"/></boundaryEvent>".to_owned(),
        "<boundaryEvent id=\"b3\" attachedToRef=\"w\"><compensateEventDefinition/></boundaryEvent>".to_owned(),
        "<serviceTask id=\"undo\" isForCompensation=\"true\"/>".to_owned(),
        ways(&["s1>c1", "s2>c2", "s3>c3", "s4>c4", "c1>c5", "c2>c5", "c3>c5", "c4>c5", "c5>t1", "t1>t2", "t2>t3", "t3>t4", "t4>t5", "t5>mail", "mail>rate", "rate>w", "w>k", "k>e3", "b1>e1", "b2>e2"]),
        "<association id=\"line\" sourceRef=\"b3\" targetRef=\"undo\"/>".to_owned(),
    ];
    let expected = json!({
        "s1": {"start": {"message": "order_received"}, "next": "c1"},
        "s2": {"start": {"signal": "alarm"}, "next": "c2"},
        "s3": {"start": {"every": "PT1H"}, "next": "c3"},
        "s4": {"start": {"cron": "0 9 * * *"}, "next": "c4"},
        "c1": {"receive": {"message": "order_received"}, "next": "c5"},
        "c2": {"timer": {"after": "PT1H"}, "next": "c5"},
        "c3": {"timer": {"at": "2030-01-01T00:00:00Z"}, "next": "c5"},
        "c4": {"wait": "n > 1", "next": "c5"},
        "c5": {"signal": {"catch": "alarm"}, "next": "t1"},
        "t1": {"signal": {"throw": "alarm"}, "next": "t2"},
        "t2": {"raise": "late", "next": "t3"},
        "t3": {"compensate": "all", "next": "t4"},
        "t4": {"function": "order_received", "symbol": "message", "next": "t5"},
        "t5": {"function": "t5", "symbol": "message", "next": "mail"},
        "mail": {"function": "send_mail", "symbol": "send", "next": "rate"},
        "rate": {"function": "rate", "symbol": "rule", "next": "w"},
        "w": {"function": "w", "next": "k", "on_error": {"next": "e1"}, "compensate_with": "undo"},
        "k": {"subprocess": {"workflow": "process_other"}, "next": "e3", "on_escalation": {"code": "late", "next": "e2"}},
        "e1": {"fail": {"code": "lost"}},
        "e2": {"terminate": {}},
        "e3": {"raise": "late", "next": "e3_end"},
        "e3_end": {"end": {}},
        "undo": {"function": "undo"},
    });
    assert_eq!(
        canonical_json(&nodes(&elements.join("\n"))),
        canonical_json(&expected)
    );
}

/// What a flow has not, and the code that tells it.
const REFUSED: &[(&str, &str)] = &[
    (
        "<subProcess id=\"x\"><startEvent id=\"y\"/></subProcess>",
        "not_supported_yet",
    ),
    ("<adHocSubProcess id=\"x\"/>", "not_supported_yet"),
    ("<transaction id=\"x\"/>", "not_supported_yet"),
    (
        "<task id=\"x\"><standardLoopCharacteristics/></task>",
        "not_supported_yet",
    ),
    (
        "<task id=\"x\"><multiInstanceLoopCharacteristics/></task>",
        "not_supported_yet",
    ),
    (
        "<callActivity id=\"x\" calledElement=\"y\"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></callActivity>",
        "not_supported_yet",
    ),
    (
        "<scriptTask id=\"x\" scriptFormat=\"javascript\"><script>1</script></scriptTask>",
        "not_supported_yet",
    ),
    (
        "<scriptTask id=\"x\" scriptFormat=\"application/vnd.signoff.set+json\"/>",
        "missing_key",
    ),
    ("<callActivity id=\"x\"/>", "missing_key"),
    ("<task name=\"without id\"/>", "missing_key"),
    ("<exclusiveGateway id=\"x\"/>", "missing_key"),
    ("<complexGateway id=\"x\"/>", "missing_key"),
    ("<intermediateCatchEvent id=\"x\"/>", "not_supported_yet"),
    (
        "<intermediateCatchEvent id=\"x\"><linkEventDefinition/></intermediateCatchEvent>",
        "not_supported_yet",
    ),
    (
        "<intermediateThrowEvent id=\"x\"><linkEventDefinition/></intermediateThrowEvent>",
        "not_supported_yet",
    ),
    (
        "<intermediateCatchEvent id=\"x\"><timerEventDefinition/><signalEventDefinition/></intermediateCatchEvent>",
        "not_supported_yet",
    ),
    (
        "<intermediateCatchEvent id=\"x\"><timerEventDefinition/></intermediateCatchEvent>",
        "missing_key",
    ),
    (
        "<intermediateCatchEvent id=\"x\"><signalEventDefinition signalRef=\"M\"/></intermediateCatchEvent>",
        "dangling_reference",
    ),
    (
        "<intermediateCatchEvent id=\"x\"><conditionalEventDefinition><condition language=\"juel\">a</condition></conditionalEventDefinition></intermediateCatchEvent>",
        "not_supported_yet",
    ),
    (
        "<intermediateCatchEvent id=\"x\"><timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition></intermediateCatchEvent>",
        "not_supported_yet",
    ),
    (
        "<startEvent id=\"x\"><conditionalEventDefinition/></startEvent>",
        "not_supported_yet",
    ),
    (
        "<endEvent id=\"x\"><cancelEventDefinition/></endEvent>",
        "not_supported_yet",
    ),
    (
        "<boundaryEvent id=\"x\" attachedToRef=\"a\"><messageEventDefinition messageRef=\"M\"/></boundaryEvent>",
        "not_supported_yet",
    ),
    (
        "<boundaryEvent id=\"x\" attachedToRef=\"a\"><escalationEventDefinition/></boundaryEvent>",
        "not_supported_yet",
    ),
    (
        "<boundaryEvent id=\"x\" attachedToRef=\"a\"><compensateEventDefinition/></boundaryEvent>",
        "missing_key",
    ),
    (
        "<boundaryEvent id=\"x\" attachedToRef=\"gone\"><errorEventDefinition/></boundaryEvent>",
        "dangling_reference",
    ),
    (
        "<sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"gone\"/>",
        "dangling_reference",
    ),
    (
        "<sequenceFlow id=\"x\" sourceRef=\"gone\" targetRef=\"e\"/>",
        "dangling_reference",
    ),
    (
        "<sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"s\"/>",
        "dangling_reference",
    ),
    ("<sequenceFlow id=\"x\" sourceRef=\"a\"/>", "missing_key"),
    ("<task id=\"a\"/>", "duplicate_key"),
    ("<taks id=\"x\"/>", "unknown_value"),
    ("<task id=\"x\"><outgone/></task>", "unknown_value"),
    ("<o:task xmlns:o=\"urn:other\" id=\"x\"/>", "unknown_value"),
];

#[test]
fn what_a_flow_has_not_is_told_with_its_place() {
    for (element, code) in REFUSED {
        let start = "<startEvent id=\"s\"/><task id=\"a\"/><endEvent id=\"e\"/>";
        let elements = format!("{start}{}\n{element}", ways(&["s>a", "a>e"]));
        assert_eq!(refused(&elements), [(*code, 5)], "{element}");
    }
}

#[test]
fn a_line_to_a_text_takes_nothing_back() {
    let line = "<textAnnotation id=\"t\"/><association id=\"l\" sourceRef=\"t\" targetRef=\"a\"/>";
    check(
        &format!("<startEvent id=\"s2\"/><task id=\"a\"/>{line}"),
        &["s>a", "s2>e"],
        &json!({
            "s": {"start": {}, "next": "a"}, "s2": {"start": {}, "next": "e"},
            "a": {"task": {}, "next": "a_end"}, "a_end": {"end": {}},
        }),
    );
}

#[test]
fn one_process_is_read() {
    let process = |id: &str| {
        format!(
            "<process id=\"{id}\"><startEvent id=\"s\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"/></process>"
        )
    };
    let document = |processes: &str| {
        format!(
            "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">{processes}</definitions>"
        )
    };
    let found = |processes: &str| {
        let result = bpmn::import(&document(processes));
        result
            .map(|found| found["key"].clone())
            .map_err(|problems| problems[0].code)
    };
    assert_eq!(found(&process("Process_leave")), Ok(json!("leave")));
    assert_eq!(
        found(&format!("<process id=\"black_box\"/>{}", process("b"))),
        Ok(json!("b"))
    );
    assert_eq!(
        found(&(process("a") + &process("b"))),
        Err("not_supported_yet")
    );
    assert_eq!(found(""), Err("missing_key"));
    assert_eq!(found("<choreography id=\"c\"/>"), Err("not_supported_yet"));
    assert_eq!(found("<globalTask id=\"c\"/>"), Err("not_supported_yet"));
    assert_eq!(
        bpmn::import("<process/>").unwrap_err()[0].code,
        "unknown_value"
    );
}
