//! Edges: lines at right angles with round corners, a head, and a label.

use std::fmt::Write as _;

use super::{
    super::{
        layout::{Point, Route},
        measure,
        outline::{Link, Outline},
        plain,
        room::{BOUNDARY, LABEL, LETTERS},
    },
    canvas::{Anchor, Canvas},
    shapes,
};

/// The radius of a corner.
const CORNER: i64 = 7;

/// The length of a head.
const HEAD: i64 = 9;

impl Canvas<'_> {
    /// Draws an edge; `anchors` are those of the items.
    pub(super) fn link(
        &mut self,
        outline: &Outline,
        link: &Link,
        route: &Route,
        anchors: &[Point],
    ) {
        let class = if link.dashed { "edge dashed" } else { "edge" };
        let ends = format!("{} {}", link.from, link.to);
        self.xml
            .open("g", &[("class", &class), ("data-edge", &ends)]);
        if let Some(label) = &link.label {
            let label = plain::of(label, &self.options.locale);
            self.xml.leaf("title", &[], &label);
        }
        let mut points = route.points.clone();
        if let (Some(place), Some(first)) = (link.boundary, points.first().copied()) {
            let at = shapes::boundary_at(&outline.items[link.from], anchors[link.from], place);
            let below = Point {
                x: at.x,
                y: at.y + BOUNDARY,
            };
            points.splice(
                0..1,
                [
                    below,
                    Point {
                        x: at.x,
                        y: first.y,
                    },
                ],
            );
        }
        let points: Vec<Point> = points
            .iter()
            .map(|point| Point {
                x: self.x(point.x),
                y: point.y,
            })
            .collect();
        let points = corners(points);
        self.xml.empty(
            "path",
            &[
                ("class", &"line"),
                ("d", &path(&points, HEAD * self.sign())),
            ],
        );
        if let Some(tip) = points.last() {
            let (x, y) = (tip.x, tip.y);
            let back = x - HEAD * self.sign();
            let head = format!("M{x} {y}L{back} {}L{back} {}Z", y - 5, y + 5);
            self.xml.empty("path", &[("class", &"head"), ("d", &head)]);
        }
        if let (Some(label), Some(at)) = (&link.label, route.label) {
            let label = measure::shorten(&self.words(label), LABEL, LETTERS.1);
            let above = Point {
                x: at.x,
                y: at.y - 6,
            };
            self.text(above, Anchor::Middle, "label", &label);
        }
        self.xml.close();
    }
}

/// Only the points where the line turns.
fn corners(points: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if let [.., before, last] = kept[..]
            && ((before.x == last.x && last.x == point.x)
                || (before.y == last.y && last.y == point.y))
        {
            kept.pop();
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    kept
}

/// The line through the points; it ends where the head begins.
fn path(points: &[Point], head: i64) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| points[before]);
        let (x, y) = (point.x, point.y);
        // Writing to a string never fails.
        let _ = match (before, points.get(index + 1)) {
            (None, _) => write!(path, "M{x} {y}"),
            (Some(_), None) => write!(path, "L{} {y}", x - head),
            (Some(before), Some(after)) => {
                let (into, out) = (toward(*point, before), toward(*point, *after));
                write!(path, "L{} {}Q{x} {y} {} {}", into.x, into.y, out.x, out.y)
            }
        };
    }
    path
}

/// The end of a corner's curve on the way from the corner to `other`.
fn toward(corner: Point, other: Point) -> Point {
    let (dx, dy) = (other.x - corner.x, other.y - corner.y);
    let radius = CORNER.min((dx.abs() + dy.abs()) / 2);
    Point {
        x: corner.x + dx.signum() * radius,
        y: corner.y + dy.signum() * radius,
    }
}
