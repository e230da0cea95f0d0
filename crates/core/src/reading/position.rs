//! Where an instance stands, as people say it.

use serde::Serialize;

use crate::{
    graph::{Graph, Node},
    id::{GroupKey, NodeKey},
    text::Text,
};

/// A stage with the group that it belongs to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Position {
    /// The node.
    pub key: NodeKey,
    /// Its title.
    pub title: Text,
    /// Its group, such as a pipeline.
    pub group: Option<GroupTitle>,
}

/// A group as people see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct GroupTitle {
    /// The key.
    pub key: GroupKey,
    /// The title.
    pub title: Text,
}

impl Position {
    /// The position of a node; its group is always that of the node.
    #[must_use]
    pub fn of(graph: &Graph, node: &Node) -> Self {
        let group = node.group.as_ref().and_then(|key| graph.group(key));
        Self {
            key: node.key.clone(),
            title: node.title.clone(),
            group: group.map(|group| GroupTitle {
                key: group.key.clone(),
                title: group.title.clone(),
            }),
        }
    }
}
