//! Bounds what checking a value against a schema may cost.
//!
//! Without references the cost grows with the schema and the value. References may make a small
//! schema large ("a billion laughs"), never end, or, where a schema contains itself along two
//! ways to the same part of a value, double the cost with every level of the value.

use signoff_core::schemas::FieldError;

use crate::schema::{
    graph::{Graph, Node},
    keywords::Target,
    message::field_error,
};

/// The most schemas that look at one place of a value, references followed.
const MAX_PARTS: usize = 10_000;

/// The longest way through a schema, references followed.
const MAX_WAY: usize = 128;

/// The longest way of a schema that contains itself to a part of the value; the stack pays for
/// it once per level of the value.
const MAX_RECURSIVE_WAY: usize = 16;

/// The most work spent on judging a schema that contains itself.
const MAX_JUDGING: usize = 1_000_000;

/// What checking a value costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    /// The most schemas that look at one place of a value.
    pub(crate) parts: usize,
    /// Whether the schema contains itself.
    pub(crate) recursive: bool,
}

/// Refuses schemas that could cost too much.
///
/// # Errors
/// The first place found where `graph` does.
pub(crate) fn check(graph: &Graph<'_>) -> Result<Price, FieldError> {
    let nodes = &graph.nodes;
    let same_of = |idx: usize| -> Vec<usize> { nodes[idx].same.clone() };
    let all_of = |idx: usize| -> Vec<usize> {
        let below = nodes[idx].below.iter().map(|(_, below)| *below);
        nodes[idx].same.iter().copied().chain(below).collect()
    };

    let (by_same, endless) = peel(nodes.len(), same_of);
    if let Some(idx) = endless.iter().position(|endless| *endless) {
        return Err(refuse(
            &nodes[idx],
            "the schema refers to itself without end",
        ));
    }
    let (by_all, recursive) = peel(nodes.len(), all_of);

    let mut costs = vec![Cost::default(); nodes.len()];
    for idx in by_all {
        costs[idx] = Cost::sum(all_of(idx).iter().map(|part| costs[*part]));
    }
    for idx in by_same {
        if recursive[idx] {
            let parts = all_of(idx).into_iter();
            // Where a recursive schema goes down in the value, the next level begins.
            let parts = parts.filter(|part| !recursive[*part] || nodes[idx].same.contains(part));
            costs[idx] = Cost::sum(parts.map(|part| costs[part]));
        }
    }
    for (idx, cost) in costs.iter().enumerate() {
        if cost.parts > MAX_PARTS {
            return Err(refuse(
                &nodes[idx],
                "the references make the schema too large",
            ));
        }
        if cost.way > MAX_WAY || (recursive[idx] && way_in_place(nodes, idx, &costs)) {
            return Err(refuse(
                &nodes[idx],
                "the references make the schema too deep",
            ));
        }
    }
    single_ways(nodes, &recursive)?;
    Ok(Price {
        parts: costs.iter().map(|cost| cost.parts).max().unwrap_or(1),
        recursive: recursive.contains(&true),
    })
}

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    parts: usize,
    way: usize,
}

impl Cost {
    fn sum(inner: impl Iterator<Item = Self>) -> Self {
        inner.fold(Self { parts: 1, way: 1 }, |sum, part| Self {
            parts: sum.parts.saturating_add(part.parts),
            way: sum.way.max(part.way.saturating_add(1)),
        })
    }
}

/// Whether the way through a recursive schema at one level of the value is too long.
fn way_in_place(nodes: &[Node<'_>], idx: usize, costs: &[Cost]) -> bool {
    let ways = nodes[idx].same.iter().map(|part| costs[*part].way);
    ways.max().unwrap_or_default() >= MAX_RECURSIVE_WAY
}

/// Takes away, again and again, what leads only to what is taken away. Returns the order of that
/// and what remains: everything that leads to a circle.
fn peel(n_nodes: usize, next_of: impl Fn(usize) -> Vec<usize>) -> (Vec<usize>, Vec<bool>) {
    let mut n_open = Vec::with_capacity(n_nodes);
    let mut previous = vec![Vec::new(); n_nodes];
    for idx in 0..n_nodes {
        let next = next_of(idx);
        n_open.push(next.len());
        next.into_iter().for_each(|next| previous[next].push(idx));
    }
    let mut order: Vec<usize> = (0..n_nodes).filter(|idx| n_open[*idx] == 0).collect();
    let mut remains = vec![true; n_nodes];
    let mut done = 0;
    while let Some(&idx) = order.get(done) {
        done += 1;
        remains[idx] = false;
        for &before in &previous[idx] {
            n_open[before] -= 1;
            if n_open[before] == 0 {
                order.push(before);
            }
        }
    }
    (order, remains)
}

/// From every recursive schema at most one way must lead to each part of the value and on to a
/// recursive schema; then each part of a value is looked at once.
fn single_ways(nodes: &[Node<'_>], recursive: &[bool]) -> Result<(), FieldError> {
    let mut work: usize = 0;
    for start in (0..nodes.len()).filter(|idx| recursive[*idx]) {
        let mut ways: Vec<(usize, Target<'_>)> = Vec::new();
        let mut open = vec![start];
        while let Some(idx) = open.pop() {
            let same = nodes[idx].same.iter().copied();
            open.extend(same.filter(|next| recursive[*next]));
            for (target, _) in nodes[idx].below.iter().filter(|(_, next)| recursive[*next]) {
                let way = (idx, *target);
                work += ways.len();
                if ways.iter().any(|other| meet(*other, way)) {
                    let message = "the schema contains itself in more than one way";
                    return Err(refuse(&nodes[start], message));
                }
                ways.push(way);
            }
            work += 1;
            if work > MAX_JUDGING {
                let message = "the schema contains itself in too many ways";
                return Err(refuse(&nodes[start], message));
            }
        }
    }
    Ok(())
}

/// Whether two ways, each from a schema to a part of its value, may lead to the same part.
fn meet(a: (usize, Target<'_>), b: (usize, Target<'_>)) -> bool {
    let beside = a.0 == b.0;
    match (a.1, b.1) {
        (Target::Member(a), Target::Member(b)) => a == b,
        (Target::Item(a), Target::Item(b)) => a == b,
        (Target::Member(_), Target::OtherMembers)
        | (Target::OtherMembers, Target::Member(_))
        | (Target::Item(_), Target::OtherItems)
        | (Target::OtherItems, Target::Item(_)) => !beside,
        (a, b) => is_member(a) == is_member(b),
    }
}

fn is_member(target: Target<'_>) -> bool {
    matches!(
        target,
        Target::Member(_) | Target::OtherMembers | Target::AnyMembers
    )
}

fn refuse(node: &Node<'_>, message: &str) -> FieldError {
    field_error(node.place.clone(), "ref", message)
}
