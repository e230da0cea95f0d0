//! What holds for the drawing of any graph.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use signoff_conditions::Cel;
use signoff_core::{
    conditions::Conditions as _,
    graph::{
        Branch, Case, Catch, Choice, ForEach, FunctionNode, Graph, GraphBuilder, Group, JoinNode,
        Moment, Node, NodeKind, SplitNode, StartRule, Timeout,
    },
    id::NodeKey,
    text::Text,
};
use signoff_definition::diagram::{Diagram, Direction, SvgOptions};

use super::picture::{Edge, Picture, Rect};

/// A node before the others are known: its kind, whom it leads to, its boundaries, its group.
type Seed = (u8, Vec<usize>, Vec<(u8, usize)>, Option<usize>);

fn seeds() -> impl Strategy<Value = (Vec<Seed>, Vec<usize>)> {
    let seed = (
        0_u8..7,
        vec(any::<usize>(), 0..4),
        vec((0_u8..5, any::<usize>()), 0..3),
        prop::option::weighted(0.4, 0_usize..3),
    );
    (vec(seed, 1..25), vec(any::<usize>(), 1..4))
}

fn build((seeds, starts): &(Vec<Seed>, Vec<usize>)) -> Graph {
    let key = |index: usize| NodeKey::from(format!("n{}", index % seeds.len()));
    let mut builder = GraphBuilder::new("random");
    for group in 0..3 {
        builder = builder.group(Group {
            key: format!("G{group}").into(),
            title: Text::Plain(format!("G{group}")),
            texts: signoff_core::graph::Texts::default(),
            department: None,
            when: None,
            next: None,
            actions: signoff_core::graph::ActionTable::new(),
        });
    }
    let rule = |start: &usize| StartRule {
        first: Some(key(*start)),
        ..StartRule::default()
    };
    let mut rules = starts.iter().map(rule);
    builder = builder
        .start(rules.next().unwrap())
        .other_starts(rules.collect());
    for (index, (kind, ways, boundaries, group)) in seeds.iter().enumerate() {
        let mut ways: Vec<NodeKey> = ways.iter().map(|to| key(*to)).collect();
        let mut node = Node::new(key(index), NodeKind::End(None));
        node.kind = match kind {
            0 => NodeKind::Choice(Choice {
                default: ways.pop().map(Into::into),
                cases: ways.drain(..).map(case).collect(),
            }),
            1 => NodeKind::Split(SplitNode {
                branches: ways.drain(..).enumerate().map(branch).collect(),
            }),
            2 => NodeKind::First(std::mem::take(&mut ways)),
            3 => NodeKind::Join(JoinNode::all()),
            4 => NodeKind::Timer(Moment::After(jiff::SignedDuration::from_hours(1).into())),
            5 => NodeKind::End(None),
            _ => NodeKind::Function(FunctionNode {
                name: "f".to_owned(),
                with: signoff_core::template::Template::default(),
                into: None,
                symbol: None,
            }),
        };
        node.next = ways.pop().filter(|_| *kind > 2 && *kind != 5);
        node.group = group.map(|group| format!("G{group}").into());
        for (kind, to) in boundaries {
            bind(&mut node, *kind, key(*to));
        }
        builder = builder.node(node);
    }
    builder.build().unwrap()
}

fn condition() -> std::sync::Arc<dyn signoff_core::conditions::Condition> {
    Cel::new()
        .compile("amount > 1000 && size(items) < 3")
        .unwrap()
}

fn case(to: NodeKey) -> Case {
    Case {
        when: condition(),
        way: to.into(),
    }
}

fn branch((index, to): (usize, NodeKey)) -> Branch {
    Branch {
        when: (index % 2 == 1).then(condition),
        each: (index % 3 == 1).then(|| ForEach {
            items: condition(),
            name: None,
        }),
        ..Branch::to(to)
    }
}

fn bind(node: &mut Node, kind: u8, next: NodeKey) {
    match kind {
        0 | 1 => node.timeouts.push(Timeout {
            when: Moment::After(jiff::SignedDuration::from_hours(8).into()),
            interrupting: kind == 0,
            next,
        }),
        2 => node.errors.push(Catch { code: None, next }),
        3 => node.escalations.push(Catch { code: None, next }),
        _ => node.compensate_with = Some(next),
    }
}

fn draw(graph: &Graph, direction: Direction) -> Picture {
    Picture::read(&Diagram::of(graph).svg(&SvgOptions {
        direction,
        ..SvgOptions::default()
    }))
}

/// Counted from the graph, not from the drawing: the starts, the ways, the boundaries, and one for
/// each node whose branch ends without an end.
fn n_edges(graph: &Graph) -> usize {
    let handlers: BTreeSet<&NodeKey> = graph
        .nodes()
        .filter_map(|node| node.compensate_with.as_ref())
        .collect();
    let of_nodes: usize = graph
        .nodes()
        .map(|node| {
            let ends = matches!(node.kind, NodeKind::End(_)) || handlers.contains(&node.key);
            node.targets().len() + usize::from(node.ways().is_empty() && !ends)
        })
        .sum();
    graph.starts().count() + of_nodes
}

fn check_all_is_drawn_once(graph: &Graph, picture: &Picture) {
    let drawn: Vec<&str> = picture
        .shapes
        .iter()
        .filter_map(|shape| shape.node.as_deref())
        .collect();
    let expected: Vec<&str> = graph.nodes().map(|node| node.key.as_str()).collect();
    assert_eq!(drawn, expected);
    assert_eq!(picture.edges.len(), n_edges(graph));
    for edge in &picture.edges {
        let to = picture.shapes[edge.to].rect;
        assert_eq!(
            edge.tip,
            (to.left, i64::midpoint(to.top, to.bottom)),
            "{edge:?}"
        );
        let from = &picture.shapes[edge.from];
        let start = edge.points[0];
        let of_boundary =
            |rect: &Rect| start == (i64::midpoint(rect.left, rect.right), rect.bottom);
        assert!(
            start
                == (
                    from.rect.right,
                    i64::midpoint(from.rect.top, from.rect.bottom)
                )
                || from.boundaries.iter().any(of_boundary),
            "{edge:?} does not leave {from:?}"
        );
    }
}

fn check_nothing_overlaps(picture: &Picture) {
    for (index, shape) in picture.shapes.iter().enumerate() {
        assert!(shape.rect.left < shape.rect.right, "{shape:?}");
        let page = Rect {
            left: 0,
            top: 0,
            right: picture.size.0,
            bottom: picture.size.1,
        };
        assert!(page.holds(shape.rect), "{shape:?} is not on the page");
        let mut places: Vec<Rect> = vec![shape.rect];
        places.extend(&shape.boundaries);
        for other in &picture.shapes[..index] {
            let others = std::iter::once(&other.rect).chain(&other.boundaries);
            for place in others {
                assert!(
                    places.iter().all(|rect| !rect.meets(*place)),
                    "{shape:?} {other:?}"
                );
            }
        }
        for (number, boundary) in shape.boundaries.iter().enumerate() {
            let middle = i64::midpoint(boundary.top, boundary.bottom);
            assert_eq!(middle, shape.rect.bottom, "{shape:?}");
            assert!(shape.rect.left < boundary.left && boundary.right < shape.rect.right);
            let others = &shape.boundaries[..number];
            assert!(
                others.iter().all(|other| !other.meets(*boundary)),
                "{shape:?}"
            );
        }
    }
}

fn check_edges_go_around(picture: &Picture) {
    for edge in &picture.edges {
        for (one, other) in edge.points.iter().zip(&edge.points[1..]) {
            assert!(
                one.0 == other.0 || one.1 == other.1,
                "right angles: {edge:?}"
            );
            let line = Rect {
                left: one.0.min(other.0),
                top: one.1.min(other.1),
                right: one.0.max(other.0) + 1,
                bottom: one.1.max(other.1) + 1,
            };
            for shape in &picture.shapes {
                let inside = Rect {
                    left: shape.rect.left + 1,
                    top: shape.rect.top + 1,
                    right: shape.rect.right - 1,
                    bottom: shape.rect.bottom - 1,
                };
                assert!(!line.meets(inside), "{edge:?} runs through {shape:?}");
            }
        }
    }
}

fn check_frames_hold_their_nodes(graph: &Graph, picture: &Picture) {
    for shape in &picture.shapes {
        let node = shape.node.as_deref().map(NodeKey::from);
        let node = node.and_then(|key| graph.node(&key));
        let group = node
            .and_then(|node| node.group.as_ref())
            .map(|group| group.as_str());
        let around: Vec<&str> = picture
            .frames
            .iter()
            .filter(|(frame, _)| frame.meets(shape.rect))
            .map(|(frame, title)| {
                assert!(frame.holds(shape.rect), "{frame:?} cuts {shape:?}");
                title.as_str()
            })
            .collect();
        assert_eq!(around, group.into_iter().collect::<Vec<_>>(), "{shape:?}");
    }
}

fn check_mirror(ltr: &Picture, rtl: &Picture) {
    assert_eq!(ltr.size, rtl.size);
    let mirror = |rect: &Rect| Rect {
        left: ltr.size.0 - rect.right,
        right: ltr.size.0 - rect.left,
        ..*rect
    };
    for (one, other) in ltr.shapes.iter().zip(&rtl.shapes) {
        assert_eq!(mirror(&one.rect), other.rect);
        let boundaries: Vec<Rect> = one.boundaries.iter().map(mirror).collect();
        assert_eq!(boundaries, other.boundaries);
    }
    for (one, other) in ltr.edges.iter().zip(&rtl.edges) {
        let points: Vec<_> = one
            .points
            .iter()
            .map(|(x, y)| (ltr.size.0 - x, *y))
            .collect();
        assert_eq!(points, other.points);
    }
    for ((one, _), (other, _)) in ltr.frames.iter().zip(&rtl.frames) {
        assert_eq!(mirror(one), *other);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_graph_is_drawn_whole_and_without_overlaps(seeds in seeds()) {
        let graph = build(&seeds);
        let picture = draw(&graph, Direction::Ltr);
        check_all_is_drawn_once(&graph, &picture);
        check_nothing_overlaps(&picture);
        check_edges_go_around(&picture);
        check_frames_hold_their_nodes(&graph, &picture);
    }

    #[test]
    fn right_to_left_is_the_mirror(seeds in seeds()) {
        let graph = build(&seeds);
        check_mirror(&draw(&graph, Direction::Ltr), &draw(&graph, Direction::Rtl));
    }

    #[test]
    fn the_same_graph_gives_the_same_drawing(seeds in seeds()) {
        let (one, other) = (Diagram::of(&build(&seeds)), Diagram::of(&build(&seeds)));
        let options = SvgOptions::default();
        prop_assert_eq!(one.svg(&options), other.svg(&options));
        prop_assert_eq!(one.mermaid(), other.mermaid());
        prop_assert_eq!(one.dot(), other.dot());
    }
}

/// Large graphs: the function of each node leads to the nodes that `ways` gives.
fn large(n: usize, ways: impl Fn(usize) -> Vec<usize>) -> Graph {
    let mut builder = GraphBuilder::new("large");
    for index in 0..n {
        let ways = ways(index)
            .into_iter()
            .map(|to| NodeKey::from(format!("n{to}")));
        let node = Node::new(format!("n{index}"), NodeKind::First(ways.collect()));
        builder = builder.node(node);
    }
    builder.build().unwrap()
}

#[test]
fn ways_back_that_would_take_too_much_room_run_below() {
    let graph = large(300, |at| vec![(at + 1).min(299), 0]);
    let picture = draw(&graph, Direction::Ltr);
    check_all_is_drawn_once(&graph, &picture);
    check_nothing_overlaps(&picture);
    check_edges_go_around(&picture);
    let lowest = picture.shapes.iter().map(|shape| shape.rect.bottom).max();
    let below = |edge: &&Edge| edge.points.iter().map(|point| point.1).max() > lowest;
    let n_long = picture
        .edges
        .iter()
        .filter(below)
        .filter(|edge| edge.from > 200)
        .count();
    assert!(n_long > 50, "{n_long}");
    check_mirror(&picture, &draw(&graph, Direction::Rtl));
}

#[test]
fn long_wide_and_tangled_graphs_are_drawn_too() {
    let last = 9_999;
    for (name, graph) in [
        ("chain", large(10_000, |at| vec![(at + 1).min(last)])),
        (
            "star",
            large(10_000, |at| {
                if at == 0 {
                    (1..10_000).collect()
                } else {
                    Vec::new()
                }
            }),
        ),
        ("ways back", large(3_000, |at| vec![(at + 1).min(2_999), 0])),
        (
            "tangle",
            large(1_000, |at| {
                (1..6).map(|way| (at * 31 + way * 397) % 1_000).collect()
            }),
        ),
    ] {
        let picture = draw(&graph, Direction::Ltr);
        check_all_is_drawn_once(&graph, &picture);
        let mut rects: Vec<Rect> = picture.shapes.iter().map(|shape| shape.rect).collect();
        rects.sort_by_key(|rect| (rect.left + rect.right, rect.top));
        for pair in rects.windows(2) {
            assert!(!pair[0].meets(pair[1]), "{name}: {pair:?}");
        }
    }
}
