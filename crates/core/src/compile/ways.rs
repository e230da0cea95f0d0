//! The ways of a flow: that each leads somewhere. What runs may come to is for the checker to say.

use std::collections::BTreeSet;

use crate::{
    compile::Compiler,
    document::{EntryKeys, FlowShape, NodeDoc, NodeKindDoc, OnRejectDoc},
    problem::Problem,
};

impl Compiler<'_> {
    /// Every node can be reached, and every node that needs a way on has one.
    pub(super) fn check_ways(&mut self, shape: &FlowShape, firsts: &[&str]) {
        let inherited = sent_to(&self.document.defaults).map(String::as_str);
        let reached = reachable(shape, firsts.iter().copied().chain(inherited));
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
        .chain(rejections(node))
        .collect()
}

/// Where a rejection sends the token of a node.
fn rejections(node: &NodeDoc) -> impl Iterator<Item = &String> {
    let task = match &node.kind {
        NodeKindDoc::Task(task) if !task.approvals.is_empty() => Some(task),
        _ => None,
    };
    task.into_iter().flat_map(|task| {
        let entries = task.approvals.iter().map(|entry| &entry.keys);
        entries.chain([&task.keys]).filter_map(sent_to)
    })
}

fn sent_to(keys: &EntryKeys) -> Option<&String> {
    match &keys.on_reject {
        Some(OnRejectDoc::To(node)) => Some(&node.value),
        _ => None,
    }
}

/// Every node that can be reached from these, themselves included.
fn reachable<'a>(
    shape: &'a FlowShape,
    from: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = from.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(key) = open.pop() {
        let Some(node) = shape.get(key) else {
            continue;
        };
        if seen.insert(key) {
            open.extend(all_ways(node).into_iter().map(String::as_str));
        }
    }
    seen
}
