//! The tokens of one split.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{NodeKey, ScopeId};

/// The tokens of one split: counters only, so that looking at a join never walks the branches.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Scope {
    /// The split.
    pub split: NodeKey,
    /// The scope that the split's token was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ScopeId>,
    /// The last approval node on the way to the split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NodeKey>,
    /// Splits around it, itself included; from 1.
    pub depth: u32,
    /// Branches opened.
    pub branches: u32,
    /// Tokens that neither arrived at a join nor ended; a token inside a nested scope counts here as one.
    pub live: u32,
    /// Live tokens whose activation failed.
    pub failed: u32,
    /// Tokens that arrived, by join.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arrived: BTreeMap<NodeKey, u32>,
}
