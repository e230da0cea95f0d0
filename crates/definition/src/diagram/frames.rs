//! Frames around groups.

use super::{layout::Layout, outline::Outline};

/// The border of a frame beside its nodes.
const BESIDE: i64 = 12;

/// Groups above which each node has a frame of its own.
const MANY: usize = 200;

/// A rectangle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rect {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) right: i64,
    pub(super) bottom: i64,
}

impl Rect {
    fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// The frames that are drawn, each with its group. A group whose nodes are among others has a frame
/// around each of its nodes.
pub(super) fn of(outline: &Outline, layout: &Layout) -> Vec<(usize, Rect)> {
    let rooms: Vec<(Option<usize>, Rect)> = (0..outline.items.len())
        .map(|index| (outline.items[index].frame, room(outline, layout, index)))
        .collect();
    let mut around: Vec<Option<Rect>> = vec![None; outline.frames.len()];
    for (frame, room) in &rooms {
        if let Some(frame) = frame {
            let so_far = &mut around[*frame];
            *so_far = Some(so_far.map_or(*room, |rect| rect.around(*room)));
        }
    }
    let mut frames = Vec::new();
    for (index, rect) in around.iter().enumerate() {
        let Some(rect) = rect else {
            continue;
        };
        let others = around.iter().enumerate();
        let clear = outline.frames.len() <= MANY
            && rooms
                .iter()
                .all(|(frame, room)| *frame == Some(index) || !room.meets(*rect))
            && others
                .filter_map(|(other, rect)| (other != index).then_some(*rect)?)
                .all(|other| !other.meets(*rect));
        if clear {
            frames.push((index, *rect));
        } else {
            let own = rooms.iter().filter(|(frame, _)| *frame == Some(index));
            frames.extend(own.map(|(_, room)| (index, *room)));
        }
    }
    frames
}

/// The room of an item with the frame around it.
fn room(outline: &Outline, layout: &Layout, index: usize) -> Rect {
    let item = &outline.items[index];
    let anchor = layout.anchors[index];
    let room = item.room();
    let beside = if item.frame.is_some() { BESIDE } else { 0 };
    let half = room.width / 2 + beside;
    Rect {
        left: anchor.x - half,
        top: anchor.y - room.up,
        right: anchor.x + half,
        bottom: anchor.y + room.down,
    }
}
