//! Known cases: a flow, and all that is found in it, with the path that shows it.

use serde_json::{Map, Value, json};

use crate::documents::problems;

/// The reader of `testdata/check.txt`: mappings and lists as in YAML's flow style, whose words are
/// texts, numbers and truth values.
fn value(text: &str) -> Value {
    let mut json = String::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if "{}[],:".contains(c) || c.is_whitespace() {
            let literal = word.parse::<f64>().is_ok() || word == "true" || word == "false";
            match literal {
                _ if word.is_empty() => {}
                true => json.push_str(&word),
                false => json.push_str(&Value::from(word.as_str()).to_string()),
            }
            word.clear();
            json.push(c);
        } else {
            word.push(c);
        }
    }
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn document(lines: &[&str]) -> Value {
    let mut nodes: Map<String, Value> = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(key, node)| (key.to_owned(), value(node)))
        .collect();
    let first = nodes.keys().next().unwrap().clone();
    if !nodes.values().any(|node| node.get("start").is_some()) {
        nodes.shift_insert(0, "start".to_owned(), json!({"start": {}, "next": first}));
    }
    json!({
        "format": "signoff/v1",
        "kind": "flow",
        "key": "case",
        "data": {"type": "object", "properties": {
            "flag": {"type": "boolean", "default": false},
            "items": {"default": []},
        }},
        "nodes": nodes,
    })
}

fn found(lines: &[&str]) -> Vec<String> {
    let found = problems(&document(lines));
    let found = found.iter().map(|problem| {
        let help = problem.help.as_deref().unwrap_or_default();
        let path = help.split_once("; for example ").map(|(_, path)| path);
        let colon = path.map_or("", |_| ": ");
        format!(
            "{} {}{colon}{}",
            problem.code,
            problem.path,
            path.unwrap_or_default()
        )
    });
    found.collect()
}

#[test]
fn every_trouble_is_found_and_its_sound_twin_is_not() {
    let text = include_str!("../../../testdata/check.txt");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in text.split("\n\n").filter(|case| case.contains("\n->")) {
        let lines: Vec<&str> = case
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let (expected, nodes): (Vec<&str>, Vec<&str>) =
            lines.iter().partition(|line| line.starts_with("->"));
        let expected: Vec<&str> = expected
            .iter()
            .map(|line| line.trim_start_matches("->").trim())
            .filter(|line| *line != "sound")
            .collect();
        let found = found(&nodes);
        cases += 1;
        if found != expected {
            let found: Vec<String> = found.iter().map(|found| format!("-> {found}")).collect();
            wrong.push(format!("{case}\n   but found\n{}", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(cases >= 40, "{cases}");
}
