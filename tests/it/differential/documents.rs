//! Random sets of definitions: generated ones, and those of the examples and patterns.

use std::{path::Path, sync::LazyLock};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::{
    pieces::{Kind, Need, Piece, Plan, Planned, pieces},
    steps_random::{Step, document, steps},
};

/// What is published, as YAML or JSON.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    flow: Vec<Piece>,
    steps: Vec<Step>,
    known: Vec<prop::sample::Index>,
}

/// Every definition that the project brings, apart from those that only tests of failures need.
static KNOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["patterns", "workflows", "../examples"] {
        let entries = std::fs::read_dir(here.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    let files = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
});

/// Every way of an approval that needs votes, turns, managers and time.
const APPROVAL: &str = "
format: signoff/v1
kind: approval
key: leave
title: {en: Leave a_b, ar: طلب إجازة}
managers: [role:boss]
viewers: [role:chief]
indexed: [amount, customer]
data: {type: object, properties: {amount: {type: number}, customer: {type: string}, go: {type: integer}}}
if_running: allow
defaults: {due: P1D, remind: [PT4H], escalate: {after: PT10H, to: {manager_of: assignee}}}
approvals:
  - {role: clerk, select: round_robin}
  - {role: lead, select: consensus, when_due: approve}
  - {role: manager, exclude: [requester]}
";

pub(super) fn documents() -> impl Strategy<Value = Documents> {
    let known = prop::collection::vec(any::<prop::sample::Index>(), 1..3);
    (pieces(), steps(), known).prop_map(|(flow, steps, known)| Documents { flow, steps, known })
}

impl Documents {
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = vec![
            APPROVAL.to_owned(),
            flow(&Plan::of(&self.flow)).to_string(),
            document(&self.steps).to_string(),
        ];
        texts.extend(self.known.iter().map(|index| index.get(&KNOWN).clone()));
        texts
    }
}

/// The document of a plan.
fn flow(plan: &Plan) -> Value {
    let mut nodes = Map::new();
    nodes.insert("start".to_owned(), json!({"start": {}, "next": plan.first}));
    for (key, planned) in &plan.nodes {
        nodes.insert(key.clone(), node(key, planned));
    }
    json!({
        "format": "signoff/v1", "kind": "flow", "key": "wander", "managers": ["role:boss"],
        "data": {"type": "object", "properties": {
            "n": {"type": "string", "default": "a"},
            "lines": {"type": "array", "default": [1, 2]},
        }},
        "nodes": nodes,
    })
}

fn node(key: &str, planned: &Planned) -> Value {
    let mut node = match &planned.kind {
        Kind::End => json!({"end": {}}),
        Kind::First(nodes) => json!({"first": nodes}),
        Kind::Function { broken } => json!({"function": if *broken { "nobody" } else { "work" }}),
        Kind::If(cases, default) => {
            let cases = cases
                .iter()
                .map(|(when, to)| json!({"when": when.source(), "to": to}));
            let cases: Vec<Value> = cases.collect();
            match default {
                Some(default) => json!({"switch": cases, "default": default}),
                None => json!({"switch": cases}),
            }
        }
        Kind::Join(need, absorbs) => {
            let need = match need {
                Need::All => json!("all"),
                Need::Any => json!("any"),
                Need::Count(n) => json!({"count": n}),
            };
            json!({"join": need, "rest": if *absorbs { "absorb" } else { "cancel" }})
        }
        Kind::Set => json!({"set": {key: "\"set\""}}),
        Kind::Split(branches) => {
            let branches = branches.iter().map(|branch| {
                let mut way = json!({"to": branch.to, "when": branch.when.source()});
                if branch.each {
                    way["for_each"] = json!("lines");
                    way["as"] = json!("line");
                }
                way
            });
            json!({"split": branches.collect::<Vec<_>>()})
        }
        Kind::Task { form: true } => json!({"task": {"user": "rita", "form": ["n"]}}),
        Kind::Task { form: false } => json!({"task": {"user": "rita"}}),
        Kind::Terminate => json!({"terminate": {}}),
    };
    if let Some(next) = &planned.next {
        node["next"] = json!(next);
    }
    let timeouts = planned.timeouts.iter().map(|late| {
        let after = format!("PT{}H", late.hours);
        json!({"after": after, "interrupting": late.interrupting, "next": late.to})
    });
    let timeouts: Vec<Value> = timeouts.collect();
    if !timeouts.is_empty() {
        node["on_timeout"] = json!(timeouts);
    }
    if let Some(to) = &planned.on_error {
        node["on_error"] = json!([{"next": to}]);
    }
    node
}
