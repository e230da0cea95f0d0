//! Nodes that wait for something, or tell it: moments, messages, signals, conditions, children.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    calendar::Period,
    conditions::Condition,
    graph::{DataPath, ForEach, Gift},
    id::WorkflowKey,
    template::Template,
};

/// A moment.
#[derive(Clone, Debug)]
pub enum Moment {
    /// So long from entry.
    After(Period),
    /// What the expression gives at entry: an RFC 3339 text.
    At(Arc<dyn Condition>),
    /// That moment.
    Fixed(Timestamp),
}

/// Waits for a message, or for the host's code.
#[derive(Clone, Debug)]
pub struct ReceiveNode {
    /// The message; the host itself completes the node when `None`.
    pub message: Option<MessageSpec>,
    /// The place in the data that takes what is received; `None` drops it.
    pub into: Option<DataPath>,
}

/// Which message is waited for.
#[derive(Clone, Debug)]
pub struct MessageSpec {
    /// Its name.
    pub name: String,
    /// Which one of that name, worked out at entry; the one without a key when `None`.
    pub key: Option<Arc<dyn Condition>>,
}

/// Throws or catches a signal: heard by all who wait at that moment.
#[derive(Clone, Debug)]
pub enum SignalNode {
    /// Waits for it.
    Catch {
        /// Its name.
        name: String,
        /// The place in the data that takes what it says; `None` drops it.
        into: Option<DataPath>,
    },
    /// Tells all who wait, and goes on.
    Throw {
        /// Its name.
        name: String,
        /// What it says.
        with: Template,
    },
}

/// Instances of another workflow, or of the same one.
#[derive(Clone, Debug)]
pub struct SubprocessNode {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Which version.
    pub version: VersionRule,
    /// One instance for each item; one when `None`.
    pub each: Option<ForEach>,
    /// Whether they run side by side.
    pub mode: ChildMode,
    /// Whether the node waits for them.
    pub awaits: bool,
    /// Their data and seed, worked out in the parent.
    pub gift: Gift,
    /// The place in the data that takes what they came to: the child's data, or a list of them.
    pub into: Option<DataPath>,
}

/// Which version of a workflow.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum VersionRule {
    /// That one.
    Exact(u32),
    /// The newest when it starts.
    Latest,
    /// The newest when the definition that names it was published.
    Pinned,
}

/// Whether children run side by side.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ChildMode {
    /// All at once.
    #[default]
    Parallel,
    /// Each when the one before has ended.
    Sequence,
}
