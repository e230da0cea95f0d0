//! Documents that another modeler has changed say what they show.

use serde_json::{Value, json};
use signoff_core::document::keys;
use signoff_definition::{bpmn, canonical_json};

use super::{every_key, graph, round_trip};

fn flow() -> Value {
    json!({
        "format": "signoff/v1", "kind": "flow", "key": "order",
        "data": {"type": "object", "properties": {"n": {"type": "integer"}}},
        "nodes": {
            "start": {"start": {"form": ["n"], "by": ["role:staff"]}, "next": "check"},
            "check": {"if": "n > 1", "then": {"to": "lead", "seed": "n"}, "else": "end"},
            "lead": {
                "task": {"role": "lead", "due": "P1D"}, "title": "Ask the lead", "mutex": "lead",
                "on_timeout": {"after": "PT1H", "next": "end"}, "next": "vote",
            },
            "vote": {"split": ["one", "two"]},
            "one": {"task": {"user": "ann"}, "next": "enough"},
            "two": {"task": {"user": "ben"}, "next": "enough"},
            "enough": {"join": {"count": 1}, "rest": "absorb", "next": "book"},
            "book": {"job": "book", "retry": {"max": 3}, "next": "end"},
            "end": {"end": {"outcome": "done"}},
        },
    })
}

/// The nodes after `changes`, each of which finds what it changes; they compile.
#[track_caller]
fn changed(changes: &[(&str, &str)]) -> Value {
    let mut xml = bpmn::export(&flow()).unwrap();
    for (from, to) in changes {
        assert!(xml.contains(from), "{from} is not in {xml}");
        xml = xml.replacen(from, to, 1);
    }
    let document = bpmn::import(&xml).unwrap_or_else(|problems| panic!("{problems:#?}\n{xml}"));
    graph(&document).unwrap_or_else(|problems| panic!("{problems:#?}\n{document:#}"));
    document["nodes"].clone()
}

#[test]
fn a_title_is_what_is_shown() {
    let nodes = changed(&[("name=\"Ask the lead\"", "name=\"Ask him\"")]);
    let task = &nodes["lead"];
    assert_eq!(task["title"], "Ask him");
    assert_eq!(task["task"], json!({"role": "lead", "due": "P1D"}));
    assert_eq!(task["mutex"], "lead");
}

#[test]
fn a_task_that_was_put_between_is_done() {
    let nodes = changed(&[(
        "<bpmn:sequenceFlow id=\"Flow_1\" sourceRef=\"start\" targetRef=\"check\"/>",
        "<bpmn:userTask id=\"Activity_0x1\" name=\"New &amp; shiny\"/>\
             <bpmn:sequenceFlow id=\"Flow_1\" sourceRef=\"start\" targetRef=\"Activity_0x1\"/>\
             <bpmn:sequenceFlow id=\"Flow_new\" sourceRef=\"Activity_0x1\" targetRef=\"check\"/>",
    )]);
    assert_eq!(nodes["start"]["next"], "activity_0x1");
    assert_eq!(
        nodes["activity_0x1"],
        json!({"task": {}, "title": "New & shiny", "next": "check"})
    );
}

#[test]
fn conditions_times_and_ways_are_what_is_shown() {
    let nodes = changed(&[
        (">n &gt; 1<", ">n &gt; 2<"),
        (">PT1H<", ">PT2H<"),
        ("targetRef=\"lead\"", "targetRef=\"book\""),
        (
            "sourceRef=\"check\" targetRef=\"end\"",
            "sourceRef=\"check\" targetRef=\"lead\"",
        ),
    ]);
    assert_eq!(
        nodes["check"],
        json!({"if": "n > 2", "then": {"to": "book", "seed": "n"}, "else": "lead"})
    );
    assert_eq!(
        nodes["lead"]["on_timeout"],
        json!({"after": "PT2H", "next": "end"})
    );
}

#[test]
fn a_way_that_lost_its_condition_is_told() {
    let xml = bpmn::export(&flow()).unwrap();
    let xml = xml.replace("default=\"Flow_3\"", "default=\"Flow_2\"");
    let problems = bpmn::import(&xml).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["missing_key"]);
}

#[test]
fn what_a_join_waits_for_is_what_is_shown() {
    let nodes = changed(&[(">branches.done &gt;= 1<", ">branches.done &gt;= 2<")]);
    let join = json!({"join": {"when": "branches.done >= 2"}, "rest": "absorb", "next": "book"});
    assert_eq!(nodes["enough"], join);
}

#[test]
fn an_element_of_another_kind_takes_what_fits_it() {
    let nodes = changed(&[
        (
            "<bpmn:userTask id=\"lead\"",
            "<bpmn:receiveTask id=\"lead\"",
        ),
        ("</bpmn:userTask>", "</bpmn:receiveTask>"),
    ]);
    assert_eq!(nodes["lead"]["receive"], json!({"code": true}));
    assert_eq!(nodes["lead"]["mutex"], "lead");
    assert!(nodes["lead"].get("task").is_none());
}

#[test]
fn the_order_of_ways_is_that_of_the_node() {
    let flows = ["one", "two"].map(|to| format!("sourceRef=\"vote\" targetRef=\"{to}\""));
    let xml = bpmn::export(&flow()).unwrap();
    let ids = flows.map(|flow| {
        let before = xml.split(&flow).next().unwrap();
        let id = before.rsplit("id=\"").next().unwrap();
        id.split('"').next().unwrap().to_owned()
    });
    let outgoing = |id: &str| format!("<bpmn:outgoing>{id}</bpmn:outgoing>");
    let nodes = changed(&[
        (&outgoing(&ids[0]), "<bpmn:outgoing>first</bpmn:outgoing>"),
        (&outgoing(&ids[1]), &outgoing(&ids[0])),
        ("<bpmn:outgoing>first</bpmn:outgoing>", &outgoing(&ids[1])),
    ]);
    assert_eq!(nodes["vote"], json!({"split": ["two", "one"]}));
}

#[test]
fn a_gateway_is_what_its_ways_make_it() {
    let more = "<bpmn:sequenceFlow id=\"more\" sourceRef=\"vote\" targetRef=\"book\"/>";
    let nodes = changed(&[("</bpmn:process>", &format!("{more}</bpmn:process>"))]);
    assert_eq!(nodes["vote"], json!({"split": ["one", "two", "book"]}));
}

/// The document without what BPMN has no place for.
fn stripped(xml: &str) -> String {
    let mut kept = String::new();
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once("<bpmn:extensionElements>") {
        kept.push_str(before);
        rest = after.split_once("</bpmn:extensionElements>").unwrap().1;
    }
    kept + rest
}

#[test]
fn without_extensions_the_structure_stays() {
    let document = bpmn::import(&stripped(&bpmn::export(&flow()).unwrap())).unwrap();
    graph(&document).unwrap();
    let expected = json!({
        "start": {"start": {}, "next": "check"},
        "check": {"if": "n > 1", "then": "lead", "else": "end"},
        "lead": {
            "task": {}, "title": "Ask the lead", "next": "vote",
            "on_timeout": {"after": "PT1H", "next": "end"},
        },
        "vote": {"split": ["one", "two"]},
        "one": {"task": {}, "next": "enough"},
        "two": {"task": {}, "next": "enough"},
        "enough": {"join": {"when": "branches.done >= 1"}, "next": "book"},
        "book": {"function": "book", "next": "end"},
        "end": {"end": {}},
    });
    assert_eq!(
        canonical_json(&document["nodes"]),
        canonical_json(&expected)
    );
}

/// What a node leads to, in order.
fn structure(node: &Value) -> Vec<String> {
    const PARTS: &[&str] = &[
        "next",
        "then",
        "else",
        "default",
        "switch",
        "split",
        "first",
        "on_timeout",
        "on_error",
        "on_escalation",
        "compensate_with",
    ];
    let target = |way: &Value| {
        let to = way.get("to").or_else(|| way.get("next"));
        to.unwrap_or(way).to_string()
    };
    let parts = PARTS
        .iter()
        .filter_map(|part| Some((part, node.get(part)?)));
    parts
        .flat_map(|(part, value)| {
            let ways = value
                .as_array()
                .map_or_else(|| vec![value], |list| list.iter().collect());
            ways.into_iter()
                .map(move |way| format!("{part}: {}", target(way)))
        })
        .collect()
}

#[test]
fn no_structure_stands_in_extensions() {
    let mut n_compared = 0;
    for document in round_trip::repository().into_iter().chain(every_key()) {
        let xml = stripped(&bpmn::export(&document).unwrap());
        let back = bpmn::import(&xml).unwrap_or_else(|problems| panic!("{problems:#?}\n{xml}"));
        let nodes = document["nodes"].as_object().unwrap();
        // A gateway with one way in and one way out does nothing, unless an extension says so.
        if !nodes.keys().all(|key| back["nodes"].get(key).is_some()) {
            continue;
        }
        for (key, node) in nodes {
            compare(key, node, &back["nodes"][key]);
            n_compared += 1;
        }
    }
    assert!(n_compared > 100, "{n_compared}");
}

#[track_caller]
fn compare(key: &str, node: &Value, found: &Value) {
    let kind = |node: &Value| {
        let mut kinds = keys::NODE_KIND.iter().copied();
        kinds.find(|kind| node.get(kind).is_some())
    };
    // Without an extension there is one kind for both.
    let same = |kind: Option<&'static str>| match kind {
        Some("job") => Some("function"),
        Some("switch") => Some("if"),
        kind => kind,
    };
    assert_eq!(same(kind(found)), same(kind(node)), "{key}: {found}");
    if kind(node) == kind(found) {
        assert_eq!(structure(found), structure(node), "{key}");
    }
}
