//! The children of a subprocess node.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    id::{DefinitionId, InstanceId},
    instance::Given,
};

/// The children of an activation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Children {
    /// What they run.
    pub definition: DefinitionId,
    /// How many there are, those not started yet included.
    pub total: u32,
    /// How many completed.
    #[serde(default)]
    pub completed: u32,
    /// Those not started yet, in order: the next one is the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Given>,
    /// Those that run, with their places in the list of items.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub live: BTreeMap<InstanceId, u32>,
    /// The data of those that completed, by their places; only where they are wanted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub results: BTreeMap<u32, Arc<Value>>,
}

impl Children {
    /// Whether none runs and none is left to start.
    #[must_use]
    pub fn are_over(&self) -> bool {
        self.live.is_empty() && self.left.is_empty()
    }

    /// The place of the next one to start.
    #[must_use]
    pub fn next_place(&self) -> u32 {
        let left = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        self.total.saturating_sub(left)
    }
}

/// How a child ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ChildEnd {
    /// It was stopped.
    Cancelled,
    /// It came to its end.
    Completed {
        /// Its data, where the parent wants them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Arc<Value>>,
    },
    /// It failed, was rejected, or could not start.
    Failed {
        /// The code that a boundary may catch.
        code: String,
        /// What an operator sees.
        message: String,
    },
}
