//! Ways on, and what a visit is given on them.

use std::{fmt, sync::Arc};

use crate::{conditions::Condition, id::NodeKey};

/// A way to a node.
#[derive(Clone, Debug)]
pub struct Way {
    /// The node.
    pub to: NodeKey,
    /// What the visit there is given.
    pub gift: Gift,
}

impl<T: Into<NodeKey>> From<T> for Way {
    fn from(to: T) -> Self {
        Self {
            to: to.into(),
            gift: Gift::default(),
        }
    }
}

/// What a visit is given: worked out where the token comes from.
#[derive(Clone, Debug, Default)]
pub struct Gift {
    /// Keys of its data.
    pub data: Vec<(String, Arc<dyn Condition>)>,
    /// Its seed.
    pub seed: Option<Arc<dyn Condition>>,
}

impl Gift {
    /// Whether nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.seed.is_none()
    }
}

/// Once for each item of a list.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// The list; anything else is a failure.
    pub items: Arc<dyn Condition>,
    /// What an item is called besides `item`.
    pub name: Option<String>,
}

/// A place in the data: keys from the root down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataPath(Vec<String>);

impl DataPath {
    /// The place that `text` names, its keys separated by dots.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.split('.').map(str::to_owned).collect())
    }

    /// The keys from the root down; at least one.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.0
    }
}

impl From<&str> for DataPath {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for DataPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}
