//! Marks on shapes: a color, an icon, and a word where there is room for one.

use super::{
    super::{layout::Point, mark::Mark, measure, room::LETTERS, words::Words},
    canvas::{Anchor, Canvas},
};

/// The height of a mark.
const HEIGHT: i64 = 18;

impl Canvas<'_> {
    /// Draws the mark of a box on its upper border, so that it ends at `end`.
    pub(super) fn mark_of_box(&mut self, mark: Mark, end: Point) {
        let word = mark.word(Words::of(&self.options.locale));
        let width = measure::width(word, LETTERS.1) + 30;
        let x = end.x - width;
        let left = self.left(x, width);
        self.xml.empty(
            "rect",
            &[
                ("class", &"mark"),
                ("x", &left),
                ("y", &(end.y - HEIGHT / 2)),
                ("width", &width),
                ("height", &HEIGHT),
                ("rx", &(HEIGHT / 2)),
            ],
        );
        let icon = Point {
            x: x + 11,
            y: end.y,
        };
        self.mark_icon(mark, icon);
        let text = Point {
            x: x + 20,
            y: end.y + 4,
        };
        self.text(text, Anchor::Start, "mark-word", word);
    }

    /// Draws the mark of a small shape.
    pub(super) fn mark_of_small(&mut self, mark: Mark, at: Point) {
        let x = self.x(at.x);
        self.xml.empty(
            "circle",
            &[
                ("class", &"mark"),
                ("cx", &x),
                ("cy", &at.y),
                ("r", &(HEIGHT / 2)),
            ],
        );
        self.mark_icon(mark, at);
    }
}
