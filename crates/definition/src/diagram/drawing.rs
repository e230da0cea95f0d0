//! A diagram: what is drawn, and where.

use signoff_core::graph::Graph;

use super::{
    dot,
    layout::Layout,
    mermaid,
    options::{SvgOptions, TextOptions},
    outline::Outline,
    parts::Parts,
    svg,
};

/// The drawing of a graph. The layout is made once; every form is the same for the same graph.
#[derive(Clone, Debug)]
pub struct Diagram {
    outline: Outline,
    layout: Layout,
}

impl Diagram {
    /// Lays out `graph`, whatever its size: the work is bounded, and circles are no trouble.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let outline = Outline::of(graph);
        let layout = outline.sketch().layout();
        Self { outline, layout }
    }

    /// The width of the picture in pixels, the same for all options.
    #[must_use]
    pub const fn width(&self) -> i64 {
        self.layout.width
    }

    /// The height of the picture in pixels, the same for all options.
    #[must_use]
    pub const fn height(&self) -> i64 {
        self.layout.height
    }

    /// What is drawn, for hosts that draw it themselves.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts::of(&self.outline)
    }

    /// A picture with a text alternative. It has its own style and needs no script and no font.
    #[must_use]
    pub fn svg(&self, options: &SvgOptions) -> String {
        svg::write(&self.outline, &self.layout, options)
    }

    /// The text of a Mermaid flowchart, from left to right and in English.
    #[must_use]
    pub fn mermaid(&self) -> String {
        self.mermaid_with(&TextOptions::default())
    }

    /// The text of a Mermaid flowchart.
    #[must_use]
    pub fn mermaid_with(&self, options: &TextOptions) -> String {
        mermaid::write(&self.outline, options)
    }

    /// A graph in the language of Graphviz, from left to right and in English.
    #[must_use]
    pub fn dot(&self) -> String {
        self.dot_with(&TextOptions::default())
    }

    /// A graph in the language of Graphviz.
    #[must_use]
    pub fn dot_with(&self, options: &TextOptions) -> String {
        dot::write(&self.outline, options)
    }
}
