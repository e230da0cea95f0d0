//! Definitions that extend others, without an engine.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signoff_core::problem::Problem;
use signoff_definition::{
    Format,
    extends::{Base, BaseRef, Resolved, pin, resolve},
    parse,
};

fn value(text: &str) -> Value {
    parse(text, Format::Yaml).unwrap().value
}

/// Resolves among published documents, version 3 each; those whose key begins with `new` are not
/// published yet.
fn resolved(text: &str, bases: &[&str]) -> Result<Resolved, Vec<Problem>> {
    let known: BTreeMap<String, Value> = bases
        .iter()
        .map(|text| value(text))
        .map(|base| (base["key"].as_str().unwrap().to_owned(), base))
        .collect();
    resolve(value(text), &|by: &BaseRef| {
        let document = known.get(&by.workflow)?.clone();
        let version = (!by.workflow.starts_with("new")).then_some(3);
        let fits = by.version.is_none() || by.version == version;
        fits.then_some(Base { version, document })
    })
}

#[track_caller]
fn whole(text: &str, bases: &[&str], expected: &str) -> Value {
    let found = resolved(text, bases).unwrap().document;
    assert_eq!(found, value(expected), "{found:#}");
    let again = parse(&found.to_string(), Format::Json).unwrap().value;
    let again = resolved(&again.to_string(), bases).unwrap().document;
    assert_eq!(again, found, "resolved again, it is the same");
    found
}

#[track_caller]
fn refused(text: &str, bases: &[&str], code: &str, path: &str, words: &str) {
    let problems = resolved(text, bases).unwrap_err();
    let [problem] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!((problem.code, problem.path.as_str()), (code, path));
    assert!(problem.message.contains(words), "{}", problem.message);
}

const FLOW: &str = "
format: signoff/v1
kind: flow
key: parcel
title: Parcel
tests: [{scenario: none}]
managers: [role:boss]
nodes:
  start: {start: {by: [role:clerk]}, next: pack}
  pack: {task: {role: clerk}, title: Pack it, next: ship}
  ship: {function: ship, next: end}
  end: {end: {}}
";

#[test]
fn nodes_are_inherited_overridden_added_and_taken_out() {
    whole(
        "
key: gift
title: Gift
extends: {workflow: parcel, without: [ship]}
nodes:
  pack: {title: Wrap it, next: call}
  end: {terminate: {}}
  call: {task: {role: clerk}, next: end}
",
        &[FLOW],
        "
key: gift
title: Gift
extends: {workflow: parcel, version: 3, without: [ship]}
kind: flow
managers: [role:boss]
nodes:
  start: {start: {by: [role:clerk]}, next: pack}
  pack: {task: {role: clerk}, title: Wrap it, next: call}
  end: {terminate: {}}
  call: {task: {role: clerk}, next: end}
",
    );
}

const APPROVAL: &str = "
kind: approval
key: buy
forms: {note: {type: object}}
defaults: {due: P3D}
pipelines:
  - key: legal
    department: law
    stages:
      - {key: check, color: '#ff0000', approvals: [{role: clerk}]}
      - {key: sign, approvals: [{role: boss}]}
  - {key: pay, approvals: [{role: cashier}]}
";

#[test]
fn pipelines_and_stages_change_by_key_and_new_ones_have_their_place() {
    whole(
        "
kind: approval
key: lease
extends: buy
forms: {car: {type: object}}
defaults: {due: P1D}
pipelines:
  - {key: ask, approvals: [{role: clerk}]}
  - key: legal
    title: Law
    stages:
      - {key: check, approvals: [{user: ann}]}
      - {key: audit, approvals: [{role: auditor}]}
  - {key: store, approvals: [{role: clerk}]}
",
        &[APPROVAL],
        "
kind: approval
key: lease
extends: {workflow: buy, version: 3}
forms: {note: {type: object}, car: {type: object}}
defaults: {due: P1D}
pipelines:
  - {key: ask, approvals: [{role: clerk}]}
  - key: legal
    title: Law
    department: law
    stages:
      - {key: check, color: '#ff0000', approvals: [{user: ann}]}
      - {key: audit, approvals: [{role: auditor}]}
      - {key: sign, approvals: [{role: boss}]}
  - {key: store, approvals: [{role: clerk}]}
  - {key: pay, approvals: [{role: cashier}]}
",
    );
    let without = "{key: small, extends: {workflow: buy, version: 3, without: [legal]}}";
    let found = resolved(without, &[APPROVAL]).unwrap().document;
    assert_eq!(
        found["pipelines"],
        value("[{key: pay, approvals: [{role: cashier}]}]")
    );
}

#[test]
fn steps_take_their_transitions_along() {
    let steps = "
kind: steps
key: case
steps: [{key: open, initial: true}, {key: check}, {key: done, final: true}]
transitions: [{from: open, to: check}, {from: check, to: done}, {from: open, to: done, when: data.x}]
";
    whole(
        "
key: fast
extends: {workflow: case, without: check}
steps: [{key: open, title: Opened}]
transitions: [{from: open, to: done, when: 'true'}]
",
        &[steps],
        "
key: fast
kind: steps
extends: {workflow: case, version: 3, without: check}
steps: [{key: open, initial: true, title: Opened}, {key: done, final: true}]
transitions: [{from: open, to: done, when: 'true'}]
",
    );
}

#[test]
fn a_transition_is_changed_for_some_of_the_steps_that_it_leaves() {
    let steps = "
kind: steps
key: case
steps: [{key: open, initial: true}, {key: check}, {key: hold}, {key: done, final: true}]
transitions: [{from: [open, check, hold], to: done, validate: ready}, {from: '*', to: hold}]
";
    whole(
        "
key: fast
extends: {workflow: case, without: hold}
transitions: [{from: open, to: done, validate: quick, when: data.x}]
",
        &[steps],
        "
key: fast
kind: steps
extends: {workflow: case, version: 3, without: hold}
steps: [{key: open, initial: true}, {key: check}, {key: done, final: true}]
transitions: [{from: [check], to: done, validate: ready}, {from: open, to: done, validate: quick, when: data.x}]
",
    );
}

#[test]
fn a_base_may_extend_another_and_be_published_with_it() {
    let middle = "{key: new_middle, extends: parcel, nodes: {pack: {title: Wrap it}}}";
    let found = resolved("{key: last, extends: new_middle}", &[FLOW, middle]).unwrap();
    assert_eq!(found.unpublished, 1);
    assert_eq!(found.document["nodes"]["pack"]["title"], "Wrap it");
    let mut document = found.document;
    assert_eq!(document["extends"], json!({"workflow": "new_middle"}));
    pin(&mut document, |base| (base == "new_middle").then_some(7));
    assert_eq!(document["extends"]["version"], 7);
    pin(&mut document, |_| Some(8));
    assert_eq!(document["extends"]["version"], 7);
}

#[test]
fn bases_that_cannot_be_are_refused_with_their_place() {
    refused(
        "{key: a, extends: nobody}",
        &[],
        "unknown_base",
        "/extends",
        "nothing of `nobody`",
    );
    let old = "{key: a, extends: {workflow: parcel, version: 2}}";
    refused(
        old,
        &[FLOW],
        "unknown_base",
        "/extends",
        "no version 2 of `parcel`",
    );
    let itself = "{key: parcel, extends: parcel}";
    refused(
        itself,
        &[FLOW],
        "extends_cycle",
        "/extends",
        "`parcel` extends `parcel`",
    );
    for other in ["b", "new_b"] {
        let back = format!("{{key: {other}, extends: a}}");
        let there = format!("{{key: a, extends: {other}}}");
        let words = format!("`a` extends `{other}` extends `a`");
        refused(
            &there,
            &[&*back, &*there],
            "extends_cycle",
            "/extends",
            &words,
        );
    }
    let kind = "{key: a, kind: Approval, extends: parcel}";
    refused(
        kind,
        &[FLOW],
        "base_of_other_kind",
        "/kind",
        "of the kind `flow`",
    );
    let same = "{key: a, kind: Flow, extends: parcel}";
    assert!(resolved(same, &[FLOW]).is_ok());
}

#[test]
fn what_the_base_does_not_have_can_be_neither_changed_nor_taken_out() {
    for (text, base, path, words) in [
        (
            "{key: a, extends: {workflow: parcel, without: [end, chip]}}",
            FLOW,
            "/extends/without/1",
            "`chip`",
        ),
        (
            "{key: a, extends: parcel, nodes: {pakc: {title: x}}}",
            FLOW,
            "/nodes/pakc",
            "node `pakc`",
        ),
        (
            "{key: a, extends: {workflow: parcel, without: pack}, nodes: {pack: {next: end}}}",
            FLOW,
            "/nodes/pack",
            "node `pack`",
        ),
        (
            "{key: a, extends: buy, pipelines: [{key: loyal, title: x}]}",
            APPROVAL,
            "/pipelines/0",
            "pipeline `loyal`",
        ),
        (
            "{key: a, extends: buy, pipelines: [{key: legal, stages: [{key: pay, title: x}]}]}",
            APPROVAL,
            "/pipelines/0/stages/0",
            "stage `pay`",
        ),
    ] {
        refused(text, &[base], "not_inherited", path, words);
    }
}

#[test]
fn a_chain_has_an_end() {
    let chain: Vec<String> = (0..40)
        .map(|n| format!("{{key: new_{n}, extends: new_{}}}", n + 1))
        .collect();
    let known: Vec<&str> = chain.iter().map(String::as_str).collect();
    refused(&chain[0], &known, "limit_exceeded", "/extends", "32");
}

#[test]
fn what_is_wrong_with_an_inherited_part_is_told_at_extends() {
    let own = "
key: lease
extends: buy
pipelines:
  - key: legal
    stages: [{key: check, approvals: [{user: ann}]}, {key: audit, approvals: [{role: auditor}]}]
";
    let found = resolved(own, &[APPROVAL]).unwrap();
    for (path, expected) in [
        (
            "/pipelines/0/stages/1/approvals/0",
            "/pipelines/0/stages/1/approvals/0",
        ),
        ("/pipelines/0/stages/2/approvals/0", "/extends"),
        ("/pipelines/1", "/extends"),
        ("/forms/note", "/extends"),
        ("/extends/version", "/extends"),
        ("/key", "/key"),
        ("", ""),
    ] {
        let path = signoff_core::pointer::Pointer::from_encoded(path);
        let mut problems = [Problem::error("wrong_type", path.clone(), "bad")];
        found.locate(&mut problems);
        assert_eq!(problems[0].path.as_str(), expected, "{path}");
        let inherited = expected == "/extends" && !path.as_str().starts_with("/extends");
        assert_eq!(problems[0].message.contains("of the base `buy`"), inherited);
    }
}

#[test]
fn any_document_is_answered() {
    for own in [
        "{extends: 1}",
        "{extends: [parcel]}",
        "{extends: {workflow: parcel, version: x}}",
        "{extends: {workflow: parcel, without: [1, {}]}}",
        "{extends: parcel, nodes: []}",
        "{extends: parcel, nodes: {pack: 1}}",
        "{extends: parcel, pipelines: {}}",
        "{extends: parcel, pipelines: [1, {key: 2, stages: 3}]}",
        "{extends: buy, pipelines: [{key: legal, stages: {}}, {key: legal}, {stages: [1]}]}",
    ] {
        let _ = resolved(own, &[FLOW, APPROVAL]);
    }
    assert!(resolve(json!([]), &|_| None).is_ok());
    let list = resolve(value("{extends: a}"), &|_| {
        Some(Base {
            version: Some(1),
            document: json!([]),
        })
    });
    assert_eq!(list.unwrap_err()[0].code, "unknown_base");
}
