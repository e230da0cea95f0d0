//! Columns: every edge leads to the right, but for those that close a circle.

use super::sketch::Sketch;

/// The column of each box, and which edges go back.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    pub(super) rank: Vec<usize>,
    pub(super) back: Vec<bool>,
}

impl Ranks {
    pub(super) fn of(sketch: &Sketch) -> Self {
        let leaving = leaving(sketch);
        let back = back_edges(sketch, &leaving);
        let mut rank = longest_paths(sketch, &leaving, &back);
        pull_starts(sketch, &leaving, &back, &mut rank);
        Self { rank, back }
    }

    /// The number of columns.
    pub(super) fn len(&self) -> usize {
        self.rank.iter().max().map_or(0, |last| last + 1)
    }
}

/// The edges that leave each box.
fn leaving(sketch: &Sketch) -> Vec<Vec<usize>> {
    let mut leaving = vec![Vec::new(); sketch.boxes.len()];
    for (index, edge) in sketch.edges.iter().enumerate() {
        leaving[edge.from].push(index);
    }
    leaving
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Visit {
    Never,
    Open,
    Done,
}

/// An edge goes back when it leads to a box that the walk in depth is still inside of.
fn back_edges(sketch: &Sketch, leaving: &[Vec<usize>]) -> Vec<bool> {
    let mut back = vec![false; sketch.edges.len()];
    let mut visits = vec![Visit::Never; sketch.boxes.len()];
    for root in 0..sketch.boxes.len() {
        if visits[root] != Visit::Never {
            continue;
        }
        visits[root] = Visit::Open;
        let mut stack = vec![(root, 0)];
        while let Some((at, next)) = stack.last_mut() {
            let Some(&edge) = leaving[*at].get(*next) else {
                visits[*at] = Visit::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            let to = sketch.edges[edge].to;
            match visits[to] {
                Visit::Never => {
                    visits[to] = Visit::Open;
                    stack.push((to, 0));
                }
                Visit::Open => back[edge] = true,
                Visit::Done => {}
            }
        }
    }
    back
}

/// How many columns an edge spans at least: a label takes one of its own.
fn span(sketch: &Sketch, edge: usize) -> usize {
    if sketch.edges[edge].label.is_some() {
        2
    } else {
        1
    }
}

fn longest_paths(sketch: &Sketch, leaving: &[Vec<usize>], back: &[bool]) -> Vec<usize> {
    let mut waits = vec![0_usize; sketch.boxes.len()];
    for (edge, _) in sketch.edges.iter().zip(back).filter(|(_, back)| !**back) {
        waits[edge.to] += 1;
    }
    let mut rank = vec![0; sketch.boxes.len()];
    let mut ready: Vec<usize> = (0..waits.len()).filter(|at| waits[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for &edge in leaving[at].iter().filter(|edge| !back[**edge]) {
            let to = sketch.edges[edge].to;
            rank[to] = rank[to].max(rank[at] + span(sketch, edge));
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(to);
            }
        }
    }
    rank
}

/// What nothing leads to stands right before what it leads to.
fn pull_starts(sketch: &Sketch, leaving: &[Vec<usize>], back: &[bool], rank: &mut [usize]) {
    let mut entered = vec![false; sketch.boxes.len()];
    for edge in &sketch.edges {
        entered[edge.to] = true;
    }
    for at in (0..rank.len()).filter(|at| !entered[*at]) {
        let latest = leaving[at]
            .iter()
            .filter(|edge| !back[**edge])
            .map(|&edge| rank[sketch.edges[edge].to] - span(sketch, edge))
            .min();
        if let Some(latest) = latest {
            rank[at] = latest;
        }
    }
}
