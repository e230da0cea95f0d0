//! The ways of a flow: that they lead somewhere, and that scopes lie inside each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    compile::Compiler,
    document::{FlowShape, NodeDoc, NodeKindDoc},
    problem::Problem,
};

/// Visits of nodes, each in a scope: a flow that needs more is not looked at any further.
const MOST_VISITS: usize = 10_000;

impl Compiler<'_> {
    /// Every node can be reached, and every node that needs a way on has one.
    pub(super) fn check_ways(&mut self, shape: &FlowShape, firsts: &[&str]) {
        let reached = reachable(shape, firsts.iter().copied());
        // A way that leads nowhere is told by itself, and not again at all that lies behind it.
        let broken = |to: &str| !self.nodes.contains(to);
        let broken = firsts.iter().any(|first| broken(first))
            || shape
                .values()
                .any(|node| all_ways(node).into_iter().any(|to| broken(to)));
        let handlers: BTreeSet<&str> = shape
            .values()
            .filter_map(|node| Some(node.compensate_with.as_ref()?.value.as_str()))
            .collect();
        for (key, node) in shape {
            if matches!(node.kind, NodeKindDoc::Start(_)) {
                continue;
            }
            if !broken && !reached.contains(key.as_str()) {
                self.problems.push(
                    Problem::error(
                        "unreachable_node",
                        node.path.clone(),
                        format!("nothing leads to `{key}`"),
                    )
                    .help("lead a node there, or remove it"),
                );
            }
            let ends = matches!(
                node.kind,
                NodeKindDoc::End(_)
                    | NodeKindDoc::Fail(_)
                    | NodeKindDoc::First(_)
                    | NodeKindDoc::If { .. }
                    | NodeKindDoc::Split(_)
                    | NodeKindDoc::Switch { .. }
                    | NodeKindDoc::Terminate(_)
            );
            // What takes something back ends by itself, and the compensation goes on.
            let handler = handlers.contains(key.as_str());
            match &node.next {
                None if !ends && !handler => self.problems.push(
                    Problem::error(
                        "missing_key",
                        node.path.clone(),
                        format!("`next` is missing: `{key}` leads nowhere"),
                    )
                    .help("lead it to an `end`"),
                ),
                Some(next) if ends => self.problems.push(Problem::error(
                    "unknown_key",
                    next.to.path.clone(),
                    "this node takes no `next`",
                )),
                _ => {}
            }
        }
    }

    /// What runs beside a node may not come to a join of that node's own way; whether none does.
    pub(super) fn check_boundaries(&mut self, shape: &FlowShape) -> bool {
        let mut apart = true;
        for (key, node) in shape {
            for timeout in node
                .on_timeout
                .iter()
                .filter(|timeout| !timeout.interrupting)
            {
                let own = reachable_past(shape, ways(node).into_iter().map(String::as_str), key);
                let beside = reachable(shape, [timeout.next.value.as_str()]);
                let shared = shape.iter().find(|(other, node)| {
                    matches!(node.kind, NodeKindDoc::Join(_))
                        && beside.contains(other.as_str())
                        && own.contains(other.as_str())
                });
                if let Some((join, _)) = shared {
                    apart = false;
                    self.problems.push(
                        Problem::error(
                            "intersecting_scopes",
                            timeout.next.path.clone(),
                            format!("the way of a boundary that does not interrupt comes to the join `{join}` of its node"),
                        )
                        .help("end it by itself, or let it interrupt"),
                    );
                }
            }
        }
        apart
    }

    /// A join closes one scope: all who come to it are in the same one.
    pub(super) fn check_scopes(&mut self, shape: &FlowShape, firsts: &[&str]) {
        let mut met: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut seen: BTreeSet<(&str, Vec<&str>)> = BTreeSet::new();
        let mut open: Vec<(&str, Vec<&str>)> =
            firsts.iter().map(|first| (*first, Vec::new())).collect();
        while let Some((key, mut inside)) = open.pop() {
            let Some((key, node)) = shape.get_key_value(key) else {
                continue;
            };
            if matches!(node.kind, NodeKindDoc::Start(_)) {
                continue;
            }
            if seen.len() >= MOST_VISITS || !seen.insert((key, inside.clone())) {
                continue;
            }
            let catches = node.on_error.iter();
            open.extend(catches.map(|catch| (catch.next.value.as_str(), inside.clone())));
            // What runs beside a node is in a scope of its own, which no scope is around.
            let beside = node.on_escalation.iter().map(|catch| &catch.next);
            let beside = beside.chain(&node.compensate_with);
            open.extend(beside.map(|next| (next.value.as_str(), vec![key.as_str()])));
            for timeout in &node.on_timeout {
                let next = timeout.next.value.as_str();
                let there = if timeout.interrupting {
                    inside.clone()
                } else {
                    vec![key.as_str()]
                };
                open.push((next, there));
            }
            match node.kind {
                // Once around a loop is enough to see that it goes ever deeper.
                NodeKindDoc::Split(_) if inside.iter().filter(|at| **at == key).count() > 1 => {
                    continue;
                }
                NodeKindDoc::Split(_) => inside.push(key),
                NodeKindDoc::Join(_) if !inside.is_empty() => {
                    let other = met.entry(key).or_insert_with(|| inside.clone());
                    if *other != inside {
                        self.intersecting(node, key, [other.as_slice(), inside.as_slice()]);
                    }
                    inside.pop();
                }
                _ => {}
            }
            let next = ways(node).into_iter();
            open.extend(next.map(|way| (way.as_str(), inside.clone())));
        }
    }

    fn intersecting(&mut self, node: &NodeDoc, key: &str, inside: [&[&str]; 2]) {
        // The innermost tell enough.
        let names = inside.map(|inside| {
            let names: Vec<&str> = inside.iter().rev().take(3).copied().collect();
            names.join("` in `")
        });
        let message = format!(
            "`{key}` is come to from inside `{}` and from inside `{}`",
            names[0], names[1]
        );
        self.problems.push(
            Problem::error("intersecting_scopes", node.path.clone(), message)
                .help("give each split a join of its own"),
        );
    }
}

/// Where the token of a node may go, boundaries aside.
fn ways(node: &NodeDoc) -> Vec<&String> {
    let mut ways: Vec<&String> = match &node.kind {
        NodeKindDoc::First(nodes) => nodes.iter().map(|node| &node.value).collect(),
        NodeKindDoc::If {
            then, otherwise, ..
        } => vec![&then.to.value, &otherwise.to.value],
        NodeKindDoc::Split(branches) => {
            let branches = branches.iter();
            branches.map(|branch| &branch.way.to.value).collect()
        }
        NodeKindDoc::Switch { cases, default } => cases
            .iter()
            .map(|case| &case.way)
            .chain(default)
            .map(|way| &way.to.value)
            .collect(),
        _ => Vec::new(),
    };
    ways.extend(node.next.as_ref().map(|next| &next.to.value));
    ways
}

/// Where the token of a node may go, boundaries included.
fn all_ways(node: &NodeDoc) -> Vec<&String> {
    let timeouts = node.on_timeout.iter().map(|timeout| &timeout.next.value);
    let catches = node.on_error.iter().chain(&node.on_escalation);
    ways(node)
        .into_iter()
        .chain(timeouts)
        .chain(catches.map(|catch| &catch.next.value))
        .chain(node.compensate_with.as_ref().map(|node| &node.value))
        .collect()
}

/// Every node that can be reached from these, themselves included.
fn reachable<'a>(
    shape: &'a FlowShape,
    from: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<&'a str> {
    reachable_past(shape, from, "")
}

/// The same without going on from `host`: in a loop, its boundaries are not its way.
fn reachable_past<'a>(
    shape: &'a FlowShape,
    from: impl IntoIterator<Item = &'a str>,
    host: &str,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = from.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(key) = open.pop() {
        let Some(node) = shape.get(key) else {
            continue;
        };
        if seen.insert(key) && key != host {
            open.extend(all_ways(node).into_iter().map(String::as_str));
        }
    }
    seen
}
