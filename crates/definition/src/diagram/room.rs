//! How much room everything takes, in pixels.

use super::{
    face::Face,
    layout::{SketchBox, whole},
    measure,
    outline::Item,
};

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
