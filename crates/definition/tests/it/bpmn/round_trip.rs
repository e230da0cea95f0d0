//! A flow that is exported and imported compiles to the same graph.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use signoff_core::{document::keys, problem::Problem};
use signoff_definition::{Format, bpmn, canonical_json, parse, to_yaml};

use super::{every_key, graph};

/// What comes back compiles to the same graph, or has the same problems: a flow at random need not be
/// sound.
#[track_caller]
pub(super) fn check(document: &Value) {
    let xml = bpmn::export(document).unwrap();
    let back = bpmn::import(&xml).unwrap_or_else(|problems| panic!("{problems:#?}\n{xml}"));
    match (graph(document), graph(&back)) {
        (Ok(before), Ok(after)) => assert!(before == after, "{document:#}\n{back:#}"),
        (Err(before), Err(after)) => assert_eq!(codes(&before), codes(&after), "{document:#}"),
        (before, after) => panic!("{before:#?}\n{after:#?}\n{document:#}\n{back:#}"),
    }
    // What came back once comes back as it is.
    let again = bpmn::import(&bpmn::export(&back).unwrap()).unwrap();
    assert_eq!(canonical_json(&again), canonical_json(&back));
}

fn codes(problems: &[Problem]) -> BTreeSet<(&str, String)> {
    let errors = problems.iter().filter(|problem| problem.is_error());
    errors
        .map(|problem| (problem.code, problem.path.to_string()))
        .collect()
}

/// Every YAML file below the folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if Format::from_path(&path) == Some(Format::Yaml) {
            found.push(path);
        }
    }
}

/// Every flow in the value.
fn flows<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) if map.contains_key("nodes") && map.contains_key("kind") => {
            found.push(value);
        }
        Value::Object(map) => map.values().for_each(|value| flows(value, found)),
        Value::Array(items) => items.iter().for_each(|value| flows(value, found)),
        _ => {}
    }
}

/// Every flow of the repository that compiles.
pub(super) fn repository() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for folder in ["examples", "tests"] {
        files(&root.join(folder), &mut paths);
    }
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let Ok(parsed) = parse(&text, Format::Yaml) else {
            continue;
        };
        let mut found = Vec::new();
        flows(&parsed.value, &mut found);
        // Some scenarios are about definitions that are refused.
        let compiling = found.into_iter().filter(|document| graph(document).is_ok());
        all.extend(compiling.cloned());
    }
    assert!(all.len() > 20, "{}", all.len());
    all
}

#[test]
fn every_flow_of_the_repository_comes_back() {
    for document in repository() {
        check(&document);
    }
}

#[test]
fn every_key_comes_back() {
    for document in every_key() {
        check(&document);
    }
}

/// Every key of every mapping below the value.
fn keys_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.keys().cloned());
            map.values().for_each(|value| keys_of(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| keys_of(value, found)),
        _ => {}
    }
}

#[test]
fn the_flows_of_every_key_have_every_key() {
    let mut found = BTreeSet::new();
    for document in every_key() {
        keys_of(&document["nodes"], &mut found);
    }
    let lists = [
        keys::NODE_KIND,
        keys::NODE,
        keys::NODE_EXTRA,
        keys::END,
        keys::BOUNDARY,
        keys::START_NODE,
        keys::WAY,
        keys::BRANCH,
        keys::CASE,
        keys::JOIN_MAP,
        keys::RECEIVE,
        keys::TIMER,
        keys::SUBPROCESS,
        keys::SIGNAL,
        keys::FAIL,
        keys::MUTEX,
        keys::CATCH,
        keys::TIMEOUT,
    ];
    let missing: Vec<&&str> = lists
        .iter()
        .flat_map(|list| list.iter())
        .filter(|key| !found.contains(**key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_plain_flow_comes_back_word_for_word() {
    let text = "format: signoff/v1\nkind: flow\nkey: hello\ntitle: Hello world\nnodes:\n  \
                start:\n    start: {}\n    next: ask\n  ask:\n    task:\n      role: lead\n    \
                title: Ask somebody\n    next: end\n  end:\n    end: {}\n";
    let document = parse(text, Format::Yaml).unwrap().value;
    let back = bpmn::import(&bpmn::export(&document).unwrap()).unwrap();
    assert_eq!(to_yaml(&back), text);
}

#[test]
fn tests_are_left_out() {
    let flow = json!({
        "format": "signoff/v1", "kind": "flow", "key": "a",
        "nodes": {"start": {"start": {}, "next": "end"}, "end": {"end": {}}},
    });
    let mut tested = flow.clone();
    tested["tests"] = json!([{"scenario": "one", "steps": []}]);
    let back = bpmn::import(&bpmn::export(&tested).unwrap()).unwrap();
    assert_eq!(canonical_json(&back), canonical_json(&flow));
}

#[test]
fn what_is_no_flow_is_not_written() {
    let approval = json!({"format": "signoff/v1", "kind": "approval", "key": "a", "approvals": [{"user": "ann"}]});
    let problems = bpmn::export(&approval).unwrap_err();
    assert_eq!(problems[0].code, "not_supported_yet");
    let nowhere = json!({
        "format": "signoff/v1", "kind": "flow", "key": "a",
        "nodes": {
            "start": {"start": {}, "next": "gone"},
            "back": {"task": {}, "on_timeout": {"after": "PT1H", "next": "start"}, "next": "start"},
        },
    });
    let problems = bpmn::export(&nowhere).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.code, problem.path.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("dangling_reference", "/nodes/start/next"),
            ("dangling_reference", "/nodes/back/next"),
            ("dangling_reference", "/nodes/back/on_timeout/next"),
        ]
    );
    assert_eq!(bpmn::export(&json!([])).unwrap_err()[0].code, "wrong_type");
}
