//! Nodes: circles, diamonds and boxes, with their texts, boundaries and marks.

use super::{
    super::{
        face::{Face, Glyph, Marker, Ring},
        layout::{Point, whole},
        mark::Mark,
        measure,
        outline::Item,
        plain,
        room::{BOUNDARIES, BOUNDARY, DIAMOND, LETTERS, LINES, RADIUS, SMALL_WIDTH, TASK_TEXT},
    },
    canvas::{Anchor, Canvas},
};

impl Canvas<'_> {
    /// Draws an item.
    pub(super) fn item(&mut self, item: &Item, at: Point) {
        let node = item.node.as_ref();
        let mark = node.and_then(|node| self.options.marks.get(node)).copied();
        let class = mark.map_or_else(
            || "node".to_owned(),
            |mark| format!("node marked {}", mark.as_str()),
        );
        match node {
            Some(key) => self.xml.open("g", &[("class", &class), ("data-node", key)]),
            None => self.xml.open("g", &[("class", &class)]),
        }
        let title = plain::item(item, mark, &self.options.locale);
        self.xml.leaf("title", &[], &title);
        match &item.face {
            Face::Event { ring, glyph } => {
                self.event(*ring, *glyph, at);
                self.texts_below(item, at, RADIUS);
                self.small_mark(mark, at, 13);
            }
            Face::Gateway(glyph) => {
                self.gateway(*glyph, at);
                self.texts_below(item, at, DIAMOND);
                self.small_mark(mark, at, 15);
            }
            Face::Task { glyph, markers } => self.task(item, *glyph, markers, at, mark),
        }
        self.xml.close();
    }

    fn event(&mut self, ring: Ring, glyph: Option<Glyph>, at: Point) {
        let class = match ring {
            Ring::Double => "shape event",
            Ring::Thick => "shape event end",
            Ring::Thin => "shape event start",
        };
        self.circle(class, at, RADIUS);
        if ring == Ring::Double {
            self.circle("ring", at, RADIUS - 3);
        }
        if let Some(glyph) = glyph {
            self.glyph(glyph, at, if ring == Ring::Double { 85 } else { 100 });
        }
    }

    fn circle(&mut self, class: &str, at: Point, radius: i64) {
        let x = self.x(at.x);
        self.xml.empty(
            "circle",
            &[("class", &class), ("cx", &x), ("cy", &at.y), ("r", &radius)],
        );
    }

    fn gateway(&mut self, glyph: Glyph, at: Point) {
        let x = self.x(at.x);
        let (left, top) = (x - DIAMOND, at.y - DIAMOND);
        let (right, bottom) = (x + DIAMOND, at.y + DIAMOND);
        let points = format!("{left},{} {x},{top} {right},{} {x},{bottom}", at.y, at.y);
        self.xml.empty(
            "polygon",
            &[("class", &"shape gateway"), ("points", &points)],
        );
        self.glyph(glyph, at, 100);
    }

    fn texts_below(&mut self, item: &Item, at: Point, half: i64) {
        let title = self.words(&item.title);
        let mut y = at.y + half + 17;
        for line in measure::wrap(&title, SMALL_WIDTH, LETTERS.0, 2) {
            self.text(Point { x: at.x, y }, Anchor::Middle, "name", &line);
            y += LINES.0;
        }
        if let Some(note) = item.notes.first() {
            let note = measure::shorten(&self.words(note), SMALL_WIDTH, LETTERS.1);
            let at = Point { x: at.x, y: y - 1 };
            self.text(at, Anchor::Middle, "note", &note);
        }
    }

    fn small_mark(&mut self, mark: Option<Mark>, at: Point, aside: i64) {
        if let Some(mark) = mark {
            let at = Point {
                x: at.x + aside,
                y: at.y - aside,
            };
            self.mark_of_small(mark, at);
        }
    }

    fn task(
        &mut self,
        item: &Item,
        glyph: Glyph,
        markers: &[Marker],
        at: Point,
        mark: Option<Mark>,
    ) {
        let (half, height) = (item.half(), item.task_height());
        let top = at.y - height / 2;
        let left = self.left(at.x - half, half * 2);
        self.xml.empty(
            "rect",
            &[
                ("class", &"shape task"),
                ("x", &left),
                ("y", &top),
                ("width", &(half * 2)),
                ("height", &height),
                ("rx", &10),
            ],
        );
        self.color(item, at);
        let middle = if markers.is_empty() { at.y } else { at.y - 8 };
        let glyph_at = Point {
            x: at.x - half + 23,
            y: middle,
        };
        self.tile(glyph_at);
        self.glyph(glyph, glyph_at, 100);
        let start = Point {
            x: at.x - half + 42,
            y: middle,
        };
        self.texts_beside(item, start);
        for (place, marker) in markers.iter().enumerate() {
            let x = start.x + 6 + 20 * whole(place);
            let y = top + height - 11;
            self.marker(*marker, Point { x, y });
        }
        self.boundaries(item, at);
        if let Some(mark) = mark {
            let end = Point {
                x: at.x + half - 10,
                y: top - 4,
            };
            self.mark_of_box(mark, end);
        }
    }

    /// The color of a node is a bar where reading begins: text stays on the ground that it needs.
    fn color(&mut self, item: &Item, at: Point) {
        let Some(color) = &item.color else {
            return;
        };
        let height = item.task_height() - 24;
        let left = self.left(at.x - item.half(), 5);
        self.xml.empty(
            "rect",
            &[
                ("class", &"color"),
                ("x", &left),
                ("y", &(at.y - height / 2)),
                ("width", &5),
                ("height", &height),
                ("rx", &2),
                ("fill", color),
            ],
        );
    }

    fn tile(&mut self, at: Point) {
        let left = self.left(at.x - 14, 28);
        self.xml.empty(
            "rect",
            &[
                ("class", &"tile"),
                ("x", &left),
                ("y", &(at.y - 14)),
                ("width", &28),
                ("height", &28),
                ("rx", &7),
            ],
        );
    }

    fn texts_beside(&mut self, item: &Item, start: Point) {
        let title = measure::wrap(&self.words(&item.title), TASK_TEXT, LETTERS.0, 2);
        let notes: Vec<String> = item
            .notes
            .iter()
            .take(2)
            .map(|note| measure::shorten(&self.words(note), TASK_TEXT, LETTERS.1))
            .collect();
        let height = whole(title.len()) * LINES.0 + whole(notes.len()) * LINES.1;
        let mut y = start.y - height / 2 + 13;
        for line in &title {
            self.text(Point { x: start.x, y }, Anchor::Start, "title", line);
            y += LINES.0;
        }
        for line in &notes {
            let at = Point {
                x: start.x,
                y: y - 1,
            };
            self.text(at, Anchor::Start, "note", line);
            y += LINES.1;
        }
    }

    fn boundaries(&mut self, item: &Item, at: Point) {
        for (place, boundary) in item.boundaries.iter().enumerate() {
            let at = boundary_at(item, at, place);
            let class = if boundary.interrupting {
                "boundary"
            } else {
                "boundary beside"
            };
            self.circle(class, at, BOUNDARY);
            self.glyph(boundary.glyph, at, 75);
        }
    }
}

/// The middle of a boundary on the lower border of its host.
pub(super) fn boundary_at(host: &Item, at: Point, place: usize) -> Point {
    Point {
        x: at.x + host.half() - 2 * BOUNDARY - BOUNDARIES * whole(place),
        y: at.y + host.task_height() / 2,
    }
}
