//! How a diagram is drawn.

use std::collections::BTreeMap;

use signoff_core::id::NodeKey;

use super::mark::Mark;

/// Which way a diagram is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// From left to right.
    #[default]
    Ltr,
    /// From right to left: the mirror, for readers of Arabic.
    Rtl,
}

/// The colors.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Theme {
    /// Light or dark, as the reader prefers.
    #[default]
    Auto,
    /// Dark text on white.
    Light,
    /// Light text on black.
    Dark,
}

/// How an SVG is drawn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SvgOptions {
    /// Which way it is read; from left to right.
    pub direction: Direction,
    /// The colors; as the reader prefers.
    pub theme: Theme,
    /// The language of titles and words, such as `ar`; `en`.
    pub locale: String,
    /// What became of nodes in one instance; none. Keys that the graph doesn't have are ignored.
    pub marks: BTreeMap<NodeKey, Mark>,
}

impl Default for SvgOptions {
    fn default() -> Self {
        Self {
            direction: Direction::default(),
            theme: Theme::default(),
            locale: "en".to_owned(),
            marks: BTreeMap::new(),
        }
    }
}

/// How Mermaid and DOT are written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TextOptions {
    /// Which way it is read; from left to right.
    pub direction: Direction,
    /// The language of titles and words, such as `ar`; `en`.
    pub locale: String,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            direction: Direction::default(),
            locale: "en".to_owned(),
        }
    }
}
