//! Loops: the strongly connected components of a graph, after Tarjan, without recursion.

const NONE: usize = usize::MAX;

/// The number of its component for each of these vertices, in reverse topological order: a component
/// has a higher number than those that it leads to. What is not reached from `roots` has `None`.
pub(super) fn components(
    size: usize,
    roots: impl IntoIterator<Item = usize>,
    mut next: impl FnMut(usize) -> Vec<usize>,
) -> Vec<Option<usize>> {
    let mut found = Search {
        index: vec![NONE; size],
        low: vec![NONE; size],
        component: vec![None; size],
        stack: Vec::new(),
        components: 0,
    };
    let mut count = 0;
    for root in roots {
        let mut open: Vec<(usize, Option<Vec<usize>>)> = vec![(root, None)];
        while let Some((vertex, left)) = open.pop() {
            let mut left = match left {
                Some(left) => left,
                None if found.index[vertex] != NONE => continue,
                None => {
                    found.enter(vertex, count);
                    count += 1;
                    next(vertex)
                }
            };
            match left.pop() {
                Some(to) => {
                    open.push((vertex, Some(left)));
                    match found.index[to] {
                        NONE => open.push((to, None)),
                        index if found.component[to].is_none() => {
                            found.low[vertex] = found.low[vertex].min(index);
                        }
                        _ => {}
                    }
                }
                None => {
                    found.leave(vertex);
                    if let Some((parent, _)) = open.last() {
                        found.low[*parent] = found.low[*parent].min(found.low[vertex]);
                    }
                }
            }
        }
    }
    found.component
}

struct Search {
    index: Vec<usize>,
    low: Vec<usize>,
    component: Vec<Option<usize>>,
    stack: Vec<usize>,
    components: usize,
}

impl Search {
    fn enter(&mut self, vertex: usize, index: usize) {
        self.index[vertex] = index;
        self.low[vertex] = index;
        self.stack.push(vertex);
    }

    fn leave(&mut self, vertex: usize) {
        if self.low[vertex] != self.index[vertex] {
            return;
        }
        while let Some(member) = self.stack.pop() {
            self.component[member] = Some(self.components);
            if member == vertex {
                break;
            }
        }
        self.components += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_one_component_and_come_after_what_they_lead_to() {
        let ways: [&[usize]; 7] = [&[1], &[2], &[0, 3], &[4], &[3, 5], &[], &[6]];
        let found = components(7, [0], |vertex| ways[vertex].to_vec());
        assert_eq!(
            found,
            [Some(2), Some(2), Some(2), Some(1), Some(1), Some(0), None]
        );
    }

    #[test]
    fn a_long_row_needs_no_stack() {
        let size = 200_000;
        let found = components(size, [0], |vertex| match vertex + 1 < size {
            true => vec![vertex + 1],
            false => vec![0],
        });
        assert!(found.iter().all(|component| *component == Some(0)));
    }
}
