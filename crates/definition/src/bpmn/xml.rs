//! XML as a tree, read and written.

mod element;
mod read;
mod write;

pub(super) use self::{
    element::{Element, Ns},
    read::{position, read},
    write::write,
};

/// Whether XML 1.0 has the character.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
