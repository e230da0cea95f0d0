//! How high each cell stands: near its neighbors, in the order of its column, never overlapping.

use super::{
    cells::{Cells, Hop},
    straight::straighten,
};

/// Room between two cells of a column.
const APART: i64 = 14;

/// Sweeps over a graph of usual size.
const SWEEPS: usize = 10;

/// Cells above which two sweeps must do.
const MANY: usize = 5_000;

/// Sets the height of each cell; the topmost edge of all is at 0.
pub(super) fn set(cells: &mut Cells) {
    let pulls = Pulls::of(cells);
    for column in 0..cells.columns.len() {
        let still = vec![(0, 1); cells.columns[column].len()];
        settle(cells, column, &still);
    }
    let sweeps = if cells.cells.len() > MANY { 2 } else { SWEEPS };
    for sweep in 0..sweeps {
        // The last goes to the right: a way on is straight where one can be.
        pulls.sweep(cells, (sweeps - sweep) % 2 == 1);
    }
    straighten(cells, APART);
    let top = cells.cells.iter().map(|cell| cell.y - cell.up).min();
    let top = top.unwrap_or(0);
    for cell in &mut cells.cells {
        cell.y -= top;
    }
}

/// A neighbor that a cell wants to be level with.
#[derive(Clone, Copy)]
struct Pull {
    other: usize,
    /// Where the edge meets the other, less where it meets this one.
    shift: i64,
    weight: i64,
}

struct Pulls {
    left: Vec<Vec<Pull>>,
    right: Vec<Vec<Pull>>,
}

impl Pulls {
    fn of(cells: &Cells) -> Self {
        let mut pulls = Self {
            left: vec![Vec::new(); cells.cells.len()],
            right: vec![Vec::new(); cells.cells.len()],
        };
        for hop in cells.hops.iter().flatten() {
            let weight = weight(cells, hop);
            let (from, to) = (cells.cells[hop.from].column, cells.cells[hop.to].column);
            if from == to {
                continue;
            }
            let of_to = Pull {
                other: hop.from,
                shift: hop.drop,
                weight,
            };
            let of_from = Pull {
                other: hop.to,
                shift: -hop.drop,
                weight,
            };
            if from < to {
                pulls.left[hop.to].push(of_to);
                pulls.right[hop.from].push(of_from);
            } else {
                pulls.right[hop.to].push(of_to);
                pulls.left[hop.from].push(of_from);
            }
        }
        pulls
    }

    fn of_side(&self, to_the_right: bool) -> &[Vec<Pull>] {
        if to_the_right {
            &self.left
        } else {
            &self.right
        }
    }

    fn sweep(&self, cells: &mut Cells, to_the_right: bool) {
        let sides = self.of_side(to_the_right);
        for column in in_order(cells.columns.len(), to_the_right) {
            let wishes: Vec<(i64, i64)> = cells.columns[column]
                .iter()
                .map(|cell| wish(&sides[*cell], cells).unwrap_or((cells.cells[*cell].y, 1)))
                .collect();
            settle(cells, column, &wishes);
        }
    }
}

fn in_order(n: usize, to_the_right: bool) -> impl Iterator<Item = usize> {
    (0..n).map(move |index| if to_the_right { index } else { n - 1 - index })
}

/// Edges that pass columns are to be straight above all.
fn weight(cells: &Cells, hop: &Hop) -> i64 {
    let passes = |cell: usize| usize::from(cell >= cells.n_boxes);
    match passes(hop.from) + passes(hop.to) {
        0 => 2,
        1 => 3,
        _ => 12,
    }
}

/// The mean of what its neighbors want, and how much they want it.
fn wish(pulls: &[Pull], cells: &Cells) -> Option<(i64, i64)> {
    let weight: i64 = pulls.iter().map(|pull| pull.weight).sum();
    let sum: i64 = pulls
        .iter()
        .map(|pull| pull.weight * (cells.cells[pull.other].y + pull.shift))
        .sum();
    Some((sum.checked_div_euclid(weight)?, weight))
}

/// A run of cells that touch each other.
struct Run {
    n: usize,
    sum: i64,
    weight: i64,
}

impl Run {
    fn mean(&self) -> i64 {
        self.sum.checked_div_euclid(self.weight).unwrap_or(0)
    }
}

/// Sets the cells of a column as near to their wishes as their order and extents allow: pools the
/// neighbors that would overlap, and each pool stands at the weighted mean.
fn settle(cells: &mut Cells, column: usize, wishes: &[(i64, i64)]) {
    let column = &cells.columns[column];
    let mut offsets = Vec::with_capacity(column.len());
    let mut offset = 0;
    for (place, cell) in column.iter().enumerate() {
        if let Some(above) = place.checked_sub(1) {
            offset += cells.cells[column[above]].down + APART + cells.cells[*cell].up;
        }
        offsets.push(offset);
    }
    let mut runs: Vec<Run> = Vec::new();
    for ((wish, weight), offset) in wishes.iter().zip(&offsets) {
        let mut run = Run {
            n: 1,
            sum: (wish - offset) * weight,
            weight: *weight,
        };
        while let Some(above) = runs.pop_if(|above| above.mean() >= run.mean()) {
            run.n += above.n;
            run.sum += above.sum;
            run.weight += above.weight;
        }
        runs.push(run);
    }
    let mut places = column.iter().zip(&offsets);
    for run in runs {
        for (cell, offset) in places.by_ref().take(run.n) {
            cells.cells[*cell].y = run.mean() + offset;
        }
    }
}
