//! Nodes, groups and the edges between them.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    conditions::Condition,
    graph::{ActionTable, ApprovalNode, Retry, TaskNode},
    id::{GroupKey, NodeKey},
    template::Template,
    text::Text,
};

/// One node of a graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// The key, unique in the graph.
    pub key: NodeKey,
    /// The title for people.
    pub title: Text,
    /// A display color such as `#3498db`.
    pub color: Option<String>,
    /// The group that it belongs to.
    pub group: Option<GroupKey>,
    /// What it does.
    pub kind: NodeKind,
    /// Where its token goes; `None` ends the branch.
    pub next: Option<NodeKey>,
    /// When false at entry, the node is skipped and its token goes to `next`.
    pub when: Option<Arc<dyn Condition>>,
    /// The actions of this node.
    pub actions: ActionTable,
    /// What happens when it waits too long, in file order.
    pub timeouts: Vec<Timeout>,
}

impl Node {
    /// A node titled after its key, without group, guard or actions.
    #[must_use]
    pub fn new(key: impl Into<NodeKey>, kind: NodeKind) -> Self {
        let key = key.into();
        Self {
            title: Text::from_key(key.as_str()),
            key,
            color: None,
            group: None,
            kind,
            next: None,
            when: None,
            actions: ActionTable::default(),
            timeouts: Vec::new(),
        }
    }

    /// The same node with its token going to `next`.
    #[must_use]
    pub fn next(self, next: impl Into<NodeKey>) -> Self {
        Self {
            next: Some(next.into()),
            ..self
        }
    }

    /// Every node that a token of this one may go to.
    #[must_use]
    pub fn targets(&self) -> Vec<&NodeKey> {
        let mut targets: Vec<&NodeKey> = match &self.kind {
            NodeKind::Choice(choice) => choice
                .cases
                .iter()
                .map(|case| &case.to)
                .chain(&choice.default)
                .collect(),
            NodeKind::Split(split) => split.branches.iter().map(|branch| &branch.to).collect(),
            NodeKind::Approval(_)
            | NodeKind::End
            | NodeKind::Function(_)
            | NodeKind::Job(_)
            | NodeKind::Join(_)
            | NodeKind::Task(_)
            | NodeKind::Terminate => Vec::new(),
        };
        targets.extend(&self.next);
        targets.extend(self.timeouts.iter().map(|timeout| &timeout.next));
        targets
    }

    /// Whether people see it as a stage of the process: it waits for somebody or something.
    #[must_use]
    pub fn is_stage(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Approval(_) | NodeKind::Job(_) | NodeKind::Task(_)
        )
    }
}

/// What a node does.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// People decide.
    Approval(Box<ApprovalNode>),
    /// Takes the first case whose condition holds.
    Choice(Choice),
    /// Ends its branch.
    End,
    /// Runs the host's function within the command.
    Function(FunctionNode),
    /// Runs the host's function after the commit, and waits for it.
    Job(JobNode),
    /// Waits for the branches of a split.
    Join(JoinNode),
    /// Runs branches side by side.
    Split(SplitNode),
    /// A person does something.
    Task(Box<TaskNode>),
    /// Ends the whole instance.
    Terminate,
}

/// Exactly one way on.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Tried in order.
    pub cases: Vec<Case>,
    /// Taken when no case holds; without one, that is a failure.
    pub default: Option<NodeKey>,
}

/// One way on, under a condition.
#[derive(Clone, Debug)]
pub struct Case {
    /// The condition.
    pub when: Arc<dyn Condition>,
    /// The node to go to.
    pub to: NodeKey,
}

/// A call of the host's code inside the command.
#[derive(Clone, Debug)]
pub struct FunctionNode {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Template,
    /// The top-level key of the data that takes the result; `None` drops it.
    pub into: Option<String>,
}

/// A call of the host's code after the commit, tried again when it fails.
#[derive(Clone, Debug)]
pub struct JobNode {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Template,
    /// The top-level key of the data that takes the result; `None` drops it.
    pub into: Option<String>,
    /// How often and when it is tried again.
    pub retry: Retry,
}

/// What happens when a node waits too long: a boundary on its border.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timeout {
    /// From entry.
    pub after: SignedDuration,
    /// Whether the node is left; otherwise it stays and a token runs beside it.
    pub interrupting: bool,
    /// Where the token goes.
    pub next: NodeKey,
}

/// Opens a scope and gives each branch a token in it.
#[derive(Clone, Debug)]
pub struct SplitNode {
    /// The branches in file order; at least one.
    pub branches: Vec<Branch>,
}

/// One branch of a split.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The node that the branch enters.
    pub to: NodeKey,
    /// When false, the branch is not taken.
    pub when: Option<Arc<dyn Condition>>,
}

/// Closes the scope of a split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JoinNode {
    /// What it waits for.
    pub need: JoinNeed,
}

/// What a join waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JoinNeed {
    /// Every live token of the scope; ended and cancelled branches do not count.
    All,
}

/// Nodes that belong together, such as the stages of a pipeline.
#[derive(Clone, Debug)]
pub struct Group {
    /// The key, unique in the graph.
    pub key: GroupKey,
    /// The title for people.
    pub title: Text,
    /// The department that owns it.
    pub department: Option<String>,
    /// When false as a token enters the group from outside, the whole group is skipped.
    pub when: Option<Arc<dyn Condition>>,
    /// Where a token goes after the group or past it; `None` ends the branch.
    pub next: Option<NodeKey>,
    /// The actions of the group.
    pub actions: ActionTable,
}
