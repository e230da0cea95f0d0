//! Compiling a large definition, from its JSON value to the graph.

use std::time::Duration;

use anyhow::ensure;
use serde_json::{Map, Value, json};

use crate::{
    host,
    measure::{Busy, percentile},
};

/// Nodes of one section of the definition.
const SECTION: usize = 20;

/// A flow with so many nodes besides its start, in sections: a condition with two ways, a chain,
/// a split in a split with their joins, tasks with forms.
pub(crate) fn document(nodes: usize) -> Value {
    let mut all = Map::new();
    all.insert(
        "start".to_owned(),
        json!({"start": {"form": ["amount"]}, "next": "decide_0"}),
    );
    let sections = nodes / SECTION;
    for n in 0..sections {
        section(&mut all, n, sections);
    }
    json!({
        "format": "signoff/v1",
        "kind": "flow",
        "key": "large",
        "data": {
            "type": "object",
            "required": ["amount"],
            "properties": {
                "amount": {"type": "number"},
                "note": {"type": "string"},
                "result": {"type": "integer"},
            },
        },
        "nodes": all,
    })
}

/// Twenty nodes; the last leads to the next section, or ends.
fn section(nodes: &mut Map<String, Value>, n: usize, sections: usize) {
    let at = |name: &str| format!("{name}_{n}");
    let way = |to: &str, when: &str| json!({"to": at(to), "when": when});
    let amount = 100 * n;
    let last = if n + 1 == sections {
        json!({"end": {}})
    } else {
        json!({"set": {"note": "'on'"}, "next": format!("decide_{}", n + 1)})
    };
    let mut add = |name: &str, node: Value| nodes.insert(at(name), node);
    add(
        "decide",
        json!({"if": format!("amount > {amount}"), "then": at("large"), "else": at("small")}),
    );
    add(
        "large",
        json!({"task": {"role": "board", "form": ["note"]}, "next": at("call")}),
    );
    add(
        "small",
        json!({"task": {"role": "clerk", "form": ["note?"]}, "next": at("call")}),
    );
    add(
        "call",
        json!({"function": "step", "with": {"amount": "${ amount }"}, "into": "result", "next": at("keep")}),
    );
    add(
        "keep",
        json!({"set": {"note": "'kept'", "result": "2"}, "next": at("outer")}),
    );
    add(
        "outer",
        json!({"split": [at("left"), at("inner"), way("right", "amount >= 500")]}),
    );
    add(
        "left",
        json!({"task": {"role": "clerk"}, "next": at("left_call")}),
    );
    add("left_call", json!({"function": "step", "next": at("meet")}));
    add(
        "inner",
        json!({"split": [at("one"), at("two"), way("three", "amount < 900")]}),
    );
    for name in ["one", "two", "three"] {
        add(name, json!({"task": {"role": "clerk"}, "next": at("met")}));
    }
    add("met", json!({"join": "all", "next": at("after")}));
    add("after", json!({"function": "step", "next": at("meet")}));
    add(
        "right",
        json!({"task": {"user": "ben"}, "next": at("meet")}),
    );
    add(
        "meet",
        json!({"join": {"count": 2}, "rest": "cancel", "next": at("sort")}),
    );
    add(
        "sort",
        json!({"switch": [way("high", "amount > 9000 && note != ''")], "default": at("low")}),
    );
    add(
        "high",
        json!({"job": "send", "with": {"note": "${ note }"}, "next": at("last")}),
    );
    add("low", json!({"function": "step", "next": at("last")}));
    add("last", last);
}

/// The time that one compilation takes.
pub(crate) fn once(document: &Value, nodes: usize) -> anyhow::Result<Duration> {
    let began = Busy::new();
    let graph = host::compiled(document)?;
    let took = began.elapsed();
    let count = graph.nodes().count();
    ensure!(count == nodes, "the graph has {count} nodes, not {nodes}");
    Ok(took)
}

/// The median of so many compilations.
pub(crate) fn median(nodes: usize, times: usize) -> anyhow::Result<Duration> {
    let document = document(nodes);
    let each: Vec<Duration> = (0..times)
        .map(|_| once(&document, nodes))
        .collect::<anyhow::Result<_>>()?;
    Ok(percentile(&each, 50))
}
