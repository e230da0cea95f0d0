//! To another version of a definition.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};

use crate::{
    graph::Graph,
    id::{DefinitionId, NodeKey},
};

/// How an instance comes to another version of its definition; the command is decided on the graph
/// of that version.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The version that it goes on by, of the same workflow; an older one may be named too.
    pub to: DefinitionId,
    /// The graph that it ran by so far.
    pub from: Arc<Graph>,
    /// Where nodes went: an old key to a new one. A node that is not named stays under its key, else
    /// goes to the node that says `was: [key]`.
    pub nodes: BTreeMap<NodeKey, NodeKey>,
    /// Old keys of nodes whose visits begin anew, though they could stay as they are.
    pub anew: BTreeSet<NodeKey>,
    /// What becomes of visits of nodes that are gone.
    pub removed: Removed,
    /// Keys of the data that are set with it.
    pub data: Map<String, Value>,
}

/// What becomes of visits of nodes that another version lacks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Removed {
    /// They are withdrawn together with their tokens.
    Cancel,
    /// They stay as obsolete, each with an incident: an operator withdraws or moves them.
    #[default]
    Obsolete,
    /// There may be none: the command is refused.
    Refuse,
}

impl PartialEq for Migration {
    fn eq(&self, other: &Self) -> bool {
        let fields = |one: &Self| {
            let lists = (one.nodes.clone(), one.anew.clone(), one.data.clone());
            (one.to.clone(), one.removed, lists)
        };
        Arc::ptr_eq(&self.from, &other.from) && fields(self) == fields(other)
    }
}
