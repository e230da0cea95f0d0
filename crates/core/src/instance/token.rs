//! What a token carries along.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ActivationId, InstanceId, NodeKey, ScopeId};

/// An item of a `for_each`, on every node of its branch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Item {
    /// What conditions call it besides `item`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The item.
    pub value: Arc<Value>,
}

/// What a visit was given.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Given {
    /// Its data, a JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Arc<Value>>,
    /// Its seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Arc<Value>>,
}

impl Given {
    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_none() && self.seed.is_none()
    }

    /// This over `under`: key by key of the data.
    #[must_use]
    pub fn over(self, under: Self) -> Self {
        let data = match (self.data, under.data) {
            (Some(mine), Some(theirs)) => {
                let mut merged = theirs;
                if let (Value::Object(into), Value::Object(from)) =
                    (Arc::make_mut(&mut merged), &*mine)
                {
                    into.extend(from.clone());
                }
                Some(merged)
            }
            (mine, theirs) => mine.or(theirs),
        };
        Self {
            data,
            seed: self.seed.or(under.seed),
        }
    }
}

/// A token that an operator took out of its way; it can be put back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parked {
    /// The node that it is parked on.
    pub node: NodeKey,
    /// Why it is parked.
    pub state: ParkedState,
    /// The scope that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeId>,
    /// The last approval node on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NodeKey>,
    /// The items of its branches, the innermost last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What the visit was given.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// The activation that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ActivationId>,
}

/// Why a token is parked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedState {
    /// Its visit was withdrawn.
    Cancelled,
    /// Its visit was undone.
    Undone,
}

/// The instance that started this one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parent {
    /// The instance.
    pub instance: InstanceId,
    /// Its activation that started this one.
    pub activation: ActivationId,
    /// Whether it waits for this one.
    pub awaits: bool,
    /// Whether it takes this one's data at the end.
    #[serde(default)]
    pub wants_data: bool,
}

/// What never runs at the same time.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Lock {
    /// The activation that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<ActivationId>,
    /// Those that wait for it, first come first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<ActivationId>,
}

/// What a completed node left to be taken back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Compensation {
    /// The node that completed.
    pub node: NodeKey,
    /// The node that takes it back.
    pub handler: NodeKey,
    /// The items that it had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

/// What the tokens of an instance share.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Shared {
    /// Tokens offered on several nodes: the activations that are left, by the `first` they came from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) races: BTreeMap<ActivationId, Vec<ActivationId>>,
    /// Locks by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) locks: BTreeMap<String, Lock>,
    /// Activations whose conditions are looked at when the instance changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) watching: Vec<ActivationId>,
    /// What can be taken back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) compensations: Vec<Compensation>,
    /// Tokens taken out of their way, by the activation that they were on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parked: BTreeMap<ActivationId, Parked>,
}

impl Shared {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
