//! Which split a join closes.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Plan, Role};

/// Visits of nodes, each in a scope: a flow that needs more is not looked at any further.
const MOST_VISITS: usize = 10_000;

/// The joins of all that close a split with conditions, by their place among the nodes.
pub(super) fn inclusive_joins(plan: &Plan) -> Vec<usize> {
    let mut scopes = Scopes::default();
    let steps = steps(plan);
    let sources: BTreeSet<usize> = steps.iter().flatten().map(|step| step.to).collect();
    let mut open: Vec<(usize, Option<usize>)> = (0..plan.nodes.len())
        .filter(|idx| !sources.contains(idx))
        .map(|idx| (idx, None))
        .collect();
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some((idx, scope)) = open.pop() {
        if seen.len() >= MOST_VISITS || !seen.insert((idx, scope)) {
            continue;
        }
        let node = &plan.nodes[idx];
        let inside = match node.role {
            Role::Split if scopes.holds(scope, idx) => continue,
            Role::Split => Some(scopes.enter(idx, scope)),
            Role::Join | Role::JoinAll => {
                let around = scope.map(|scope| scopes.opened[scope]);
                let split = around.map(|(split, _)| plan.nodes[split].element);
                if node.role == Role::JoinAll && split == Some("inclusiveGateway") {
                    found.insert(idx);
                }
                around.and_then(|(_, outer)| outer)
            }
            Role::Boundary { .. } | Role::Plain => scope,
        };
        for step in &steps[idx] {
            // A boundary leaves its node in the scope where that is.
            let from = if step.beside { None } else { inside };
            let from = if step.boundary && !step.beside {
                scope
            } else {
                from
            };
            open.push((step.to, from));
        }
    }
    found.into_iter().collect()
}

/// One step of a token.
struct Step {
    to: usize,
    /// Onto a boundary.
    boundary: bool,
    /// The token runs beside the node, in no scope.
    beside: bool,
}

fn steps(plan: &Plan) -> Vec<Vec<Step>> {
    let nodes = plan.nodes.iter().enumerate();
    let places: BTreeMap<&str, usize> = nodes.map(|(idx, node)| (node.id.as_str(), idx)).collect();
    let mut steps: Vec<Vec<Step>> = plan.nodes.iter().map(|_| Vec::new()).collect();
    let mut add = |source: &str, target: &str, boundary: bool, beside: bool| {
        if let (Some(from), Some(to)) = (places.get(source), places.get(target)) {
            steps[*from].push(Step {
                to: *to,
                boundary,
                beside,
            });
        }
    };
    for flow in &plan.flows {
        add(&flow.source, &flow.target, false, false);
    }
    for association in &plan.associations {
        add(&association.source, &association.target, false, true);
    }
    for node in &plan.nodes {
        if let Role::Boundary { host, interrupting } = &node.role {
            add(host, &node.id, true, !interrupting);
        }
    }
    steps
}

/// Scopes inside each other; each knows the one around it.
#[derive(Default)]
struct Scopes {
    opened: Vec<(usize, Option<usize>)>,
    known: BTreeMap<(usize, Option<usize>), usize>,
}

impl Scopes {
    fn enter(&mut self, split: usize, around: Option<usize>) -> usize {
        let next = self.opened.len();
        let scope = *self.known.entry((split, around)).or_insert(next);
        if scope == next {
            self.opened.push((split, around));
        }
        scope
    }

    /// Whether `split` is open already: once around a loop is enough.
    fn holds(&self, mut scope: Option<usize>, split: usize) -> bool {
        while let Some(idx) = scope {
            let (opened, around) = self.opened[idx];
            if opened == split {
                return true;
            }
            scope = around;
        }
        false
    }
}
