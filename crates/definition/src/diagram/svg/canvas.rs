//! Where things go on the picture: everything is mirrored here and nowhere else.

use signoff_core::text::Text;

use super::{
    super::{
        layout::Point,
        measure,
        options::{Direction, SvgOptions},
        plain,
    },
    xml::Xml,
};

/// The picture under way.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub(super) xml: Xml,
    pub(super) options: &'a SvgOptions,
    width: i64,
}

/// How a text stands to its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Anchor {
    Middle,
    Start,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(width: i64, options: &'a SvgOptions) -> Self {
        Self {
            xml: Xml::default(),
            options,
            width,
        }
    }

    /// Where `x` is drawn.
    pub(super) const fn x(&self, x: i64) -> i64 {
        match self.options.direction {
            Direction::Ltr => x,
            Direction::Rtl => self.width - x,
        }
    }

    /// Where the left border of what is `width` wide is drawn.
    pub(super) const fn left(&self, x: i64, width: i64) -> i64 {
        match self.options.direction {
            Direction::Ltr => x,
            Direction::Rtl => self.width - x - width,
        }
    }

    /// Plus one where reading goes to the right, minus one where it goes to the left.
    pub(super) const fn sign(&self) -> i64 {
        match self.options.direction {
            Direction::Ltr => 1,
            Direction::Rtl => -1,
        }
    }

    /// The words of a text for the reader.
    pub(super) fn words(&self, text: &Text) -> String {
        plain::of(text, &self.options.locale)
    }

    /// Writes one line of text. Its own letters say which way it runs, not those around it.
    pub(super) fn text(&mut self, at: Point, anchor: Anchor, class: &str, text: &str) {
        let rtl = measure::is_rtl(text);
        let with_the_picture = rtl == (self.options.direction == Direction::Rtl);
        let anchor = match anchor {
            Anchor::Middle => "middle",
            Anchor::Start if with_the_picture => "start",
            Anchor::Start => "end",
        };
        let direction = if rtl { "rtl" } else { "ltr" };
        let x = self.x(at.x);
        self.xml.leaf(
            "text",
            &[
                ("class", &class),
                ("x", &x),
                ("y", &at.y),
                ("text-anchor", &anchor),
                ("direction", &direction),
            ],
            text,
        );
    }
}
