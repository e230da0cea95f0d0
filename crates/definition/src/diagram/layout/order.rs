//! The order of cells in a column: few crossings, by the mean of their neighbors.

use super::{cells::Cells, sketch::whole};

/// Rounds of sweeps over a graph of usual size.
const ROUNDS: usize = 12;

/// Cells above which two rounds must do.
const MANY: usize = 5_000;

/// Sorts the cells of each column.
pub(super) fn sort(cells: &mut Cells) {
    let links = Links::of(cells);
    let mut best = cells.columns.clone();
    let mut fewest = links.crossings(&best);
    let rounds = if cells.cells.len() > MANY { 2 } else { ROUNDS };
    for round in 0..rounds * 2 {
        if fewest == 0 {
            break;
        }
        links.sweep(&mut cells.columns, round % 2 == 0);
        let crossings = links.crossings(&cells.columns);
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&cells.columns);
        }
    }
    cells.columns = best;
}

/// Who is next to whom.
struct Links {
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    /// The cell of the same column that a way back comes from or goes to.
    mate: Vec<Option<usize>>,
}

impl Links {
    fn of(cells: &Cells) -> Self {
        let n = cells.cells.len();
        let mut links = Self {
            left: vec![Vec::new(); n],
            right: vec![Vec::new(); n],
            mate: vec![None; n],
        };
        for hop in cells.hops.iter().flatten() {
            let (from, to) = (cells.cells[hop.from].column, cells.cells[hop.to].column);
            if from < to {
                links.right[hop.from].push(hop.to);
                links.left[hop.to].push(hop.from);
            } else if from > to {
                links.left[hop.from].push(hop.to);
                links.right[hop.to].push(hop.from);
            } else {
                let (pass, other) = (hop.from.max(hop.to), hop.from.min(hop.to));
                links.mate[pass].get_or_insert(other);
            }
        }
        links
    }

    fn sweep(&self, columns: &mut [Vec<usize>], to_the_right: bool) {
        let mut keys = vec![0; self.mate.len()];
        for column in columns.iter() {
            for (place, cell) in column.iter().enumerate() {
                keys[*cell] = whole(place) * STEP;
            }
        }
        let neighbors = if to_the_right {
            &self.left
        } else {
            &self.right
        };
        for index in 0..columns.len() {
            let at = if to_the_right {
                index
            } else {
                columns.len() - 1 - index
            };
            let column = &mut columns[at];
            for &cell in column.iter() {
                if let Some(mean) = mean(&neighbors[cell], &keys) {
                    keys[cell] = mean;
                }
            }
            for &cell in column.iter().filter(|cell| neighbors[**cell].is_empty()) {
                if let Some(mate) = self.mate[cell] {
                    keys[cell] = keys[mate] + 1;
                }
            }
            column.sort_by_key(|cell| keys[*cell]);
            for (place, cell) in column.iter().enumerate() {
                keys[*cell] = whole(place) * STEP;
            }
        }
    }

    /// How many pairs of hops between neighboring columns cross.
    fn crossings(&self, columns: &[Vec<usize>]) -> u64 {
        let mut place = vec![0; self.mate.len()];
        for column in columns {
            for (index, cell) in column.iter().enumerate() {
                place[*cell] = index;
            }
        }
        let gaps = columns.iter().zip(columns.iter().skip(1));
        gaps.map(|(left, right)| {
            let mut ends = Vec::new();
            for cell in left {
                let start = ends.len();
                ends.extend(self.right[*cell].iter().map(|to| place[*to]));
                ends[start..].sort_unstable();
            }
            inversions(&ends, right.len())
        })
        .sum()
    }
}

/// Parts of a place in a column.
const STEP: i64 = 1_024;

fn mean(neighbors: &[usize], keys: &[i64]) -> Option<i64> {
    let sum: i64 = neighbors.iter().map(|neighbor| keys[*neighbor]).sum();
    sum.checked_div(whole(neighbors.len()))
}

/// Pairs that are out of order among numbers below `n`, by a tree of sums.
fn inversions(numbers: &[usize], n: usize) -> u64 {
    let mut sums = vec![0_u64; n + 1];
    let mut pairs = 0;
    for (seen, number) in (0_u64..).zip(numbers) {
        let mut not_above = 0;
        let mut at = number + 1;
        while at > 0 {
            not_above += sums[at];
            at &= at - 1;
        }
        pairs += seen - not_above;
        let mut at = number + 1;
        while at <= n {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::inversions;

    #[test]
    fn inversions_are_pairs_out_of_order() {
        for (numbers, expected) in [
            (vec![], 0),
            (vec![0, 1, 2], 0),
            (vec![2, 1, 0], 3),
            (vec![1, 1, 0], 2),
            (vec![0, 2, 1, 2], 1),
        ] {
            assert_eq!(inversions(&numbers, 3), expected, "{numbers:?}");
        }
    }
}
