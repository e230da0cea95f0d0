//! Cells: one for each box, and one in each column that a longer edge passes.

use super::{
    ranks::Ranks,
    sketch::{Sketch, SketchEdge},
};

/// Cells of edges that pass columns, at most, unless the edges are more than half as many.
const MOST_PASSES: usize = 20_000;

/// Room above and below an edge that passes a column.
const PASS: i64 = 7;

/// Room above an edge for its label.
const LABEL_UP: i64 = 19;

/// A place in a column: the first are those of the boxes, in their order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) column: usize,
    pub(super) width: i64,
    pub(super) up: i64,
    pub(super) down: i64,
    pub(super) y: i64,
    pub(super) label: bool,
}

/// On which side of a gap a hop ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Left,
    Right,
}

/// One step of an edge, from cell to cell through one gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How far below the anchor of `from` it leaves.
    pub(super) drop: i64,
    /// The gap: gap `n` is left of column `n`.
    pub(super) gap: usize,
    pub(super) from_side: Side,
    pub(super) to_side: Side,
}

/// All cells, and the hops between them.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) cells: Vec<Cell>,
    /// The cells of each column from top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    /// The hops of each edge; none when it runs below everything.
    pub(super) hops: Vec<Vec<Hop>>,
    /// How many of the cells are boxes.
    pub(super) n_boxes: usize,
}

impl Cells {
    pub(super) fn of(sketch: &Sketch, ranks: &Ranks) -> Self {
        let boxes = sketch.boxes.iter().zip(&ranks.rank);
        let cells = boxes.map(|(shape, rank)| Cell {
            column: *rank,
            width: shape.width,
            up: shape.up,
            down: shape.down,
            y: 0,
            label: false,
        });
        let mut all = Self {
            cells: cells.collect(),
            columns: Vec::new(),
            hops: Vec::new(),
            n_boxes: sketch.boxes.len(),
        };
        let below = runs_below(sketch, ranks);
        for (index, edge) in sketch.edges.iter().enumerate() {
            let hops = match (below[index], ranks.back[index]) {
                (true, _) => Vec::new(),
                (false, true) => all.hops_back(edge),
                (false, false) => all.hops_on(edge),
            };
            all.hops.push(hops);
        }
        all.columns = vec![Vec::new(); ranks.len()];
        for (index, cell) in all.cells.iter().enumerate() {
            all.columns[cell.column].push(index);
        }
        all
    }

    fn pass(&mut self, column: usize, label: Option<i64>) -> usize {
        self.cells.push(Cell {
            column,
            width: label.unwrap_or(0),
            up: if label.is_some() { LABEL_UP } else { PASS },
            down: PASS,
            y: 0,
            label: label.is_some(),
        });
        self.cells.len() - 1
    }

    /// To the right, through each column between.
    fn hops_on(&mut self, edge: &SketchEdge) -> Vec<Hop> {
        let columns = self.cells[edge.from].column + 1..self.cells[edge.to].column;
        let mut label = edge.label;
        let mut stops: Vec<usize> = columns
            .map(|column| self.pass(column, label.take()))
            .collect();
        stops.push(edge.to);
        let mut from = edge.from;
        let mut drop = edge.drop;
        let mut hops = Vec::with_capacity(stops.len());
        for to in stops {
            hops.push(Hop {
                from,
                to,
                drop,
                gap: self.cells[to].column,
                from_side: Side::Left,
                to_side: Side::Right,
            });
            (from, drop) = (to, 0);
        }
        hops
    }

    /// Around the box itself, then to the left, then around the target.
    fn hops_back(&mut self, edge: &SketchEdge) -> Vec<Hop> {
        let first = self.cells[edge.from].column;
        let last = self.cells[edge.to].column;
        let mut label = edge.label;
        let mut from = edge.from;
        let mut hops = Vec::with_capacity(first - last + 2);
        for column in (last..=first).rev() {
            let to = self.pass(column, label.take());
            hops.push(Hop {
                from,
                to,
                drop: if from == edge.from { edge.drop } else { 0 },
                gap: column + 1,
                from_side: if from == edge.from {
                    Side::Left
                } else {
                    Side::Right
                },
                to_side: Side::Left,
            });
            from = to;
        }
        hops.push(Hop {
            from,
            to: edge.to,
            drop: 0,
            gap: last,
            from_side: Side::Right,
            to_side: Side::Right,
        });
        hops
    }
}

/// Which edges get no cells, because shorter ones have used up what there is.
fn runs_below(sketch: &Sketch, ranks: &Ranks) -> Vec<bool> {
    let passes = |index: usize| {
        let edge = &sketch.edges[index];
        let (from, to) = (ranks.rank[edge.from], ranks.rank[edge.to]);
        if ranks.back[index] {
            from - to + 1
        } else {
            to - from - 1
        }
    };
    let mut by_length: Vec<usize> = (0..sketch.edges.len()).collect();
    by_length.sort_by_key(|index| passes(*index));
    let mut left = MOST_PASSES.max(sketch.edges.len() * 2);
    let mut below = vec![false; sketch.edges.len()];
    for index in by_length {
        match left.checked_sub(passes(index)) {
            Some(rest) => left = rest,
            None => below[index] = true,
        }
    }
    below
}
