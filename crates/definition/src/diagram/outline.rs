//! What is drawn, before it has a place: the starts, the nodes, the ends that are not written.

use std::collections::{BTreeMap, BTreeSet};

use signoff_core::{
    graph::{Graph, Group, Node, NodeKind, StartRule},
    id::NodeKey,
    text::Text,
};

use super::{
    face::{Face, Glyph, Marker},
    kinds,
    layout::{Sketch, SketchBox, SketchEdge, whole},
    measure, notes, ways,
    words::say,
};

/// All that is drawn of a graph.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    pub(super) key: String,
    pub(super) title: Text,
    /// The starts, the nodes in file order, then the ends that are not written.
    pub(super) items: Vec<Item>,
    pub(super) links: Vec<Link>,
    pub(super) frames: Vec<Frame>,
}

/// A shape.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The node, when it is one.
    pub(super) node: Option<NodeKey>,
    /// The word for what it is.
    pub(super) kind: Text,
    pub(super) title: Text,
    pub(super) notes: Vec<Text>,
    pub(super) face: Face,
    /// `#` and hexadecimal digits.
    pub(super) color: Option<String>,
    pub(super) frame: Option<usize>,
    /// Whether its frame has a note.
    pub(super) frame_note: bool,
    pub(super) boundaries: Vec<Boundary>,
    /// The nodes that it withdraws.
    pub(super) cancels: Vec<usize>,
}

/// A small circle on the border of a shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boundary {
    pub(super) glyph: Glyph,
    pub(super) interrupting: bool,
}

/// An edge.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    /// The boundary of `from` that it leaves.
    pub(super) boundary: Option<usize>,
    pub(super) to: usize,
    pub(super) label: Option<Text>,
    /// Whether no token goes there by itself.
    pub(super) dashed: bool,
}

/// A group of nodes.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) title: Text,
    pub(super) note: Option<Text>,
}

/// The width of a box, unless its boundaries need more.
const TASK_WIDTH: i64 = 184;

/// Room at the lower border of a box for its markers.
const MARKERS: i64 = 94;

/// Room for the texts of a box.
pub(super) const TASK_TEXT: i64 = 138;

/// The width of a circle or a diamond with its texts.
pub(super) const SMALL_WIDTH: i64 = 124;

/// From the middle of a circle to its border.
pub(super) const RADIUS: i64 = 18;

/// From the middle of a diamond to its corners.
pub(super) const DIAMOND: i64 = 25;

/// From the middle of a boundary to its border.
pub(super) const BOUNDARY: i64 = 11;

/// From one boundary to the next.
pub(super) const BOUNDARIES: i64 = 30;

/// Room for the label of an edge.
pub(super) const LABEL: i64 = 170;

/// The size of letters: of titles, which are bold and so a little wider than their size, and of all
/// others.
pub(super) const LETTERS: (i64, i64) = (14, 11);

/// The height of a line of text: of titles, and of all others.
pub(super) const LINES: (i64, i64) = (17, 15);

/// Room for the title of a frame, for its note, and for its lower border.
pub(super) const FRAME: (i64, i64, i64) = (32, 14, 12);

impl Outline {
    /// Everything of `graph` that is drawn.
    pub(super) fn of(graph: &Graph) -> Self {
        let n_starts = graph.starts().count();
        let groups: BTreeMap<_, _> = graph.groups().map(|group| &group.key).zip(0..).collect();
        let places: BTreeMap<&NodeKey, usize> = graph
            .nodes()
            .map(|node| &node.key)
            .zip(n_starts..)
            .collect();
        let mut outline = Self {
            key: graph.key().as_str().to_owned(),
            title: graph.title().clone(),
            items: Vec::new(),
            links: Vec::new(),
            frames: graph.groups().map(frame).collect(),
        };
        for start in graph.starts() {
            outline.items.push(Item {
                notes: notes::of_start(start),
                title: start_title(start),
                ..bare(
                    kinds::start_face(&start.trigger),
                    say(|words| words.start.to_owned()),
                )
            });
        }
        for node in graph.nodes() {
            let frame = node
                .group
                .as_ref()
                .and_then(|group| groups.get(group).copied());
            let frame_note = frame.is_some_and(|frame: usize| outline.frames[frame].note.is_some());
            outline.items.push(Item {
                frame,
                frame_note,
                ..item(node, &places)
            });
        }
        for (from, start) in graph.starts().enumerate() {
            let first = start.first.as_ref().unwrap_or_else(|| graph.first());
            outline.link(from, first, &places);
        }
        for node in graph.nodes() {
            if let Some(from) = places.get(&node.key) {
                ways::lead(&mut outline, *from, node, &places);
            }
        }
        outline.end_ways(graph, &places);
        outline
    }

    fn link(&mut self, from: usize, to: &NodeKey, places: &BTreeMap<&NodeKey, usize>) {
        if let Some(&to) = places.get(to) {
            self.links.push(Link {
                from,
                boundary: None,
                to,
                label: None,
                dashed: false,
            });
        }
    }

    /// Where a branch ends without an `end`, one is drawn; what takes something back has none.
    fn end_ways(&mut self, graph: &Graph, places: &BTreeMap<&NodeKey, usize>) {
        let nodes = graph.nodes();
        let handlers: BTreeSet<&NodeKey> = nodes
            .filter_map(|node| node.compensate_with.as_ref())
            .collect();
        for node in graph.nodes() {
            let ends = matches!(
                node.kind,
                NodeKind::End(_) | NodeKind::Fail(_) | NodeKind::Terminate(_)
            );
            if ends || !node.ways().is_empty() || handlers.contains(&node.key) {
                continue;
            }
            let Some(&from) = places.get(&node.key) else {
                continue;
            };
            self.links.push(Link {
                from,
                boundary: None,
                to: self.items.len(),
                label: None,
                dashed: false,
            });
            let kind = say(|words| words.end.to_owned());
            self.items.push(Item {
                title: say(|words| capital(words.end)),
                ..bare(kinds::end(None), kind)
            });
        }
    }

    /// The boxes and edges, for the layout.
    pub(super) fn sketch(&self) -> Sketch {
        let edges = self.links.iter().map(|link| SketchEdge {
            from: link.from,
            to: link.to,
            drop: link
                .boundary
                .map_or(0, |place| drop(&self.items[link.from], place)),
            label: link.label.as_ref().map(|label| {
                measure::most(label, |label| {
                    let shown = measure::shorten(label, LABEL, LETTERS.1);
                    measure::width(&shown, LETTERS.1) + 8
                })
            }),
        });
        Sketch {
            boxes: self.items.iter().map(Item::room).collect(),
            edges: edges.collect(),
        }
    }
}

impl Item {
    /// The height of its box.
    pub(super) fn task_height(&self) -> i64 {
        let markers = match &self.face {
            Face::Task { markers, .. } if !markers.is_empty() => 16,
            _ => 0,
        };
        let notes = whole(self.notes.len()).min(2);
        (2 * LINES.0 + notes.max(1) * LINES.1 + markers + 17) / 2 * 2
    }

    /// From its middle to its left and right border.
    pub(super) fn half(&self) -> i64 {
        match self.face {
            Face::Event { .. } => RADIUS,
            Face::Gateway(_) => DIAMOND,
            Face::Task { .. } => {
                let boundaries = BOUNDARIES * whole(self.boundaries.len());
                (TASK_WIDTH.max(boundaries + MARKERS) + 1) / 2
            }
        }
    }

    /// The room that it takes with its texts.
    pub(super) fn room(&self) -> SketchBox {
        let half = self.half();
        let (up, down) = match self.face {
            Face::Event { .. } | Face::Gateway(_) => {
                let title = measure::lines(&self.title, SMALL_WIDTH, LETTERS.0, 2);
                let notes = whole(self.notes.len()).min(1);
                (half + 10, half + 10 + title * LINES.0 + notes * LINES.1)
            }
            Face::Task { .. } => {
                let half = self.task_height() / 2;
                let last = self.boundaries.len().checked_sub(1);
                (
                    half + 14,
                    last.map_or(half + 2, |last| drop(self, last) + 8),
                )
            }
        };
        let (above, below) = match self.frame {
            Some(_) => (FRAME.0 + if self.frame_note { FRAME.1 } else { 0 }, FRAME.2),
            None => (0, 0),
        };
        SketchBox {
            width: (half * 2).max(SMALL_WIDTH),
            half,
            up: up + above,
            down: down + below,
        }
    }
}

/// How far below the middle of its host the way from a boundary runs. The first stands at the end
/// of the box, and its way runs highest, so that none crosses another.
pub(super) fn drop(host: &Item, place: usize) -> i64 {
    host.task_height() / 2 + BOUNDARY + 10 + 12 * whole(place)
}

fn bare(face: Face, kind: Text) -> Item {
    Item {
        node: None,
        title: kind.clone(),
        kind,
        notes: Vec::new(),
        face,
        color: None,
        frame: None,
        frame_note: false,
        boundaries: Vec::new(),
        cancels: Vec::new(),
    }
}

fn item(node: &Node, places: &BTreeMap<&NodeKey, usize>) -> Item {
    let boundaries = ways::boundaries(node);
    Item {
        node: Some(node.key.clone()),
        title: node.title.clone(),
        notes: notes::of_node(node),
        face: with_border(kinds::face(&node.kind), !boundaries.is_empty()),
        color: node.color.clone().filter(|color| is_color(color)),
        boundaries,
        cancels: node
            .cancels
            .iter()
            .filter_map(|key| places.get(key).copied())
            .collect(),
        ..bare(
            Face::Gateway(Glyph::Star),
            say(|words| kinds::word(&node.kind, words).to_owned()),
        )
    }
}

/// A start that nobody has named is called so in the reader's language.
fn start_title(start: &StartRule) -> Text {
    if start.title == Text::from_key("start") {
        return say(|words| capital(words.start));
    }
    start.title.clone()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.as_str().chars()).collect()
}

/// Only a box has a border that is long enough for boundaries.
fn with_border(face: Face, needs_border: bool) -> Face {
    match face {
        Face::Event { glyph, .. } if needs_border => Face::Task {
            glyph: glyph.unwrap_or(Glyph::Process),
            markers: Vec::new(),
        },
        Face::Gateway(glyph) if needs_border => Face::Task {
            glyph,
            markers: Vec::new(),
        },
        face => face,
    }
}

/// Marks the item as one that runs several times.
pub(super) fn repeat(item: &mut Item) {
    if let Face::Task { markers, .. } = &mut item.face
        && !markers.contains(&Marker::Parallel)
    {
        markers.insert(0, Marker::Parallel);
    }
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn frame(group: &Group) -> Frame {
    let when = group.when.as_ref();
    Frame {
        title: group.title.clone(),
        note: when.map(|when| say(|words| format!("{} {}", words.if_, when.source()))),
    }
}
