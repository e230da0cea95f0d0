//! Large graphs: steps grow with the graph, and nothing recurses.

use signoff_core::check::{Bounds, Report, check};

use crate::check::nets::{Late, Need, Net, Place, Taken};

fn checked(places: Vec<Place>) -> Report {
    let report = check(&Net(places).graph(), Bounds::default());
    assert!(!report.exhausted, "{} steps", report.explored);
    report
}

#[track_caller]
fn sound_within(places: Vec<Place>, steps_per_node: usize) {
    let size = places.len();
    let report = checked(places);
    assert_eq!(report.findings, []);
    let most = size * steps_per_node;
    assert!(report.explored < most, "{} for {size}", report.explored);
}

fn split(branches: impl IntoIterator<Item = usize>) -> Place {
    let branches = branches.into_iter();
    Place::Split(branches.map(|to| (to, Taken::Always)).collect())
}

fn join(next: usize) -> Place {
    Place::Join(Need::All, Late::Cancel, next)
}

/// Splits of three tasks, with their joins, in a row.
fn row(blocks: usize) -> Vec<Place> {
    let mut places = Vec::new();
    for block in 0..blocks {
        let at = block * 5;
        places.push(split([at + 1, at + 2, at + 3]));
        places.extend((0..3).map(|_| Place::Task(at + 4)));
        places.push(join(at + 5));
    }
    places.push(Place::End);
    places
}

/// Splits inside each other, the joins behind them.
fn nested(depth: usize) -> Vec<Place> {
    let end = depth * 3 + 1;
    let join_of = |level: usize| end - 1 - level;
    let mut places = Vec::new();
    for level in 0..depth {
        let task = level * 2 + 1;
        places.push(split([task, task + 1]));
        places.push(Place::Task(join_of(level)));
    }
    places.push(Place::Task(join_of(depth - 1)));
    for level in (0..depth).rev() {
        places.push(join(level.checked_sub(1).map_or(end, join_of)));
    }
    places.push(Place::End);
    places
}

#[test]
fn a_row_of_splits_costs_what_it_has_nodes() {
    sound_within(row(200), 60);
    sound_within(row(2_000), 60);
}

#[test]
fn splits_inside_each_other_cost_what_they_have_nodes() {
    sound_within(nested(100), 60);
    sound_within(nested(10_000), 60);
}

#[test]
fn a_wide_split_costs_what_it_has_branches() {
    let wide = 10_000;
    let mut places = vec![split(1..=wide)];
    places.extend((0..wide).map(|_| Place::Task(wide + 1)));
    places.extend([join(wide + 2), Place::End]);
    sound_within(places, 60);
}

#[test]
fn many_loops_cost_what_they_have_nodes() {
    let size = 10_000;
    let back = |node: usize| Place::If(node + 1, node.saturating_sub(7));
    let mut places: Vec<Place> = (0..size).map(back).collect();
    places.push(Place::End);
    sound_within(places, 60);
}

#[test]
fn a_long_loop_without_a_way_out_is_one_finding() {
    let size = 10_000;
    let places = (0..size).map(|node| Place::Task((node + 1) % size));
    let report = checked(places.collect());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].code, "no_way_to_end");
    let path = report.findings[0].path(6);
    assert_eq!(path, "start → n0 → n1 → … → n9998 → n9999 → n0");
}

#[test]
fn traps_at_every_turn_end_at_the_bound() {
    let size = 4_000;
    let mut places: Vec<Place> = (0..size)
        .map(|node| Place::If((node + 1) % size, size + node))
        .collect();
    places.extend((0..size).map(|node| Place::Task(size + node)));
    let report = check(&Net(places).graph(), Bounds { steps: 1_000_000 });
    assert!(report.exhausted && !report.findings.is_empty());
    assert_eq!(report.explored, 1_000_000);
}

#[test]
fn any_bound_is_kept_and_the_same_graph_gives_the_same_report() {
    let mut places = row(3);
    let end = places.len() - 1;
    places[end] = Place::Task(end);
    let graph = Net(places).graph();
    let whole = check(&graph, Bounds::default());
    assert_eq!(whole, check(&graph, Bounds::default()));
    assert_eq!(whole.findings.len(), 1);
    for steps in 0..=whole.explored {
        let report = check(&graph, Bounds { steps });
        assert_eq!(report.exhausted, steps < whole.explored, "{steps}");
        assert!(report.explored <= steps);
        let mut known = report.findings.iter();
        assert!(known.all(|found| whole.findings.contains(found)));
    }
}
