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
    layout::{Sketch, SketchEdge},
    measure, notes,
    room::{self, LABEL, LETTERS},
    ways,
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
                .map_or(0, |place| room::drop(&self.items[link.from], place)),
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
