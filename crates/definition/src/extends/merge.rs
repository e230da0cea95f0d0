//! Putting what a document says over what it inherits.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use signoff_core::{
    document::keys,
    pointer::Pointer,
    problem::{Problem, shown},
};

/// What belongs to one workflow alone.
const OWN: [&str; 7] = [
    "format",
    "key",
    "title",
    "description",
    "extends",
    "tests",
    "was",
];

/// The lists whose elements have keys, with the list inside of each.
const KEYED: [(&str, Option<&str>); 2] = [("pipelines", Some("stages")), ("steps", None)];

pub(super) fn whole(
    own: &Map<String, Value>,
    inherited: &Map<String, Value>,
) -> Map<String, Value> {
    let mut whole = Map::new();
    let is_own = |key: &str| OWN.contains(&key);
    for (key, value) in own.iter().filter(|(key, _)| is_own(key)) {
        whole.insert(key.clone(), value.clone());
    }
    for (key, value) in inherited.iter().filter(|(key, _)| !is_own(key)) {
        let value = match own.get(key) {
            Some(mine) => over(key, value, mine),
            None => value.clone(),
        };
        whole.insert(key.clone(), value);
    }
    for (key, value) in own {
        if !whole.contains_key(key) {
            whole.insert(key.clone(), value.clone());
        }
    }
    whole
}

fn over(key: &str, inherited: &Value, own: &Value) -> Value {
    match (inherited, own) {
        (Value::Array(theirs), Value::Array(mine)) => {
            let keyed = KEYED.iter().find(|(list, _)| *list == key);
            match keyed {
                Some((_, inner)) => Value::from(items(theirs, mine, *inner)),
                None if key == "transitions" => Value::from(transitions(theirs, mine)),
                None => own.clone(),
            }
        }
        (Value::Object(theirs), Value::Object(mine)) => match key {
            "nodes" => Value::from(nodes(theirs, mine)),
            "actions" | "defaults" | "forms" => Value::from(fields(theirs, mine)),
            _ => own.clone(),
        },
        _ => own.clone(),
    }
}

/// Key by key.
fn fields(theirs: &Map<String, Value>, mine: &Map<String, Value>) -> Map<String, Value> {
    let mut all = theirs.clone();
    all.extend(mine.iter().map(|(key, value)| (key.clone(), value.clone())));
    all
}

fn nodes(theirs: &Map<String, Value>, mine: &Map<String, Value>) -> Map<String, Value> {
    let mut all = theirs.clone();
    for (key, node) in mine {
        let node = match (theirs.get(key), node) {
            (Some(Value::Object(inherited)), Value::Object(changed)) if !says_what(changed) => {
                Value::from(fields(inherited, changed))
            }
            _ => node.clone(),
        };
        all.insert(key.clone(), node);
    }
    all
}

/// Whether a node says what it does.
fn says_what(node: &Map<String, Value>) -> bool {
    keys::NODE_KIND.iter().any(|kind| node.contains_key(*kind))
}

pub(super) fn key_of(item: &Value) -> Option<&str> {
    item.get("key")?.as_str()
}

fn place_of(items: &[Value], key: Option<&str>) -> Option<usize> {
    let key = key?;
    items.iter().position(|item| key_of(item) == Some(key))
}

/// Lists of what has a key. A key that is there twice is left for the reader to refuse.
fn items(theirs: &[Value], mine: &[Value], inner: Option<&str>) -> Vec<Value> {
    let mut all = theirs.to_vec();
    let mut seen = BTreeSet::new();
    for (index, item) in mine.iter().enumerate() {
        let key = key_of(item);
        let first = key.is_none_or(|key| seen.insert(key));
        if let Some(at) = place_of(theirs, key)
            .and_then(|_| place_of(&all, key))
            .filter(|_| first)
        {
            all[at] = item_over(&all[at], item, inner);
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| mine.get(before));
        let behind = before.and_then(|before| place_of(&all, key_of(before)));
        let following = || mine[index + 1..].iter();
        let ahead = || following().find_map(|next| place_of(&all, key_of(next)));
        let at = behind.map(|at| at + 1).or_else(ahead).unwrap_or(all.len());
        all.insert(at, item.clone());
    }
    all
}

fn item_over(inherited: &Value, own: &Value, inner: Option<&str>) -> Value {
    let (Value::Object(theirs), Value::Object(mine)) = (inherited, own) else {
        return own.clone();
    };
    let mut all = fields(theirs, mine);
    if let Some(inner) = inner
        && let (Some(Value::Array(theirs)), Some(Value::Array(mine))) =
            (theirs.get(inner), mine.get(inner))
    {
        all.insert(inner.to_owned(), items(theirs, mine, None).into());
    }
    all.into()
}

fn transitions(theirs: &[Value], mine: &[Value]) -> Vec<Value> {
    let taken = |from: &Value, to: Option<&Value>| {
        let own = mine.iter().filter(|own| own.get("to") == to);
        own.flat_map(sources).any(|own| own == from)
    };
    let kept = theirs.iter().filter_map(|way| {
        let to = way.get("to");
        leaving(way, |from| !taken(from, to))
    });
    kept.chain(mine.iter().cloned()).collect()
}

/// The steps that a transition leaves.
fn sources(way: &Value) -> &[Value] {
    match way.get("from") {
        Some(Value::Array(several)) => several,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// The transition from those of its steps that are kept; `None` when none is.
fn leaving(way: &Value, keep: impl Fn(&Value) -> bool) -> Option<Value> {
    let all = sources(way);
    let kept: Vec<Value> = all.iter().filter(|from| keep(from)).cloned().collect();
    if kept.len() == all.len() {
        return Some(way.clone());
    }
    let mut way = way.clone();
    match kept.is_empty() {
        true => None,
        false => {
            way["from"] = Value::from(kept);
            Some(way)
        }
    }
}

/// Everything that `without` may name.
pub(super) fn keys_of(document: &Map<String, Value>) -> Vec<String> {
    let mut keys = Vec::new();
    if let Some(Value::Object(nodes)) = document.get("nodes") {
        keys.extend(nodes.keys().cloned());
    }
    for (list, inner) in KEYED {
        let Some(Value::Array(items)) = document.get(list) else {
            continue;
        };
        for item in items {
            keys.extend(key_of(item).map(str::to_owned));
            let inner = inner.and_then(|inner| item.get(inner)?.as_array());
            let inner = inner.into_iter().flatten();
            keys.extend(inner.filter_map(key_of).map(str::to_owned));
        }
    }
    keys
}

/// Takes a node, pipeline, stage or step out; `false` when there is none of that key.
pub(super) fn remove(document: &mut Map<String, Value>, key: &str) -> bool {
    let mut found = false;
    if let Some(Value::Object(nodes)) = document.get_mut("nodes") {
        found |= nodes.shift_remove(key).is_some();
    }
    let mut drop = |items: &mut Vec<Value>| {
        let before = items.len();
        items.retain(|item| key_of(item) != Some(key));
        found |= items.len() < before;
    };
    for (list, inner) in KEYED {
        let Some(Value::Array(items)) = document.get_mut(list) else {
            continue;
        };
        drop(items);
        for item in items {
            let inner = inner.and_then(|inner| item.get_mut(inner));
            if let Some(Value::Array(inner)) = inner {
                drop(inner);
            }
        }
    }
    if let Some(Value::Array(ways)) = document.get_mut("transitions") {
        let gone = Value::from(key);
        let kept = ways.iter().filter(|way| way.get("to") != Some(&gone));
        *ways = kept
            .filter_map(|way| leaving(way, |from| *from != gone))
            .collect();
    }
    found
}

/// What changes a part that the base does not have: nodes that do not say what they do, and pipelines
/// and stages without content.
pub(super) fn not_inherited(
    own: &Map<String, Value>,
    inherited: &Map<String, Value>,
    base: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut missing = |path: Pointer, what: &str, key: &str, help: &str| {
        let shown = shown(key);
        let message = format!("the base `{base}` has no {what} `{shown}` to change");
        problems.push(Problem::error("not_inherited", path, message).help(help));
    };
    let root = Pointer::root();
    let nodes = own.get("nodes").and_then(Value::as_object);
    for (key, node) in nodes.into_iter().flatten() {
        let known = inherited.get("nodes").and_then(|nodes| nodes.get(key));
        if known.is_none() && node.as_object().is_some_and(|node| !says_what(node)) {
            let help = "a node of its own says what it does, such as `task`";
            missing(root.key("nodes").key(key), "node", key, help);
        }
    }
    let list = |of: Option<&Value>| of.and_then(Value::as_array).cloned().unwrap_or_default();
    let theirs = list(inherited.get("pipelines"));
    for (index, pipeline) in list(own.get("pipelines")).iter().enumerate() {
        let path = root.key("pipelines").index(index);
        let known = place_of(&theirs, key_of(pipeline)).map(|at| &theirs[at]);
        let content = ["stages", "approvals", "number_of_stages"];
        if let (None, Some(key)) = (known, key_of(pipeline))
            && content
                .iter()
                .all(|content| pipeline.get(content).is_none())
        {
            let help = "a pipeline of its own has `stages` or `approvals`";
            missing(path.clone(), "pipeline", key, help);
        }
        let inner = list(known.and_then(|known| known.get("stages")));
        for (index, stage) in list(pipeline.get("stages")).iter().enumerate() {
            if let Some(key) = key_of(stage)
                && place_of(&inner, Some(key)).is_none()
                && stage.get("approvals").is_none()
            {
                let help = "a stage of its own has `approvals`";
                missing(path.key("stages").index(index), "stage", key, help);
            }
        }
    }
    problems
}
