//! Documents of flows: every problem at once, each with its code and place.

use serde_json::{Value, json};
use signoff_core::{
    document::keys,
    graph::{Graph, IfRunning, NodeKind},
};

use crate::documents::{problems, publish, with};

/// A flow with every kind of node, in which each case changes something.
pub(crate) fn base() -> Value {
    json!({
        "format": "signoff/v1",
        "kind": "flow",
        "key": "doc",
        "data": {"type": "object", "required": ["n"], "properties": {
            "n": {"type": "number"},
            "opt": {"type": "string"},
            "flag": {"type": "boolean", "default": false},
            "found": {},
            "box": {"type": "object", "properties": {"a": {}}},
        }},
        "forms": {"review": {"type": "object"}},
        "nodes": {
            "start": {"start": {"form": ["n"], "by": ["role:a"]}, "next": "first"},
            "first": {"task": {"role": "a", "form": ["opt?"]}, "next": "pick"},
            "pick": {"if": "flag", "then": "fork", "else": "route"},
            "route": {"switch": [{"when": "n >= 5", "to": "call"}], "default": "work"},
            "call": {"function": "look_up", "with": {"x": "${ n }"}, "into": "found", "next": "end"},
            "work": {
                "job": "run_it",
                "on_timeout": {"after": "PT1H", "interrupting": false, "next": "nag"},
                "next": "end",
            },
            "nag": {"job": "nag_it", "next": "nagged"},
            "nagged": {"end": {}},
            "fork": {"split": ["left", {"to": "right", "when": "flag"}]},
            "left": {
                "task": {"requester": true},
                "on_timeout": [{"after": "P1D", "next": "stop"}],
                "next": "both",
            },
            "right": {"task": {"approvals": [{"user": "b"}]}, "next": "both"},
            "both": {"join": "all", "next": "end"},
            "stop": {"terminate": {}},
            "end": {"end": {}},
        },
    })
}

/// The worked examples, as JSON.
pub(crate) fn examples() -> [Value; 2] {
    [
        include_str!("../../testdata/hello_world.json"),
        include_str!("../../testdata/shipment.json"),
    ]
    .map(|text| serde_json::from_str(text).unwrap())
}

fn graph(document: &Value) -> Graph {
    publish(document).unwrap().graph
}

#[test]
fn good_flows_have_no_errors() {
    assert_eq!(problems(&base()), []);
    for example in examples() {
        graph(&example);
    }
}

#[test]
fn one_wrong_thing_in_a_flow_is_told_at_its_place() {
    let text = include_str!("../../testdata/flow_problems.txt");
    let rows = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = Vec::new();
    for row in rows {
        let (place, rest) = row.split_once(" = ").unwrap();
        let (value, expected) = rest.rsplit_once(" -> ").unwrap();
        let document = with(base(), place, serde_json::from_str(value).unwrap());
        let told: Vec<String> = problems(&document)
            .iter()
            .map(|problem| format!("{} {}", problem.code, problem.path.as_str()))
            .map(|problem| problem.trim_end().to_owned())
            .collect();
        let mut left = told.clone();
        let mut missing = Vec::new();
        for wanted in expected.split("; ").filter(|wanted| !wanted.is_empty()) {
            let before = left.len();
            match wanted.strip_suffix('*') {
                Some(code) => left.retain(|found| !found.starts_with(code)),
                None => left.retain(|found| found != wanted),
            }
            if left.len() == before {
                missing.push(wanted);
            }
        }
        if !(left.is_empty() && missing.is_empty()) {
            wrong.push(format!("{row}\n    told {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A node of each kind that the good flow lacks.
fn other_kinds() -> Value {
    json!({
        "set": {"set": {"n": "n"}, "next": "end"},
        "receive": {"receive": {"message": "m", "key": "n"}, "into": "found", "next": "end"},
        "timer": {"timer": {"after": "P1D"}, "next": "end"},
        "wait": {"wait": "flag", "next": "end"},
        "first": {"first": ["first", "left"]},
        "subprocess": {"subprocess": {"workflow": "w", "for_each": "[1, 2]"}, "next": "end"},
        "signal": {"signal": {"throw": "s"}, "with": {"x": "${ n }"}, "next": "end"},
        "raise": {"raise": "code", "next": "end"},
        "compensate": {"compensate": "all", "next": "end"},
        "fail": {"fail": {"code": "c"}},
    })
}

#[test]
fn every_kind_of_node_is_published() {
    let others = other_kinds();
    for kind in keys::NODE_KIND {
        let mut document = base();
        let nodes = document["nodes"].as_object_mut().unwrap();
        if let Some(node) = others.get(*kind) {
            nodes["work"] = node.clone();
            nodes.shift_remove("nag");
            nodes.shift_remove("nagged");
        }
        let there = nodes.values().any(|node| node.get(*kind).is_some());
        assert!(there, "no node is a `{kind}`");
        let found = problems(&document);
        // `left` is come to from outside its split too.
        let found = found
            .iter()
            .filter(|found| found.code != "intersecting_scopes");
        assert_eq!(found.count(), 0, "{kind}: {:?}", problems(&document));
    }
}

#[test]
fn a_flow_becomes_the_graph_it_says() {
    let graph = graph(&base());
    assert_eq!(graph.first().as_str(), "first");
    assert_eq!(graph.start().if_running, IfRunning::Allow);
    assert_eq!(graph.start().by, ["role:a".parse().unwrap()]);
    assert!(graph.node(&"start".into()).is_none());
    let names: Vec<&str> = graph.function_names().chain(graph.action_names()).collect();
    assert_eq!(names, ["look_up", "nag_it", "run_it"]);
    let targets = |key: &str| -> Vec<String> {
        let node = graph.node(&key.into()).unwrap();
        node.targets().iter().map(ToString::to_string).collect()
    };
    assert_eq!(targets("pick"), ["fork", "route"]);
    assert_eq!(targets("route"), ["call", "work"]);
    assert_eq!(targets("fork"), ["left", "right"]);
    assert_eq!(targets("left"), ["both", "stop"]);
    assert_eq!(targets("end"), [""; 0]);
    let right = graph.node(&"right".into()).unwrap();
    assert!(matches!(right.kind, NodeKind::Approval(_)));
}

#[test]
fn if_running_can_be_said_otherwise() {
    for (word, expected) in [("refuse", IfRunning::Refuse), ("return", IfRunning::Return)] {
        let document = with(base(), "/if_running", json!(word));
        assert_eq!(graph(&document).start().if_running, expected);
    }
}

/// What is said of approvals by default does not hinder a plain task.
#[test]
fn defaults_of_approvals_leave_tasks_alone() {
    let defaults = json!({"select": "consensus", "behaviour": "move", "due": "P2D"});
    let graph = graph(&with(base(), "/defaults", defaults));
    let NodeKind::Task(task) = &graph.node(&"first".into()).unwrap().kind else {
        unreachable!("a task is a task")
    };
    let plain = signoff_core::graph::EntrySpec::new(task.entry.who.clone());
    assert_eq!(
        (task.entry.duty, task.entry.behaviour),
        (plain.duty, plain.behaviour)
    );
    assert!(task.entry.due.is_some());
}

/// A way beside its host may have a join of its own, even where the host is come to again.
#[test]
fn a_way_beside_a_host_in_a_loop_may_join() {
    let nodes = json!({
        "start": {"start": {}, "next": "host"},
        "host": {
            "task": {"role": "a"},
            "on_timeout": {"after": "P1D", "interrupting": false, "next": "both"},
            "next": "again",
        },
        "both": {"split": ["x", "y"]},
        "x": {"job": "x", "next": "met"},
        "y": {"job": "y", "next": "met"},
        "met": {"join": "all", "next": "end"},
        "again": {"if": "flag", "then": "host", "else": "end"},
        "end": {"end": {}},
    });
    assert_eq!(problems(&with(base(), "/nodes", nodes)), []);
}

fn scopes(nodes: &Value) -> Vec<(&'static str, String)> {
    let mut all = json!({
        "start": {"start": {}, "next": "s"},
        "s": {"split": ["a", "t"]},
        "a": {"task": {"role": "a"}, "next": "j"},
        "t": {"split": ["b", "c"]},
        "b": {"task": {"role": "a"}, "next": "k"},
        "c": {"task": {"role": "a"}, "next": "k"},
        "k": {"join": "all", "next": "j"},
        "j": {"join": "all", "next": "end"},
        "end": {"end": {}},
    });
    let changed = nodes.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(changed);
    let found = problems(&with(base(), "/nodes", all));
    let shown = found
        .iter()
        .map(|found| (found.code, found.path.as_str().to_owned()));
    shown.collect()
}

#[test]
fn a_join_closes_one_scope_and_no_other() {
    let task = |next: &str| json!({"task": {"role": "a"}, "next": next});
    let choice =
        |then: &str, otherwise: &str| json!({"if": "flag", "then": then, "else": otherwise});
    let good = [
        json!({}),
        json!({"b": task("end")}),
        json!({"c": choice("k", "end")}),
        json!({"j": {"join": "all", "next": "again"}, "again": choice("s", "end")}),
        json!({"start": {"start": {}, "next": "if"}, "if": choice("s", "j")}),
    ];
    for nodes in good {
        let found = scopes(&nodes);
        let expected = found.iter().filter(|(code, _)| *code != "unreachable_node");
        assert_eq!(expected.count(), 0, "{nodes} {found:?}");
    }
    for nodes in [
        json!({"k": {"join": "all", "next": "end"}, "b": task("j"), "c": task("j")}),
        json!({"b": task("j")}),
        json!({"b": choice("j", "k")}),
        json!({"c": {"task": {"role": "a"}, "on_timeout": {"after": "P1D", "next": "j"}, "next": "k"}}),
        json!({"a": task("k")}),
    ] {
        let found = scopes(&nodes);
        let expected = found
            .iter()
            .filter(|(code, _)| *code == "intersecting_scopes");
        assert!(expected.count() > 0, "{nodes} {found:?}");
    }
}

#[test]
fn a_split_does_not_open_inside_itself() {
    let task = |next: &str| json!({"task": {"role": "a"}, "next": next});
    for (nodes, place) in [
        (
            json!({"a": {"if": "flag", "then": "s", "else": "j"}}),
            "/nodes/s",
        ),
        // Ever more branches that only end.
        (
            json!({"t": {"split": ["b", "t"]}, "b": task("end")}),
            "/nodes/t",
        ),
    ] {
        let mut found = scopes(&nodes);
        found.retain(|(code, _)| *code != "unreachable_node");
        let expected = [("unbounded_scopes", place.to_owned())];
        assert_eq!(found, expected, "{nodes}");
    }
}

#[test]
fn megabytes_in_a_flow_stay_out_of_messages() {
    let long = "x".repeat(1 << 20);
    for (place, value) in [
        (format!("/nodes/{long}"), json!({"end": {}})),
        (format!("/nodes/first/{long}"), json!(1)),
        ("/nodes/first/next".to_owned(), json!(long)),
        ("/nodes/first/task/form".to_owned(), json!([long])),
        ("/nodes/call/function".to_owned(), json!(long)),
        ("/nodes/call/into".to_owned(), json!(format!("{long}..y"))),
        ("/nodes/both/join".to_owned(), json!(long)),
        ("/nodes/fork/split".to_owned(), json!([long])),
        ("/nodes/work/on_timeout/next".to_owned(), json!(long)),
    ] {
        let found = problems(&with(base(), &place, value));
        assert!(!found.is_empty(), "{}", &place[..place.len().min(80)]);
        for problem in found {
            let help = problem.help.as_ref().map_or(0, String::len);
            assert!(problem.message.len() + help < 600, "{}", problem.code);
        }
    }
}
