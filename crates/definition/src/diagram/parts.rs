//! The parts of a diagram, for hosts that draw it themselves.

use serde::Serialize;
use signoff_core::{id::NodeKey, text::Text};

use super::outline::Outline;

/// What a diagram shows, without a place for anything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parts {
    /// The starts, the nodes in file order, then the ends that are not written.
    pub nodes: Vec<PartNode>,
    /// The edges, by the nodes that they leave.
    pub edges: Vec<PartEdge>,
}

/// A shape.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartNode {
    /// The node of the definition; none for a start, and for an end that is not written.
    pub key: Option<NodeKey>,
    /// The word for what it is.
    pub kind: Text,
    /// Its title.
    pub title: Text,
    /// The small print: whom it asks, what it waits for, which statuses it has.
    pub notes: Vec<Text>,
}

/// An edge between two shapes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartEdge {
    /// The shape that it leaves: its place among the nodes, from 0.
    pub from: usize,
    /// The shape that it leads to.
    pub to: usize,
    /// What is written on it, such as a condition.
    pub label: Option<Text>,
    /// Whether it leaves the border of the shape: a timeout, an error, a no.
    pub boundary: bool,
}

impl Parts {
    pub(super) fn of(outline: &Outline) -> Self {
        let nodes = outline.items.iter().map(|item| PartNode {
            key: item.node.clone(),
            kind: item.kind.clone(),
            title: item.title.clone(),
            notes: item.notes.clone(),
        });
        let edges = outline.links.iter().map(|link| PartEdge {
            from: link.from,
            to: link.to,
            label: link.label.clone(),
            boundary: link.boundary.is_some(),
        });
        Self {
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }
}
