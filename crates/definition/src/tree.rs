//! What a text says: values, each with its place. Aliases share the nodes they stand for.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;
use signoff_core::problem::Position;

/// One value of the text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) content: Content,
    pub(crate) weight: Weight,
}

impl Node {
    pub(crate) fn scalar(at: Position, value: Value) -> Self {
        let bytes = value.as_str().map_or(0, str::len);
        Self {
            at,
            content: Content::Scalar(value),
            weight: Weight {
                nodes: 1,
                bytes,
                depth: 0,
            },
        }
    }

    /// The value with aliases expanded; the builder has checked what that costs.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Map(entries) => entries
                .iter()
                .map(|(key, entry)| (key.clone(), entry.node.to_value()))
                .collect(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    List(Arc<Vec<Node>>),
    Map(Arc<IndexMap<String, Entry>>),
    Scalar(Value),
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key_at: Position,
    pub(crate) node: Node,
}

/// What a node costs once its aliases are expanded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    pub(crate) nodes: usize,
    pub(crate) bytes: usize,
    /// Nested lists and mappings, this one included; 0 for a scalar.
    pub(crate) depth: usize,
}
