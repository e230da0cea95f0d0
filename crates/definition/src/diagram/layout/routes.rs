//! The ways of edges: level through the columns, upright in the gaps between them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use super::{
    cells::{Cells, Hop, Side},
    ranks::Ranks,
    sketch::{Layout, Point, Route, Sketch, SketchEdge, whole},
    tracks::{self, Net},
};

/// Room around everything.
const MARGIN: i64 = 24;

/// Room beside the upright lines of a gap; a frame ends within it, and an arrow's head.
const GAP_SIDE: i64 = 24;

/// Room between two upright lines.
const TRACK: i64 = 12;

/// Room between the lines of edges that run below everything.
const LANE: i64 = 22;

/// Leads every edge, and gives each column its place.
pub(super) fn lead(sketch: &Sketch, ranks: &Ranks, cells: &Cells) -> Layout {
    let bottom = cells.cells.iter().map(|cell| cell.y + cell.down).max();
    let bottom = bottom.unwrap_or(0);
    let (lanes, n_lanes) = lanes(sketch, cells);
    let turns: Vec<Vec<Turn>> = (0..sketch.edges.len())
        .map(|index| match lanes[index] {
            Some(lane) => {
                let y = bottom + LANE * whole(lane + 1);
                turns_below(&sketch.edges[index], cells, y)
            }
            None => turns(&cells.hops[index], cells),
        })
        .collect();
    let gaps = Gaps::of(&turns, ranks.len());
    let columns = Columns::of(cells, &gaps);
    let routes = (0..sketch.edges.len()).map(|index| {
        let edge = &sketch.edges[index];
        let mut route = route(sketch, edge, &turns[index], cells, &gaps, &columns, index);
        route.label = edge.label.and_then(|_| match lanes[index] {
            Some(_) => on_lane(&route.points),
            None => label(&cells.hops[index], cells, &columns),
        });
        route
    });
    let routes = routes.collect();
    let anchors = cells.cells[..cells.n_boxes].iter();
    Layout {
        width: columns.width,
        height: bottom + LANE * whole(n_lanes) + 2 * MARGIN,
        anchors: anchors
            .map(|cell| Point {
                x: columns.centers[cell.column],
                y: cell.y + MARGIN,
            })
            .collect(),
        routes,
    }
}

/// What an edge does in one gap: it comes at one height and leaves at another.
#[derive(Clone, Copy, Debug)]
struct Turn {
    gap: usize,
    /// The place that it leaves, when that is a box: edges that leave there share a line.
    source: Option<(usize, i64)>,
    from: (i64, Option<Side>),
    to: (i64, Option<Side>),
}

fn turns(hops: &[Hop], cells: &Cells) -> Vec<Turn> {
    let turn = |hop: &Hop| Turn {
        gap: hop.gap,
        source: (hop.from < cells.n_boxes).then_some((hop.from, hop.drop)),
        from: (cells.cells[hop.from].y + hop.drop, Some(hop.from_side)),
        to: (cells.cells[hop.to].y, Some(hop.to_side)),
    };
    hops.iter().map(turn).collect()
}

fn turns_below(edge: &SketchEdge, cells: &Cells, y: i64) -> Vec<Turn> {
    let (from, to) = (cells.cells[edge.from], cells.cells[edge.to]);
    vec![
        Turn {
            gap: from.column + 1,
            source: Some((edge.from, edge.drop)),
            from: (from.y + edge.drop, Some(Side::Left)),
            to: (y, None),
        },
        Turn {
            gap: to.column,
            source: None,
            from: (y, None),
            to: (to.y, Some(Side::Right)),
        },
    ]
}

/// The line below everything that each edge without hops takes, and how many lines there are.
fn lanes(sketch: &Sketch, cells: &Cells) -> (Vec<Option<usize>>, usize) {
    let spans = sketch.edges.iter().zip(&cells.hops).enumerate();
    let mut spans: Vec<(usize, usize, usize)> = spans
        .filter(|(_, (_, hops))| hops.is_empty())
        .map(|(index, (edge, _))| {
            let out = cells.cells[edge.from].column + 1;
            let back = cells.cells[edge.to].column;
            (out.min(back), out.max(back), index)
        })
        .collect();
    spans.sort_unstable();
    let mut lanes = vec![None; sketch.edges.len()];
    let mut ends: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    for (start, end, index) in spans {
        let free = match ends.peek() {
            Some(Reverse((last, _))) if *last < start => ends.pop().map(|free| free.0.1),
            _ => None,
        };
        let lane = free.unwrap_or(ends.len());
        ends.push(Reverse((end, lane)));
        lanes[index] = Some(lane);
    }
    (lanes, ends.len())
}

/// A place that several edges may leave, or one turn of one edge.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum NetKey {
    Source(usize, i64),
    Turn(usize, usize),
}

impl NetKey {
    fn of(turn: &Turn, edge: usize, place: usize) -> Self {
        match turn.source {
            Some((cell, drop)) => Self::Source(cell, drop),
            None => Self::Turn(edge, place),
        }
    }
}

/// The tracks of every gap.
struct Gaps {
    tracks: Vec<BTreeMap<NetKey, Option<usize>>>,
    widths: Vec<i64>,
}

impl Gaps {
    fn of(turns: &[Vec<Turn>], n_columns: usize) -> Self {
        let mut nets: Vec<BTreeMap<NetKey, Net>> = vec![BTreeMap::new(); n_columns + 1];
        for (edge, turns) in turns.iter().enumerate() {
            for (place, turn) in turns.iter().enumerate() {
                let net = nets[turn.gap].entry(NetKey::of(turn, edge, place));
                let net = net.or_default();
                for (y, side) in [turn.from, turn.to] {
                    match side {
                        Some(Side::Left) => net.lefts.push(y),
                        Some(Side::Right) => net.rights.push(y),
                        None => net.others.push(y),
                    }
                }
            }
        }
        let mut gaps = Self {
            tracks: Vec::new(),
            widths: Vec::new(),
        };
        for (gap, nets) in nets.into_iter().enumerate() {
            let (keys, nets): (Vec<NetKey>, Vec<Net>) = nets.into_iter().unzip();
            let tracks = tracks::assign(&nets);
            let lines = match tracks.iter().flatten().max() {
                Some(last) => GAP_SIDE + TRACK * whole(*last),
                None if gap == 0 || gap == n_columns => 0,
                None => GAP_SIDE / 2,
            };
            gaps.widths.push(GAP_SIDE + lines);
            gaps.tracks.push(keys.into_iter().zip(tracks).collect());
        }
        gaps
    }
}

/// Where the columns are.
struct Columns {
    centers: Vec<i64>,
    /// Where each gap begins.
    gaps: Vec<i64>,
    width: i64,
}

impl Columns {
    fn of(cells: &Cells, gaps: &Gaps) -> Self {
        let mut x = 0;
        let mut columns = Self {
            centers: Vec::new(),
            gaps: Vec::new(),
            width: 0,
        };
        for (index, width) in gaps.widths.iter().enumerate() {
            columns.gaps.push(x);
            x += width;
            if let Some(column) = cells.columns.get(index) {
                let widths = column.iter().map(|cell| cells.cells[*cell].width);
                // Even, so that the mirror of a center is the center of the mirror.
                let width = (widths.max().unwrap_or(0) + 1) / 2 * 2;
                columns.centers.push(x + width / 2);
                x += width;
            }
        }
        columns.width = x;
        columns
    }
}

fn route(
    sketch: &Sketch,
    edge: &SketchEdge,
    turns: &[Turn],
    cells: &Cells,
    gaps: &Gaps,
    columns: &Columns,
    index: usize,
) -> Route {
    let center = |at: usize| columns.centers[cells.cells[at].column];
    let mut points = vec![Point {
        x: center(edge.from) + sketch.boxes[edge.from].half,
        y: cells.cells[edge.from].y + edge.drop + MARGIN,
    }];
    for (place, turn) in turns.iter().enumerate() {
        let key = NetKey::of(turn, index, place);
        let track = gaps.tracks[turn.gap].get(&key).copied().flatten();
        let (Some(track), true) = (track, turn.from.0 != turn.to.0) else {
            continue;
        };
        let x = columns.gaps[turn.gap] + GAP_SIDE + TRACK * whole(track);
        points.extend([turn.from.0, turn.to.0].map(|y| Point { x, y: y + MARGIN }));
    }
    points.push(Point {
        x: center(edge.to) - sketch.boxes[edge.to].half,
        y: cells.cells[edge.to].y + MARGIN,
    });
    Route {
        points,
        label: None,
    }
}

fn label(hops: &[Hop], cells: &Cells, columns: &Columns) -> Option<Point> {
    let stops = hops.iter().map(|hop| cells.cells[hop.to]);
    let cell = stops.into_iter().find(|cell| cell.label)?;
    Some(Point {
        x: columns.centers[cell.column],
        y: cell.y + MARGIN,
    })
}

/// On the line below everything: the lowest two points of the way.
fn on_lane(points: &[Point]) -> Option<Point> {
    let y = points.iter().map(|point| point.y).max()?;
    let mut xs = points.iter().filter(|point| point.y == y);
    let (one, other) = (xs.next()?, xs.next()?);
    Some(Point {
        x: one.x.midpoint(other.x),
        y,
    })
}
