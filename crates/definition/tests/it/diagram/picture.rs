//! A picture, read back from its SVG.

use std::collections::BTreeMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// What a picture shows.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) size: (i64, i64),
    pub(super) shapes: Vec<Shape>,
    pub(super) edges: Vec<Edge>,
    pub(super) frames: Vec<(Rect, String)>,
    /// The text of each element of that name or class.
    pub(super) texts: BTreeMap<String, Vec<String>>,
}

/// The shape of a start, a node, or an end that is not written.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) node: Option<String>,
    pub(super) rect: Rect,
    pub(super) boundaries: Vec<Rect>,
}

/// A line between shapes.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Its corners, from the start to where the head begins.
    pub(super) points: Vec<(i64, i64)>,
    /// Where the head ends.
    pub(super) tip: (i64, i64),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rect {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) right: i64,
    pub(super) bottom: i64,
}

impl Rect {
    pub(super) fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(super) fn holds(self, other: Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }
}

impl Picture {
    /// Reads a picture; panics when it is not well formed.
    #[track_caller]
    pub(super) fn read(svg: &str) -> Self {
        let mut picture = Self::default();
        let mut reader = Reader::from_str(svg);
        let mut depth = 0;
        let mut class = String::new();
        loop {
            match reader.read_event().expect("the picture is well formed") {
                Event::Start(start) => {
                    depth += 1;
                    class = picture.element(&start);
                }
                Event::Empty(start) => {
                    picture.element(&start);
                }
                Event::End(_) => {
                    depth -= 1;
                    class.clear();
                }
                Event::Text(text) => {
                    let text = text.xml10_content().into_owned();
                    picture.text(&class, &text);
                }
                Event::GeneralRef(reference) => {
                    let text = quick_xml::escape::resolve_predefined_entity(&reference);
                    picture.text(&class, text.expect("only the five of XML"));
                }
                Event::Eof => break,
                other => panic!("a picture has no {other:?}"),
            }
        }
        assert_eq!(depth, 0, "every element is closed");
        picture
    }

    fn text(&mut self, class: &str, text: &str) {
        // Between elements there are only ends of lines.
        let Some(last) = self.texts.get_mut(class).and_then(|texts| texts.last_mut()) else {
            assert_eq!(text.trim(), "");
            return;
        };
        last.push_str(text);
        if let (Some(frame), "frame-title") = (self.frames.last_mut(), class) {
            frame.1.push_str(text);
        }
    }

    fn element(&mut self, start: &BytesStart<'_>) -> String {
        let attributes: BTreeMap<String, String> = start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap();
                let name = attribute.key.as_ref().to_owned();
                (
                    name,
                    attribute
                        .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                        .unwrap()
                        .into_owned(),
                )
            })
            .collect();
        let tag = start.name().as_ref().to_owned();
        let class = attributes.get("class").cloned().unwrap_or_default();
        let number = |name: &str| attributes[name].parse::<i64>().unwrap();
        let numbers = |name: &str| numbers(&attributes[name]);
        let first = class.split(' ').next().unwrap_or_default();
        match (tag.as_str(), first) {
            ("svg", _) => self.size = (number("width"), number("height")),
            ("g", "node") => self.shapes.push(Shape {
                node: attributes.get("data-node").cloned(),
                rect: Rect {
                    left: 0,
                    top: 0,
                    right: 0,
                    bottom: 0,
                },
                boundaries: Vec::new(),
            }),
            ("g", "edge") => {
                let ends = numbers("data-edge");
                self.edges.push(Edge {
                    from: usize::try_from(ends[0].0).unwrap(),
                    to: usize::try_from(ends[0].1).unwrap(),
                    points: Vec::new(),
                    tip: (0, 0),
                });
            }
            ("rect", "frame") => self.frames.push((rect(&number), String::new())),
            ("rect", "shape") => self.shapes.last_mut().unwrap().rect = rect(&number),
            ("circle", "shape") => self.shapes.last_mut().unwrap().rect = circle(&number),
            ("polygon", "shape") => {
                self.shapes.last_mut().unwrap().rect = polygon(&numbers("points"));
            }
            ("circle", "boundary") => {
                let boundaries = &mut self.shapes.last_mut().unwrap().boundaries;
                boundaries.push(circle(&number));
            }
            ("path", "line") => self.edges.last_mut().unwrap().points = numbers("d"),
            ("path", "head") => self.edges.last_mut().unwrap().tip = numbers("d")[0],
            _ => {}
        }
        let name = if class.is_empty() { tag } else { class };
        self.texts
            .entry(name.clone())
            .or_default()
            .push(String::new());
        name
    }
}

fn rect(number: &impl Fn(&str) -> i64) -> Rect {
    Rect {
        left: number("x"),
        top: number("y"),
        right: number("x") + number("width"),
        bottom: number("y") + number("height"),
    }
}

fn circle(number: &impl Fn(&str) -> i64) -> Rect {
    let (x, y, r) = (number("cx"), number("cy"), number("r"));
    Rect {
        left: x - r,
        top: y - r,
        right: x + r,
        bottom: y + r,
    }
}

fn polygon(points: &[(i64, i64)]) -> Rect {
    Rect {
        left: points.iter().map(|point| point.0).min().unwrap(),
        top: points.iter().map(|point| point.1).min().unwrap(),
        right: points.iter().map(|point| point.0).max().unwrap(),
        bottom: points.iter().map(|point| point.1).max().unwrap(),
    }
}

/// All numbers of a text, in pairs.
fn numbers(text: &str) -> Vec<(i64, i64)> {
    let numbers: Vec<i64> = text
        .split(|char: char| !char.is_ascii_digit() && char != '-')
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}
