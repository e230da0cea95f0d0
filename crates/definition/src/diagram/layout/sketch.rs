//! What the layout is given, and what it gives.

use super::{cells::Cells, heights, order, ranks::Ranks, routes};

/// Boxes and edges, before they have a place.
#[derive(Clone, Debug, Default)]
pub(in crate::diagram) struct Sketch {
    pub(in crate::diagram) boxes: Vec<SketchBox>,
    pub(in crate::diagram) edges: Vec<SketchEdge>,
}

/// The room that a shape takes around its anchor, where edges come and go.
#[derive(Clone, Copy, Debug)]
pub(in crate::diagram) struct SketchBox {
    /// The width of the whole cell, texts included.
    pub(in crate::diagram) width: i64,
    /// From the anchor to the shape's left or right border.
    pub(in crate::diagram) half: i64,
    /// Above the anchor.
    pub(in crate::diagram) up: i64,
    /// Below the anchor.
    pub(in crate::diagram) down: i64,
}

/// An edge.
#[derive(Clone, Copy, Debug)]
pub(in crate::diagram) struct SketchEdge {
    pub(in crate::diagram) from: usize,
    pub(in crate::diagram) to: usize,
    /// How far below the anchor of `from` it leaves; edges that leave at one place share a line.
    pub(in crate::diagram) drop: i64,
    /// The width of its label.
    pub(in crate::diagram) label: Option<i64>,
}

/// A place, from the top left corner.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::diagram) struct Point {
    pub(in crate::diagram) x: i64,
    pub(in crate::diagram) y: i64,
}

/// The way of an edge.
#[derive(Clone, Debug, Default)]
pub(in crate::diagram) struct Route {
    /// From border to border.
    pub(in crate::diagram) points: Vec<Point>,
    /// The middle of its label's lower border.
    pub(in crate::diagram) label: Option<Point>,
}

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub(in crate::diagram) struct Layout {
    pub(in crate::diagram) width: i64,
    pub(in crate::diagram) height: i64,
    /// The anchor of each box.
    pub(in crate::diagram) anchors: Vec<Point>,
    /// The way of each edge.
    pub(in crate::diagram) routes: Vec<Route>,
}

impl Sketch {
    /// Gives everything a place.
    pub(in crate::diagram) fn layout(&self) -> Layout {
        let ranks = Ranks::of(self);
        let mut cells = Cells::of(self, &ranks);
        order::sort(&mut cells);
        heights::set(&mut cells);
        routes::lead(self, &ranks, &cells)
    }
}

/// A count as a number of pixels.
pub(in crate::diagram) fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
