//! Graphs made by hand: for hosts that bring a language of their own, and for tests.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::{
    calendar::Calendar,
    graph::{
        ActionTable, DataSchema, Graph, Group, Indexed, Node, NodeKind, StartRule, Texts,
        revise::with_revise,
    },
    id::{GroupKey, NodeKey, WorkflowKey},
    principal::Principal,
    template::Template,
    text::Text,
};

/// Builds a [`Graph`] node by node; the first node added is the one that instances enter.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    graph: Graph,
    duplicate: Option<NodeKey>,
}

/// Why a graph cannot be built.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// There is no node at all.
    #[error("a graph needs at least one node")]
    Empty,
    /// Two nodes have one key.
    #[error("two nodes have the key `{0}`")]
    Duplicate(NodeKey),
    /// An edge leads nowhere.
    #[error("node `{from}` leads to `{to}`, which does not exist")]
    Dangling {
        /// The node with the edge.
        from: NodeKey,
        /// The missing node.
        to: NodeKey,
    },
    /// A node belongs to a group that does not exist.
    #[error("node `{node}` belongs to the group `{group}`, which does not exist")]
    UnknownGroup {
        /// The node.
        node: NodeKey,
        /// The missing group.
        group: GroupKey,
    },
}

impl GraphBuilder {
    /// An empty graph of the workflow `key`.
    #[must_use]
    pub fn new(key: impl Into<WorkflowKey>) -> Self {
        let key = key.into();
        Self {
            graph: Graph {
                title: Text::from_key(key.as_str()),
                key,
                instance_title: None,
                texts: Texts::default(),
                subject: None,
                data: None,
                indexed: Vec::new(),
                permitted: BTreeSet::new(),
                start: StartRule::default(),
                other_starts: Vec::new(),
                managers: Vec::new(),
                viewers: Vec::new(),
                first: NodeKey::from(""),
                nodes: IndexMap::default(),
                revise: None,
                groups: IndexMap::new(),
                actions: ActionTable::new(),
                calendar: Calendar::default(),
                to_join: BTreeSet::new(),
            },
            duplicate: None,
        }
    }

    /// Adds a node.
    #[must_use]
    pub fn node(mut self, node: Node) -> Self {
        if self.graph.nodes.is_empty() {
            self.graph.first = node.key.clone();
        }
        if let Some(old) = self.graph.nodes.insert(node.key.clone(), node) {
            self.duplicate = Some(old.key);
        }
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.graph.groups.insert(group.key.clone(), group);
        self
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: Text) -> Self {
        self.graph.title = title;
        self
    }

    /// Sets the title of instances, made from their data; the workflow's own when not given.
    #[must_use]
    pub fn instance_title(mut self, title: Option<Template>) -> Self {
        self.graph.instance_title = title;
        self
    }

    /// Sets what people read beside the title.
    #[must_use]
    pub fn texts(mut self, texts: Texts) -> Self {
        self.graph.texts = texts;
        self
    }

    /// Sets the type of subject.
    #[must_use]
    pub fn subject(mut self, subject: Option<String>) -> Self {
        self.graph.subject = subject;
        self
    }

    /// Sets the schema of the data.
    #[must_use]
    pub fn data(mut self, data: Option<DataSchema>) -> Self {
        self.graph.data = data;
        self
    }

    /// Sets the first way to start.
    #[must_use]
    pub fn start(mut self, start: StartRule) -> Self {
        self.graph.start = start;
        self
    }

    /// Adds more ways to start.
    #[must_use]
    pub fn other_starts(mut self, starts: Vec<StartRule>) -> Self {
        self.graph.other_starts = starts;
        self
    }

    /// Sets who may manage instances.
    #[must_use]
    pub fn managers(mut self, managers: Vec<Principal>) -> Self {
        self.graph.managers = managers;
        self
    }

    /// Sets the nodes that are done by permission.
    #[must_use]
    pub fn permitted(mut self, nodes: impl IntoIterator<Item = NodeKey>) -> Self {
        self.graph.permitted = nodes.into_iter().collect();
        self
    }

    /// Sets the fields of the data that instances are found by.
    #[must_use]
    pub fn indexed(mut self, indexed: Vec<Indexed>) -> Self {
        self.graph.indexed = indexed;
        self
    }

    /// Sets who may look at instances.
    #[must_use]
    pub fn viewers(mut self, viewers: Vec<Principal>) -> Self {
        self.graph.viewers = viewers;
        self
    }

    /// Sets the actions of the whole workflow.
    #[must_use]
    pub fn actions(mut self, actions: ActionTable) -> Self {
        self.graph.actions = actions;
        self
    }

    /// Sets by whose clocks periods are counted, and when people work.
    #[must_use]
    pub fn calendar(mut self, calendar: Calendar) -> Self {
        self.graph.calendar = calendar;
        self
    }

    /// The graph, when every edge leads somewhere.
    ///
    /// # Errors
    /// [`GraphError`] names the first thing that is wrong.
    pub fn build(self) -> Result<Graph, GraphError> {
        if let Some(key) = self.duplicate {
            return Err(GraphError::Duplicate(key));
        }
        let graph = self.graph;
        if graph.nodes.is_empty() {
            return Err(GraphError::Empty);
        }
        let graph = with_first(graph);
        for start in graph.starts() {
            if let Some(first) = &start.first {
                require_node(&graph, &start.key, first)?;
            }
        }
        for node in graph.nodes.values() {
            for to in node.targets().into_iter().chain(&node.cancels) {
                require_node(&graph, &node.key, to)?;
            }
            if let Some(key) = &node.group {
                let Some(group) = graph.groups.get(key) else {
                    return Err(GraphError::UnknownGroup {
                        node: node.key.clone(),
                        group: key.clone(),
                    });
                };
                if let Some(to) = &group.next {
                    require_node(&graph, &node.key, to)?;
                }
            }
        }
        Ok(with_joins(with_revise(graph)))
    }
}

/// Works out from where a way leads to a join: backwards, from all joins at once.
fn with_joins(mut graph: Graph) -> Graph {
    let mut before: BTreeMap<&NodeKey, Vec<&NodeKey>> = BTreeMap::new();
    for node in graph.nodes.values() {
        let group = node.group.as_ref().and_then(|key| graph.groups.get(key));
        let past = group.and_then(|group| group.next.as_ref());
        for to in node.targets().into_iter().chain(past) {
            before.entry(to).or_default().push(&node.key);
        }
    }
    let joins = graph.nodes.values();
    let joins = joins.filter(|node| matches!(node.kind, NodeKind::Join(_)));
    let mut open: Vec<&NodeKey> = joins.map(|node| &node.key).collect();
    let mut found: BTreeSet<NodeKey> = BTreeSet::new();
    while let Some(key) = open.pop() {
        if found.insert(key.clone()) {
            open.extend(before.get(key).into_iter().flatten());
        }
    }
    // Whoever stands there comes back to where a way leads to a join, or has strayed before.
    found.extend(graph.revise.iter().map(|node| node.key.clone()));
    graph.to_join = found;
    graph
}

/// The first way to start leads to the first node, unless it says otherwise.
fn with_first(mut graph: Graph) -> Graph {
    if let Some(first) = &graph.start.first {
        graph.first = first.clone();
    }
    graph
}

fn require_node(graph: &Graph, from: &NodeKey, to: &NodeKey) -> Result<(), GraphError> {
    if graph.nodes.contains_key(to) {
        return Ok(());
    }
    Err(GraphError::Dangling {
        from: from.clone(),
        to: to.clone(),
    })
}
