//! Diagrams of graphs: SVG, Mermaid and DOT, made from the graph alone.
//!
//! # Example: a graph as text for Mermaid
//!
//! ```
//! use signoff_core::graph::{GraphBuilder, GraphError, Node, NodeKind};
//! use signoff_definition::diagram::{Diagram, SvgOptions};
//!
//! # fn main() -> Result<(), GraphError> {
//! let graph = GraphBuilder::new("greeting")
//!     .node(Node::new("done", NodeKind::End(None)))
//!     .build()?;
//! let diagram = Diagram::of(&graph);
//! assert!(diagram.mermaid().starts_with("flowchart LR\n"));
//! assert!(diagram.svg(&SvgOptions::default()).starts_with("<svg "));
//! # Ok(())
//! # }
//! ```

mod dot;
mod drawing;
mod face;
mod frames;
mod kinds;
mod layout;
mod mark;
mod measure;
mod mermaid;
mod notes;
mod options;
mod outline;
mod parts;
mod plain;
mod room;
mod svg;
mod ways;
mod words;

pub use self::{
    drawing::Diagram,
    mark::Mark,
    options::{Direction, SvgOptions, TextOptions, Theme},
    parts::{PartEdge, PartNode, Parts},
};
