//! The graph as the checker sees it: nodes by number, with what a token may do at each.

use crate::{
    check::{
        finding::Exit,
        moves::{Moves, Moving},
    },
    graph::{Graph, JoinNeed, JoinNode, Node, NodeKind, Rest},
    id::NodeKey,
};

/// A graph by numbers.
#[derive(Debug)]
pub(super) struct Net<'a> {
    pub(super) places: Vec<Place<'a>>,
    /// The starts, each with the node that it leads to.
    pub(super) starts: Vec<(&'a NodeKey, usize)>,
    /// Every node, those that a node leads to before it where no loop forbids that.
    pub(super) order: Vec<usize>,
}

/// A node, and what a token may do there.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) key: &'a NodeKey,
    pub(super) kind: PlaceKind,
    /// Whether its visits wait for somebody or something.
    pub(super) waits: bool,
    pub(super) moves: Moves,
}

#[derive(Debug)]
pub(super) enum PlaceKind {
    Join(Joining),
    /// The branches of a split.
    Split(Vec<Arm>),
    /// Whatever passes its token on.
    Step,
}

/// A way to a node.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    pub(super) to: usize,
    pub(super) exit: Option<Exit>,
}

/// A branch of a split.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    pub(super) to: usize,
    /// Whether it may be left out.
    pub(super) optional: bool,
    /// Whether it may be taken any number of times.
    pub(super) many: bool,
}

/// When a join fires, and what it does with the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joining {
    pub(super) need: Need,
    /// Whether the tokens that have not arrived go on when it fires.
    pub(super) absorbs: bool,
}

/// What a join waits for besides the last token of its scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    All,
    Count(u32),
    Percent(u8),
}

impl Joining {
    fn of(join: &JoinNode) -> Self {
        Self {
            need: match &join.need {
                JoinNeed::All => Need::All,
                // A condition is a free choice, and it is looked at when a token arrives.
                JoinNeed::Any | JoinNeed::When(_) => Need::Count(1),
                JoinNeed::Count(n) => Need::Count((*n).max(1)),
                JoinNeed::Percent(p) => Need::Percent(*p),
            },
            absorbs: join.rest != Rest::Cancel,
        }
    }
}

impl<'a> Net<'a> {
    pub(super) fn of(graph: &'a Graph) -> Self {
        let moving = Moving::new(graph);
        let places: Vec<Place<'a>> = graph
            .nodes()
            .map(|node| Place {
                key: &node.key,
                kind: kind(graph, node),
                waits: node.waits(),
                moves: moving.moves(node),
            })
            .collect();
        let starts = graph.starts().filter_map(|start| {
            let first = start.first.as_ref().unwrap_or_else(|| graph.first());
            Some((&start.key, graph.nodes.get_index_of(first)?))
        });
        let mut net = Self {
            starts: starts.collect(),
            places,
            order: Vec::new(),
        };
        net.order = net.post_order();
        net
    }

    pub(super) fn arms(&self, node: usize) -> &[Arm] {
        match &self.places[node].kind {
            PlaceKind::Split(arms) => arms,
            PlaceKind::Join(_) | PlaceKind::Step => &[],
        }
    }

    pub(super) fn join(&self, node: usize) -> Option<Joining> {
        match self.places[node].kind {
            PlaceKind::Join(join) => Some(join),
            PlaceKind::Split(_) | PlaceKind::Step => None,
        }
    }

    pub(super) fn is_split(&self, node: usize) -> bool {
        matches!(self.places[node].kind, PlaceKind::Split(_))
    }

    /// What looking at a node once costs.
    pub(super) fn cost(&self, node: usize) -> usize {
        1 + self.places[node].moves.ways.len() + self.arms(node).len()
    }

    /// Every node that a way leads to, whether or not a run takes it.
    pub(super) fn leads(&self, node: usize) -> Vec<Lead> {
        let place = &self.places[node];
        let arms = self.arms(node).iter().map(|arm| Lead {
            to: arm.to,
            exit: Some(Exit::Branch(self.places[arm.to].key.clone())),
        });
        let Moves {
            ways,
            beside,
            blocked,
            ..
        } = &place.moves;
        arms.chain(ways.iter().chain(beside).chain(blocked).cloned())
            .collect()
    }

    fn post_order(&self) -> Vec<usize> {
        let mut seen = vec![false; self.places.len()];
        let mut order = Vec::with_capacity(self.places.len());
        let firsts = self.starts.iter().map(|(_, first)| *first);
        for root in firsts.chain(0..self.places.len()) {
            let mut open = vec![(root, None)];
            while let Some((node, leads)) = open.pop() {
                let mut leads: Vec<usize> = match leads {
                    Some(leads) => leads,
                    None if std::mem::replace(&mut seen[node], true) => continue,
                    None => self.leads(node).iter().map(|lead| lead.to).collect(),
                };
                match leads.pop() {
                    Some(next) => open.extend([(node, Some(leads)), (next, None)]),
                    None => order.push(node),
                }
            }
        }
        order
    }
}

fn kind(graph: &Graph, node: &Node) -> PlaceKind {
    match &node.kind {
        NodeKind::Join(join) => PlaceKind::Join(Joining::of(join)),
        NodeKind::Split(split) => {
            let branches = split.branches.iter();
            let arms = branches.filter_map(|branch| {
                Some(Arm {
                    to: graph.nodes.get_index_of(&branch.way.to)?,
                    optional: branch.when.is_some() || branch.each.is_some(),
                    many: branch.each.is_some(),
                })
            });
            PlaceKind::Split(arms.collect())
        }
        _ => PlaceKind::Step,
    }
}
