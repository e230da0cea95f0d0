//! The tokens of one split.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    id::{ActivationId, NodeKey, ScopeId},
    instance::Item,
};

/// The tokens of one split: counters only, so that looking at a join never walks the branches.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Scope {
    /// The split.
    pub split: NodeKey,
    /// The scope that it is inside of.
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
    /// Live tokens from where no way leads to a join any more: `all` does not wait for them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub strayed: u32,
    /// Whether the token that the split took had strayed from the scope around.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stray: bool,
    /// Live tokens whose activation failed.
    pub failed: u32,
    /// The items of the token that the split took, the innermost last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What it was opened for.
    #[serde(default, skip_serializing_if = "ScopeKind::is_split")]
    pub kind: ScopeKind,
    /// The join that has fired while tokens were left; nothing but the instance waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<NodeKey>,
    /// Tokens that arrived, by join.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arrived: BTreeMap<NodeKey, u32>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a scope was opened for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// The handlers of a compensation, which this activation waits for.
    Compensation(ActivationId),
    /// A token beside a node.
    Side,
    /// The branches of a split.
    #[default]
    Split,
}

impl ScopeKind {
    fn is_split(&self) -> bool {
        *self == Self::Split
    }
}

impl Scope {
    /// Whether its end is nothing that a join or the scope around waits for.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.kind == ScopeKind::Side || self.fired.is_some()
    }

    /// Branches that ended or were withdrawn without arriving.
    #[must_use]
    pub fn gone(&self) -> u32 {
        let arrived: u32 = self.arrived.values().sum();
        self.branches
            .saturating_sub(self.live)
            .saturating_sub(arrived)
    }
}
