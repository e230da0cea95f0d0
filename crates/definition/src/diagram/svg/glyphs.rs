//! What is drawn in shapes, around the middle of its place.

use super::{
    super::{
        face::{Glyph, Marker},
        layout::Point,
        mark::Mark,
    },
    canvas::Canvas,
};

impl Canvas<'_> {
    /// Draws a glyph; `scale` is in hundredths.
    pub(super) fn glyph(&mut self, glyph: Glyph, at: Point, scale: i64) {
        let class = match glyph {
            Glyph::Choice | Glyph::Inclusive | Glyph::Parallel | Glyph::Star => "glyph heavy",
            Glyph::Disc | Glyph::EnvelopeSent | Glyph::SignalThrown => "glyph solid",
            _ => "glyph",
        };
        let transform = if scale == 100 {
            format!("translate({} {})", self.x(at.x), at.y)
        } else {
            format!("translate({} {}) scale(0.{scale})", self.x(at.x), at.y)
        };
        self.path(class, &transform, path(glyph));
    }

    /// Draws a marker of a box.
    pub(super) fn marker(&mut self, marker: Marker, at: Point) {
        let path = match marker {
            Marker::Parallel => "M-4 -5V5M0 -5V5M4 -5V5",
            Marker::Sequence => "M-5 -4H5M-5 0H5M-5 4H5",
            Marker::Subprocess => "M-6 -6H6V6H-6ZM-3 0H3M0 -3V3",
        };
        let transform = format!("translate({} {})", self.x(at.x), at.y);
        self.path("glyph", &transform, path);
    }

    /// Draws the icon of a mark, mirrored where reading goes to the left.
    pub(super) fn mark_icon(&mut self, mark: Mark, at: Point) {
        let path = match mark {
            Mark::Cancelled => "M-4 0H4",
            Mark::Completed => "M-4 0L-1 3L4 -3",
            Mark::Failed => "M0 -4V1M0 4V4.1",
            Mark::Open => "M-2.5 -4L4 0L-2.5 4Z",
            Mark::Rejected => "M-3 -3L3 3M3 -3L-3 3",
            Mark::Skipped => "M-4 -3L-1 0L-4 3M1 -3L4 0L1 3",
        };
        let mirror = match mark {
            Mark::Open | Mark::Skipped => self.sign(),
            _ => 1,
        };
        let transform = format!("translate({} {}) scale({mirror} 1)", self.x(at.x), at.y);
        self.path("mark-icon", &transform, path);
    }

    fn path(&mut self, class: &str, transform: &str, path: &str) {
        self.xml.empty(
            "path",
            &[("class", &class), ("transform", &transform), ("d", &path)],
        );
    }
}

const fn path(glyph: Glyph) -> &'static str {
    match glyph {
        Glyph::Assign => "M-7 -3.5H7M-7 3.5H7",
        Glyph::Back => "M7 6V2Q7 -2 3 -2H-6M-2 -6L-6 -2L-2 2",
        Glyph::Bolt => "M-6 7L-2 -6L2 1L6 -7L2.5 6L-1.5 -1Z",
        Glyph::Braces => {
            "M-3 -7Q-6 -7 -6 -4V-2Q-6 0 -8 0Q-6 0 -6 2V4Q-6 7 -3 7\
             M3 -7Q6 -7 6 -4V-2Q6 0 8 0Q6 0 6 2V4Q6 7 3 7M-1.5 0H1.5"
        }
        Glyph::Check => "M-7 -5Q-7 -7 -5 -7H5Q7 -7 7 -5V5Q7 7 5 7H-5Q-7 7 -7 5ZM-3.5 0L-1 3L4 -3",
        Glyph::Choice => "M-7 -7L7 7M7 -7L-7 7",
        Glyph::Clock => "M0 -8A8 8 0 1 1 0 8A8 8 0 1 1 0 -8M0 -4.5V0L3.5 2",
        Glyph::Code => "M-6 -5L-1 0L-6 5M1 5H7",
        Glyph::Disc => "M0 -9A9 9 0 1 1 0 9A9 9 0 1 1 0 -9Z",
        Glyph::Envelope => "M-8 -5.5H8V5.5H-8ZM-8 -5.5L0 1L8 -5.5",
        // Two parts with a gap between them.
        Glyph::EnvelopeSent => "M-8 -6H8L0 0.5ZM-8 -3.5L0 3L8 -3.5V6H-8Z",
        Glyph::Escalation => "M0 -7L5.5 7L0 1L-5.5 7Z",
        Glyph::Gear => {
            "M0 -2.5A2.5 2.5 0 1 1 0 2.5A2.5 2.5 0 1 1 0 -2.5\
             M0 -5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0 -5.5\
             M0 -8V-5.5M0 5.5V8M-8 0H-5.5M5.5 0H8M-5.7 -5.7L-3.9 -3.9M3.9 3.9L5.7 5.7\
             M-5.7 5.7L-3.9 3.9M3.9 -3.9L5.7 -5.7"
        }
        Glyph::Inclusive => "M0 -9A9 9 0 1 1 0 9A9 9 0 1 1 0 -9Z",
        Glyph::Page => "M-6 -7.5H6V7.5H-6ZM-3.5 -4H3.5M-3.5 0H3.5M-3.5 4H3.5",
        Glyph::Parallel => "M0 -9V9M-9 0H9",
        Glyph::Pentagon => {
            "M0 -13A13 13 0 1 1 0 13A13 13 0 1 1 0 -13M0 -8L7.6 -2.5L4.7 6.5H-4.7L-7.6 -2.5Z"
        }
        Glyph::Person => {
            "M0 -7.5A3.5 3.5 0 1 1 0 -0.5A3.5 3.5 0 1 1 0 -7.5M-7 7.5Q-7 2.5 0 2.5Q7 2.5 7 7.5Z"
        }
        Glyph::Process => "M-8 -7H1V-1H-8ZM-1 1H8V7H-1ZM-4 -1V4H-1",
        Glyph::Rewind => "M-0.5 -5.5V5.5L-7.5 0ZM7 -5.5V5.5L0 0Z",
        Glyph::Signal | Glyph::SignalThrown => "M0 -8L7.5 5.5H-7.5Z",
        Glyph::Table => "M-8 -6.5H8V6.5H-8ZM-8 -2.5H8M-8 2H8M-2.5 -2.5V6.5",
        Glyph::Star => "M0 -9V9M-7.8 -4.5L7.8 4.5M-7.8 4.5L7.8 -4.5",
    }
}
