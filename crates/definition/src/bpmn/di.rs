//! Where shapes and edges are drawn: columns by distance from the start, rows as they come.

use std::collections::{BTreeMap, VecDeque};

/// From column to column.
const COLUMN: u32 = 160;
/// From row to row.
const ROW: u32 = 140;
/// Above the first row and before the first column.
const MARGIN: u32 = 40;

/// What is to be drawn of a node.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    pub(super) id: &'a str,
    pub(super) width: u32,
    pub(super) height: u32,
    /// The node on whose border it is drawn.
    pub(super) host: Option<&'a str>,
}

/// A line from one node to another.
#[derive(Debug)]
pub(super) struct Edge<'a> {
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) target: &'a str,
}

/// Where a shape is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Bounds {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Where everything is, by id.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) shapes: BTreeMap<&'a str, Bounds>,
    pub(super) edges: BTreeMap<&'a str, Vec<(u32, u32)>>,
}

/// Places every shape, and every edge whose ends are among the shapes.
pub(super) fn layout<'a>(shapes: &[Shape<'a>], edges: &[Edge<'a>]) -> Layout<'a> {
    let hosts: BTreeMap<&str, &str> = shapes
        .iter()
        .filter_map(|shape| Some((shape.id, shape.host?)))
        .collect();
    let columns = columns(shapes, edges, &hosts);
    let mut layout = Layout::default();
    let mut rows: BTreeMap<u32, u32> = BTreeMap::new();
    for shape in shapes.iter().filter(|shape| shape.host.is_none()) {
        let column = columns.get(shape.id).copied().unwrap_or_default();
        let row = rows.entry(column).or_default();
        let bounds = Bounds {
            x: MARGIN + column * COLUMN + (100 - shape.width) / 2,
            y: MARGIN + *row * ROW + (80 - shape.height) / 2,
            width: shape.width,
            height: shape.height,
        };
        *row += 1;
        layout.shapes.insert(shape.id, bounds);
    }
    place_boundaries(shapes, &mut layout);
    for edge in edges {
        let ends = (
            layout.shapes.get(edge.source),
            layout.shapes.get(edge.target),
        );
        if let (Some(from), Some(to)) = ends {
            let points = points(*from, *to, hosts.contains_key(edge.source));
            layout.edges.insert(edge.id, points);
        }
    }
    layout
}

/// The distance of each node from where a token starts.
fn columns<'a>(
    shapes: &[Shape<'a>],
    edges: &[Edge<'a>],
    hosts: &BTreeMap<&'a str, &'a str>,
) -> BTreeMap<&'a str, u32> {
    let mut ways: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut reached: BTreeMap<&str, ()> = BTreeMap::new();
    for edge in edges {
        let source = hosts.get(edge.source).copied().unwrap_or(edge.source);
        ways.entry(source).or_default().push(edge.target);
        reached.insert(edge.target, ());
    }
    let nodes = || shapes.iter().filter(|shape| shape.host.is_none());
    let first = nodes().filter(|shape| !reached.contains_key(shape.id));
    let mut columns: BTreeMap<&str, u32> = BTreeMap::new();
    // Whatever no start leads to begins a line of its own.
    for shape in first.chain(nodes()) {
        let mut open = VecDeque::from([(shape.id, 0)]);
        while let Some((id, column)) = open.pop_front() {
            if columns.contains_key(id) {
                continue;
            }
            columns.insert(id, column);
            let next = ways.get(id).into_iter().flatten();
            open.extend(next.map(|next| (*next, column + 1)));
        }
    }
    columns
}

/// Boundaries stand side by side on the lower border of their node.
fn place_boundaries<'a>(shapes: &[Shape<'a>], layout: &mut Layout<'a>) {
    let mut totals: BTreeMap<&str, u32> = BTreeMap::new();
    for host in shapes.iter().filter_map(|shape| shape.host) {
        *totals.entry(host).or_default() += 1;
    }
    let mut placed: BTreeMap<&str, u32> = BTreeMap::new();
    for shape in shapes {
        let Some(host) = shape.host else { continue };
        let Some(around) = layout.shapes.get(host).copied() else {
            continue;
        };
        let total = totals.get(host).copied().unwrap_or(1);
        let number = placed.entry(host).or_default();
        *number += 1;
        let center = around.x + around.width * *number / (total + 1);
        let bounds = Bounds {
            x: center.saturating_sub(shape.width / 2),
            y: around.y + around.height - shape.height / 2,
            width: shape.width,
            height: shape.height,
        };
        layout.shapes.insert(shape.id, bounds);
    }
}

/// From the right side of one, or the lower of a boundary, to the left side of the other.
fn points(from: Bounds, to: Bounds, boundary: bool) -> Vec<(u32, u32)> {
    let end = (to.x, to.y + to.height / 2);
    if boundary {
        let start = (from.x + from.width / 2, from.y + from.height);
        return vec![
            start,
            (start.0, start.1 + 20),
            (end.0 - 20, start.1 + 20),
            (end.0 - 20, end.1),
            end,
        ];
    }
    let start = (from.x + from.width, from.y + from.height / 2);
    if start.1 == end.1 && start.0 < end.0 {
        return vec![start, end];
    }
    let middle = start.0 + 20;
    vec![start, (middle, start.1), (middle, end.1), end]
}
