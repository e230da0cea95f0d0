//! Nodes, groups and the edges between them.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    conditions::Condition,
    graph::{
        ActionTable, ApprovalNode, DataPath, EntrySpec, Gift, JoinNode, Moment, ReceiveNode, Retry,
        SignalNode, SplitNode, StepNode, SubprocessNode, TaskNode, Texts, Transition, Way,
    },
    id::{GroupKey, NodeKey, Subject},
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
    /// What people read beside it.
    pub texts: Texts,
    /// A display color such as `#3498db`.
    pub color: Option<String>,
    /// The group that it belongs to.
    pub group: Option<GroupKey>,
    /// What it does.
    pub kind: NodeKind,
    /// Where its token goes; `None` ends the branch.
    pub next: Option<NodeKey>,
    /// What the visit of `next` is given.
    pub passes: Gift,
    /// What each of its own visits has from the start, under what the way there gives.
    pub gift: Gift,
    /// What a visit has produced when it completes.
    pub artifact: Option<Arc<dyn Condition>>,
    /// When false at entry, the node is skipped and its token goes to `next`.
    pub when: Option<Arc<dyn Condition>>,
    /// While false, its task cannot be done.
    pub enabled_when: Option<Arc<dyn Condition>>,
    /// What never runs at the same time in one instance.
    pub mutex: Option<Mutex>,
    /// The nodes whose visits are withdrawn when it completes.
    pub cancels: Vec<NodeKey>,
    /// The actions of this node.
    pub actions: ActionTable,
    /// What happens when it waits too long, in file order.
    pub timeouts: Vec<Timeout>,
    /// Where its token goes when it fails, in file order: the first that fits.
    pub errors: Vec<Catch>,
    /// What runs beside it when a child raises a code, in file order: the first that fits.
    pub escalations: Vec<Catch>,
    /// The node that takes back what it did.
    pub compensate_with: Option<NodeKey>,
    /// The keys that it had in earlier versions.
    pub was: Vec<NodeKey>,
}

impl Node {
    /// A node titled after its key, without group, guard or actions.
    #[must_use]
    pub fn new(key: impl Into<NodeKey>, kind: NodeKind) -> Self {
        let key = key.into();
        Self {
            title: Text::from_key(key.as_str()),
            texts: Texts::default(),
            key,
            color: None,
            group: None,
            kind,
            next: None,
            passes: Gift::default(),
            gift: Gift::default(),
            artifact: None,
            when: None,
            enabled_when: None,
            mutex: None,
            cancels: Vec::new(),
            actions: ActionTable::default(),
            timeouts: Vec::new(),
            errors: Vec::new(),
            escalations: Vec::new(),
            compensate_with: None,
            was: Vec::new(),
        }
    }

    /// Whether its token goes back to the approval that it came from.
    pub(crate) fn goes_back(&self) -> bool {
        matches!(&self.kind, NodeKind::Task(task) if task.goes_back)
    }

    /// The same node with its token going to `next`.
    #[must_use]
    pub fn next(self, next: impl Into<NodeKey>) -> Self {
        Self {
            next: Some(next.into()),
            ..self
        }
    }

    /// Every node that a token of this one may go to, boundaries included.
    #[must_use]
    pub fn targets(&self) -> Vec<&NodeKey> {
        let mut targets = self.ways();
        targets.extend(self.timeouts.iter().map(|timeout| &timeout.next));
        let catches = self.errors.iter().chain(&self.escalations);
        targets.extend(catches.map(|catch| &catch.next));
        targets.extend(&self.compensate_with);
        targets
    }

    /// Every node that a token of this one may go to by itself, boundaries aside.
    #[must_use]
    pub fn ways(&self) -> Vec<&NodeKey> {
        let mut ways: Vec<&NodeKey> = match &self.kind {
            NodeKind::Choice(choice) => choice
                .cases
                .iter()
                .map(|case| &case.way.to)
                .chain(choice.default.iter().map(|way| &way.to))
                .collect(),
            NodeKind::First(nodes) => nodes.iter().collect(),
            NodeKind::Split(split) => {
                let branches = split.branches.iter();
                branches.map(|branch| &branch.way.to).collect()
            }
            NodeKind::Step(step) => {
                let ways = step.transitions.iter().map(Transition::next);
                ways.chain(&step.gate).collect()
            }
            _ => Vec::new(),
        };
        ways.extend(&self.next);
        ways
    }

    /// Whether its visits wait for somebody or something.
    #[must_use]
    pub fn waits(&self) -> bool {
        match &self.kind {
            NodeKind::Approval(_)
            | NodeKind::Compensate(_)
            | NodeKind::Job(_)
            | NodeKind::Receive(_)
            | NodeKind::Signal(SignalNode::Catch { .. })
            | NodeKind::Step(_)
            | NodeKind::Task(_)
            | NodeKind::Timer(_)
            | NodeKind::Wait(_) => true,
            NodeKind::Subprocess(child) => child.awaits,
            NodeKind::Choice(_)
            | NodeKind::End(_)
            | NodeKind::Fail(_)
            | NodeKind::First(_)
            | NodeKind::Function(_)
            | NodeKind::Join(_)
            | NodeKind::Raise(_)
            | NodeKind::Set(_)
            | NodeKind::Signal(SignalNode::Throw { .. })
            | NodeKind::Split(_)
            | NodeKind::Terminate(_) => false,
        }
    }

    /// What its tasks of this entry ask; a step and a task of a flow have one entry.
    #[must_use]
    pub fn entry(&self, entry: u16) -> Option<&EntrySpec> {
        match &self.kind {
            NodeKind::Approval(approval) => approval.entries.get(usize::from(entry)),
            NodeKind::Step(step) if entry == 0 => Some(&step.entry),
            NodeKind::Task(task) if entry == 0 => Some(&task.entry),
            _ => None,
        }
    }

    /// Whether people see it as a stage of the process: it waits for somebody, or a job.
    #[must_use]
    pub fn is_stage(&self) -> bool {
        matches!(
            self.kind,
            NodeKind::Approval(_) | NodeKind::Job(_) | NodeKind::Step(_) | NodeKind::Task(_)
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
    /// Takes back what these nodes did, or all when none is named; newest first.
    Compensate(Vec<NodeKey>),
    /// Ends its branch, perhaps with an outcome of the instance.
    End(Option<String>),
    /// Ends the whole instance as failed, with a code.
    Fail(String),
    /// Offers one token on all these nodes: the first to complete keeps it.
    First(Vec<NodeKey>),
    /// Runs the host's function within the command.
    Function(FunctionNode),
    /// Runs the host's function after the commit, and waits for it.
    Job(JobNode),
    /// Waits for branches of a split.
    Join(JoinNode),
    /// Tells the parent a code, and goes on.
    Raise(String),
    /// Waits for a message or for the host.
    Receive(ReceiveNode),
    /// Sets values of the data, in order; each sees those before it.
    Set(Vec<(DataPath, Arc<dyn Condition>)>),
    /// Throws or catches a signal.
    Signal(SignalNode),
    /// Runs branches side by side.
    Split(SplitNode),
    /// Has a status, and is left by a completion status.
    Step(Box<StepNode>),
    /// Runs instances of a workflow.
    Subprocess(Box<SubprocessNode>),
    /// A person does something.
    Task(Box<TaskNode>),
    /// Ends the whole instance, perhaps with an outcome.
    Terminate(Option<String>),
    /// Waits for a moment.
    Timer(Moment),
    /// Waits until a condition on the instance holds.
    Wait(Arc<dyn Condition>),
}

impl NodeKind {
    /// The kind's word in documents.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Approval(_) => "approval",
            Self::Choice(_) => "switch",
            Self::Compensate(_) => "compensate",
            Self::End(_) => "end",
            Self::Fail(_) => "fail",
            Self::First(_) => "first",
            Self::Function(_) => "function",
            Self::Job(_) => "job",
            Self::Join(_) => "join",
            Self::Raise(_) => "raise",
            Self::Receive(_) => "receive",
            Self::Set(_) => "set",
            Self::Signal(_) => "signal",
            Self::Split(_) => "split",
            Self::Step(_) => "step",
            Self::Subprocess(_) => "subprocess",
            Self::Task(_) => "task",
            Self::Terminate(_) => "terminate",
            Self::Timer(_) => "timer",
            Self::Wait(_) => "wait",
        }
    }
}

/// Exactly one way on.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Tried in order.
    pub cases: Vec<Case>,
    /// Taken when no case holds; without one, that is a failure.
    pub default: Option<Way>,
}

/// One way on, under a condition.
#[derive(Clone, Debug)]
pub struct Case {
    /// The condition.
    pub when: Arc<dyn Condition>,
    /// The way to take.
    pub way: Way,
}

/// A call of the host's code inside the command.
#[derive(Clone, Debug)]
pub struct FunctionNode {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Template,
    /// The place in the data that takes the result; `None` drops it.
    pub into: Option<DataPath>,
    /// How a diagram shows it; as a call of code when `None`.
    pub symbol: Option<Symbol>,
}

/// What a call of the host's code stands for in a diagram. It runs all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Symbol {
    /// An event that throws a message.
    Message,
    /// A task that works out a business rule.
    Rule,
    /// A task that sends something.
    Send,
}

/// A call of the host's code after the commit, tried again when it fails.
#[derive(Clone, Debug)]
pub struct JobNode {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Template,
    /// The place in the data that takes the result; `None` drops it.
    pub into: Option<DataPath>,
    /// How a diagram shows it; as a job when `None`.
    pub symbol: Option<Symbol>,
    /// How often and when it is tried again.
    pub retry: Retry,
    /// When it runs; at once when `None`.
    pub when: Option<Moment>,
    /// How long one attempt may take; as long as it likes when `None`.
    pub timeout: Option<SignedDuration>,
}

/// What happens when a node waits too long: a boundary on its border.
#[derive(Clone, Debug)]
pub struct Timeout {
    /// When.
    pub when: Moment,
    /// Whether the node is left; otherwise it stays and a token runs beside it.
    pub interrupting: bool,
    /// Where the token goes.
    pub next: NodeKey,
}

/// Where a token goes when a code comes: a boundary on the border of a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Catch {
    /// The code; any when `None`.
    pub code: Option<String>,
    /// Where the token goes.
    pub next: NodeKey,
}

impl Catch {
    /// The first of `catches` that fits `code`.
    #[must_use]
    pub fn find<'a>(catches: &'a [Self], code: &str) -> Option<&'a Self> {
        let fits = |catch: &&Self| catch.code.as_deref().is_none_or(|wanted| wanted == code);
        catches.iter().find(fits)
    }
}

/// What never runs at the same time in one instance.
#[derive(Clone, Debug)]
pub struct Mutex {
    /// Its name.
    pub name: String,
    /// Which of that name, worked out at entry; one for all when `None`.
    pub key: Option<Arc<dyn Condition>>,
}

/// Nodes that belong together, such as the stages of a pipeline.
#[derive(Clone, Debug)]
pub struct Group {
    /// The key, unique in the graph.
    pub key: GroupKey,
    /// The title for people.
    pub title: Text,
    /// What people read beside it.
    pub texts: Texts,
    /// The department that owns it.
    pub department: Option<Subject>,
    /// When false as a token enters the group from outside, the whole group is skipped.
    pub when: Option<Arc<dyn Condition>>,
    /// Where a token goes after the group or past it; `None` ends the branch.
    pub next: Option<NodeKey>,
    /// The actions of the group.
    pub actions: ActionTable,
}
