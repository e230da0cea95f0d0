//! Straight lines: cells that an edge connects move together, so that edges have few jogs.

use std::collections::BTreeMap;

use super::cells::Cells;

/// Jogs below this are made straight; edges that pass columns are made straight anyway.
const JOG: i64 = 36;

/// Two cells of neighboring columns, and how much lower the right one stands when the line between
/// them is straight.
#[derive(Clone, Copy)]
struct Link {
    left: usize,
    right: usize,
    shift: i64,
    passes: bool,
}

/// Makes lines straight where the order of the columns allows it. `apart` is the room between two
/// cells of a column.
pub(super) fn straighten(cells: &mut Cells, apart: i64) {
    let blocks = Blocks::of(cells);
    let below = blocks.below(cells, apart);
    let Some(order) = blocks.order(&below) else {
        return;
    };
    let wishes = blocks.wishes(cells);
    // Pushing down and pushing up both keep all cells apart, and so does the mean of the two.
    let mut low = wishes.clone();
    for &block in &order {
        for &(other, room) in &below[block] {
            low[other] = low[other].max(low[block] + room);
        }
    }
    let mut high = wishes;
    for &block in order.iter().rev() {
        for &(other, room) in &below[block] {
            high[block] = high[block].min(high[other] - room);
        }
    }
    for (index, cell) in cells.cells.iter_mut().enumerate() {
        let (block, shift) = blocks.of_cell[index];
        cell.y = (low[block] + high[block]).div_euclid(2) + shift;
    }
}

/// Cells that move together, at most one in each column.
struct Blocks {
    /// The block of each cell, and how far below the block's place it stands.
    of_cell: Vec<(usize, i64)>,
    n: usize,
}

impl Blocks {
    fn of(cells: &Cells) -> Self {
        let left = aligned(cells);
        let mut blocks = Self {
            of_cell: vec![(0, 0); cells.cells.len()],
            n: 0,
        };
        for cell in cells.columns.iter().flatten() {
            blocks.of_cell[*cell] = match left[*cell] {
                Some(link) => {
                    let (block, shift) = blocks.of_cell[link.left];
                    (block, shift + link.shift)
                }
                None => {
                    blocks.n += 1;
                    (blocks.n - 1, 0)
                }
            };
        }
        blocks
    }

    /// Which blocks stand below each, and how much lower at least.
    fn below(&self, cells: &Cells, apart: i64) -> Vec<Vec<(usize, i64)>> {
        let mut below = vec![Vec::new(); self.n];
        for column in &cells.columns {
            for (above, under) in column.iter().zip(column.iter().skip(1)) {
                let room = cells.cells[*above].down + apart + cells.cells[*under].up;
                let (block, shift) = self.of_cell[*above];
                let (other, other_shift) = self.of_cell[*under];
                below[block].push((other, room + shift - other_shift));
            }
        }
        below
    }

    /// The blocks from top to bottom; `None` when there is no such order.
    fn order(&self, below: &[Vec<(usize, i64)>]) -> Option<Vec<usize>> {
        let mut waits = vec![0_usize; self.n];
        for (other, _) in below.iter().flatten() {
            waits[*other] += 1;
        }
        let mut order: Vec<usize> = (0..self.n).filter(|block| waits[*block] == 0).collect();
        let mut next = 0;
        while let Some(&block) = order.get(next) {
            next += 1;
            for (other, _) in &below[block] {
                waits[*other] -= 1;
                if waits[*other] == 0 {
                    order.push(*other);
                }
            }
        }
        (order.len() == self.n).then_some(order)
    }

    /// Where each block stands when its cells stay where they are in the mean.
    fn wishes(&self, cells: &Cells) -> Vec<i64> {
        let mut sums = vec![(0, 0); self.n];
        for (cell, (block, shift)) in cells.cells.iter().zip(&self.of_cell) {
            let (sum, n) = &mut sums[*block];
            *sum += cell.y - shift;
            *n += 1;
        }
        let means = sums
            .iter()
            .map(|(sum, n): &(i64, i64)| sum.checked_div_euclid(*n));
        means.map(|mean| mean.unwrap_or(0)).collect()
    }
}

/// The link to the left of each cell that is made straight: one for each end, and none that cross.
fn aligned(cells: &Cells) -> Vec<Option<Link>> {
    let mut places = vec![0; cells.cells.len()];
    for column in &cells.columns {
        for (place, cell) in column.iter().enumerate() {
            places[*cell] = place;
        }
    }
    let mut links = links(cells);
    let jog = |link: &Link| {
        let level = cells.cells[link.left].y + link.shift;
        (cells.cells[link.right].y - level).abs()
    };
    links.retain(|link| link.passes || jog(link) < JOG);
    links.sort_by_key(|link| (!link.passes, jog(link)));
    let mut taken: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); cells.columns.len()];
    let mut left = vec![None; cells.cells.len()];
    for link in links {
        let gap = &mut taken[cells.cells[link.left].column];
        let (from, to) = (places[link.left], places[link.right]);
        let above = gap.range(..=from).next_back();
        let below = gap.range(from..).next();
        let fits = above.is_none_or(|(place, other)| *place < from && *other < to)
            && below.is_none_or(|(_, other)| *other > to);
        if fits {
            gap.insert(from, to);
            left[link.right] = Some(link);
        }
    }
    left
}

fn links(cells: &Cells) -> Vec<Link> {
    let hops = cells.hops.iter().flatten();
    hops.filter_map(|hop| {
        let passes = hop.from >= cells.n_boxes && hop.to >= cells.n_boxes;
        let (from, to) = (cells.cells[hop.from].column, cells.cells[hop.to].column);
        let (left, right, shift) = match from.cmp(&to) {
            std::cmp::Ordering::Less => (hop.from, hop.to, hop.drop),
            std::cmp::Ordering::Greater => (hop.to, hop.from, -hop.drop),
            std::cmp::Ordering::Equal => return None,
        };
        Some(Link {
            left,
            right,
            shift,
            passes,
        })
    })
    .collect()
}
