//! The compiled form of a definition: one graph of nodes, whatever kind of document it came from.
//!
//! Nothing here names a kind. A difference in behaviour between kinds is a default that the compiler
//! writes into the graph.

mod action;
mod approval;
mod builder;
mod event_nodes;
mod hash;
mod indexed;
mod join;
mod names;
mod node;
mod permission;
mod revise;
mod same;
mod scopes;
mod start;
mod step;
mod task;
mod texts;
mod way;

use std::{collections::BTreeSet, sync::Arc};

use indexmap::IndexMap;
use serde_json::Value;

use self::hash::KeyHash;
pub use self::{
    action::{
        ActionEvent, ActionKind, ActionSpec, ActionTable, MailSpec, OnFailure, Recipient, Retry,
        RunSpec,
    },
    approval::{
        ApprovalNode, Behaviour, Duty, EntrySpec, Escalate, Exclusion, FormSpec, Hierarchy, Led,
        Need, OnReject, Opening, Order, Unit, Via, WhenDue, Who,
    },
    builder::{GraphBuilder, GraphError},
    event_nodes::{
        ChildMode, MessageSpec, Moment, ReceiveNode, SignalNode, SubprocessNode, VersionRule,
    },
    indexed::Indexed,
    join::{Branch, JoinNeed, JoinNode, Rest, SplitNode},
    node::{
        Case, Catch, Choice, FunctionNode, Group, JobNode, Mutex, Node, NodeKind, Symbol, Timeout,
    },
    permission::Permission,
    start::{IfRunning, StartRule, Trigger},
    step::{Status, StatusRole, StepNode, Taker, Transition},
    task::{Fills, TaskNode},
    texts::Texts,
    way::{DataPath, ForEach, Gift, Way},
};
pub(crate) use self::{permission::role_of, revise::REVISE};
use crate::{
    calendar::Calendar,
    id::{GroupKey, NodeKey, WorkflowKey},
    principal::Principal,
    schemas::Schema,
    template::Template,
    text::Text,
};

/// A compiled definition. Immutable; shared between threads in an [`Arc`].
#[derive(Clone, Debug)]
pub struct Graph {
    pub(crate) key: WorkflowKey,
    pub(crate) title: Text,
    pub(crate) instance_title: Option<Template>,
    pub(crate) texts: Texts,
    pub(crate) subject: Option<String>,
    pub(crate) data: Option<DataSchema>,
    pub(crate) indexed: Vec<Indexed>,
    /// The nodes that are done by permission.
    pub(crate) permitted: BTreeSet<NodeKey>,
    pub(crate) start: StartRule,
    pub(crate) other_starts: Vec<StartRule>,
    pub(crate) managers: Vec<Principal>,
    pub(crate) viewers: Vec<Principal>,
    pub(crate) first: NodeKey,
    pub(crate) nodes: IndexMap<NodeKey, Node, KeyHash>,
    /// What the requester does once a stage was given back.
    pub(crate) revise: Option<Box<Node>>,
    pub(crate) groups: IndexMap<GroupKey, Group>,
    pub(crate) actions: ActionTable,
    pub(crate) calendar: Calendar,
    /// The nodes from which a way leads to a join.
    pub(crate) to_join: BTreeSet<NodeKey>,
}

/// The schema of an instance's data.
#[derive(Clone, Debug)]
pub struct DataSchema {
    /// The schema as written.
    pub source: Value,
    /// The schema, compiled.
    pub schema: Arc<dyn Schema>,
}

impl Graph {
    /// The key of the workflow.
    #[must_use]
    pub fn key(&self) -> &WorkflowKey {
        &self.key
    }

    /// The title of the workflow.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// How the title of an instance is made from its data; the workflow's own when `None`.
    #[must_use]
    pub fn instance_title(&self) -> Option<&Template> {
        self.instance_title.as_ref()
    }

    /// What people read of it beside its title; the templates are those of instances.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The type of subject that instances are about; `None` allows any and none.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// By whose clocks periods are counted, and when people work.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The schema of the data.
    #[must_use]
    pub fn data(&self) -> Option<&DataSchema> {
        self.data.as_ref()
    }

    /// The first way to start: who may, and what happens when an instance is running.
    #[must_use]
    pub fn start(&self) -> &StartRule {
        &self.start
    }

    /// Every way to start, in file order.
    pub fn starts(&self) -> impl Iterator<Item = &StartRule> {
        std::iter::once(&self.start).chain(&self.other_starts)
    }

    /// The way to start of that name.
    #[must_use]
    pub fn start_named(&self, key: &str) -> Option<&StartRule> {
        self.starts().find(|start| start.key.as_str() == key)
    }

    /// Who may manage instances.
    #[must_use]
    pub fn managers(&self) -> &[Principal] {
        &self.managers
    }

    /// The fields of the data that instances are found and ordered by.
    #[must_use]
    pub fn indexed(&self) -> &[Indexed] {
        &self.indexed
    }

    /// Who may look at instances besides those who take part.
    #[must_use]
    pub fn viewers(&self) -> &[Principal] {
        &self.viewers
    }

    /// The node that a new instance enters by the first way to start.
    #[must_use]
    pub fn first(&self) -> &NodeKey {
        &self.first
    }

    /// All nodes in file order.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The node `key`, or what the requester does once a stage was given back.
    #[must_use]
    pub fn node(&self, key: &NodeKey) -> Option<&Node> {
        let revise = || self.revise().filter(|node| node.key == *key);
        self.nodes.get(key).or_else(revise)
    }

    /// What the requester does once a stage was given back; it is none of [`Graph::nodes`].
    #[must_use]
    pub fn revise(&self) -> Option<&Node> {
        self.revise.as_deref()
    }

    /// These nodes in file order, without those that do not exist.
    pub(crate) fn in_file_order<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a NodeKey>,
    ) -> Vec<&Node> {
        let keys = keys.into_iter();
        let mut found: Vec<_> = keys.filter_map(|key| self.nodes.get_full(key)).collect();
        found.sort_unstable_by_key(|(index, ..)| *index);
        found.into_iter().map(|(.., node)| node).collect()
    }

    /// All groups in file order.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The group `key`.
    #[must_use]
    pub fn group(&self, key: &GroupKey) -> Option<&Group> {
        self.groups.get(key)
    }

    /// Whether a way leads from the node to a join, itself included.
    #[must_use]
    pub fn leads_to_join(&self, node: &NodeKey) -> bool {
        self.to_join.contains(node)
    }

    /// The actions of the whole workflow.
    #[must_use]
    pub fn actions(&self) -> &ActionTable {
        &self.actions
    }
}
