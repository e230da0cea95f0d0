//! What somebody may do now with an instance, its activations and its tasks.
//!
//! No rule is written here: each operation is tried on a copy by the very check of its command, with
//! everything left out that the person would still say. What is refused for the state or for the
//! person is not possible; what only lacks a reason, a form or a target is.
//!
//! | about | operations |
//! | --- | --- |
//! | the instance | `begin` `hold` `resume` `cancel` `withdraw` `set_data` `set_metadata` `comment` `jump` `undo` |
//! | a node | `add_branch` |
//! | an activation | `deliver` `retry` `revive` `skip` `cancel_task` `jump` |
//! | a task | `claim` `release` `start_work` `approve` `reject` `resubmit` `complete` `answer` `set_status` `save_draft` `request_info` `delegate` `transfer` `escalate` `assign` `add_approver` `remove_approver` `follow_members` `snooze` `unsnooze` `suspend` `resume_task` |
//!
//! What only the engine does is not listed, and neither is what needs another version (`migrate`) or
//! is about a person (`person_left`).

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    actor::Actor,
    command::{Answer, Command, Delivery, Force, HandOver, Place, Return, StatusChange, TaskRef},
    facts::{Answers, Facts, Question, Settings},
    graph::{Graph, NodeKind},
    id::{ActivationId, CommandId, NodeKey},
    instance::{Body, Instance},
    machine::{
        commands,
        context::{Context, Halt},
        draft::Draft,
    },
    refusal::RefusalCode,
};

/// Something that somebody may do now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Possible {
    /// The name of the command.
    pub command: &'static str,
    /// With what.
    pub with: With,
}

/// What a command is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum With {
    /// One activation; for `revive` also one that was taken out.
    Activation(ActivationId),
    /// The instance.
    Instance,
    /// A branch of a split that is open, or a subprocess that takes more children.
    Node(NodeKey),
    /// An open task.
    Task(TaskRef),
}

/// Everything that `actor` may do at `now`: with the instance, then with its nodes, its activations
/// and its tasks, in their order.
///
/// The instance must be whole. An answer that only the directory has may still bring a refusal.
///
/// # Example
/// ```
/// # use signoff_core::{machine::{Run, Step, possible}, graph::{GraphBuilder, Node, NodeKind}, command::{Command, Start}, facts::{Answers, Facts}, actor::Actor, id::{CommandId, DefinitionId}};
/// # let graph = GraphBuilder::new("nothing").node(Node::new("end", NodeKind::End(None))).build()?;
/// # let definition = DefinitionId { workflow: "nothing".into(), version: 1 };
/// # let start = Command::Start(Box::new(Start::new(Default::default(), definition)));
/// # let facts = Facts {
/// #     command: CommandId::new("01900000-0000-7000-8000-000000000000".parse()?),
/// #     now: "2026-01-01T00:00:00Z".parse()?,
/// #     actor: Actor::Host,
/// #     context: Default::default(),
/// #     settings: Default::default(),
/// #     answers: Answers::default(),
/// # };
/// # let mut run = Run::new(&graph, None, &start);
/// # let Step::Accept(accepted) = run.poll(&facts) else { panic!("nothing to ask, nothing to refuse") };
/// let found = possible(&graph, accepted.change.instance(), &Actor::Host, facts.now);
/// let names: Vec<&str> = found.iter().map(|found| found.command).collect();
/// assert!(names.contains(&"jump") && !names.contains(&"hold"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn possible(
    graph: &Graph,
    instance: &Instance,
    actor: &Actor,
    now: Timestamp,
) -> Vec<Possible> {
    let nodes = growing(graph, instance).into_iter().map(With::Node);
    let live = instance.activations().map(|found| found.id);
    let activations = live.chain(instance.parked().keys().copied());
    let tasks = instance.tasks().map(|task| With::Task(task.into()));
    let every = std::iter::once(With::Instance)
        .chain(nodes)
        .chain(activations.map(With::Activation))
        .chain(tasks);
    let mut trial = Trial::new(graph, instance, actor, now);
    let found = every.flat_map(|with| {
        let commands = trial.all(&with).into_iter();
        commands.map(move |command| Possible {
            command,
            with: with.clone(),
        })
    });
    found.collect()
}

/// The commands that `actor` may give at `now` about one thing; see [`possible`].
#[must_use]
pub fn possible_with(
    graph: &Graph,
    instance: &Instance,
    with: &With,
    actor: &Actor,
    now: Timestamp,
) -> Vec<&'static str> {
    Trial::new(graph, instance, actor, now).all(with)
}

/// Commands that are tried one after the other.
struct Trial<'a> {
    graph: &'a Graph,
    instance: &'a Instance,
    facts: Facts,
    /// A copy that no command has changed yet.
    draft: Option<Draft>,
}

impl<'a> Trial<'a> {
    fn new(graph: &'a Graph, instance: &'a Instance, actor: &Actor, now: Timestamp) -> Self {
        let facts = Facts {
            command: CommandId::new(Uuid::nil()),
            now,
            actor: actor.clone(),
            context: Arc::default(),
            settings: Arc::new(Settings::default()),
            answers: Answers::default(),
        };
        Self {
            graph,
            instance,
            facts,
            draft: None,
        }
    }

    /// The names of what is possible.
    fn all(&mut self, with: &With) -> Vec<&'static str> {
        let commands = match with {
            With::Activation(id) => with_activation(self.instance, *id),
            With::Instance => with_instance(),
            With::Node(node) => with_node(self.graph, self.instance, node),
            With::Task(target) => with_task(self.graph, self.instance, *target),
        };
        let possible = commands.iter().filter(|command| self.may(command));
        possible.map(Command::name).collect()
    }

    fn may(&mut self, command: &Command) -> bool {
        let fresh = || Draft::new(Some(self.instance), &self.facts);
        let mut draft = self.draft.take().unwrap_or_else(fresh);
        let cx = Context {
            graph: self.graph,
            command,
            facts: &self.facts,
        };
        let tried = commands::begin(&cx, &mut draft);
        if draft.events.is_empty() && draft.next.is_empty() {
            self.draft = Some(draft);
        }
        match tried {
            Ok(()) => true,
            // What others know is asked after state and rights are checked.
            Err(Halt::Ask(questions)) => !questions.iter().any(is_of_the_instance),
            Err(Halt::Refuse(refusal)) => !says_no(command, refusal.code),
        }
    }
}

const fn is_of_the_instance(question: &Question) -> bool {
    matches!(question, Question::All | Question::Load(_))
}

/// Whether the state or the rights say no, and not what is still to be said.
fn says_no(command: &Command, code: RefusalCode) -> bool {
    use RefusalCode as C;
    if code <= C::UnknownOutcome {
        return true;
    }
    let nothing_to_say = matches!(
        command,
        Command::Begin
            | Command::CancelTask(..)
            | Command::Claim(_)
            | Command::Escalate(..)
            | Command::FollowMembers(_)
            | Command::Hold(_)
            | Command::Release(_)
            | Command::Resume
            | Command::ResumeTask(_)
            | Command::Retry(_)
            | Command::Revive(_)
            | Command::SaveDraft(..)
            | Command::Skip(..)
            | Command::StartWork(_)
            | Command::Suspend(..)
            | Command::Unsnooze(_)
    );
    nothing_to_say || matches!(code, C::AlreadyStarted | C::NotCancellable | C::NotUndoable)
}

fn with_instance() -> Vec<Command> {
    let reason = String::new;
    vec![
        Command::Begin,
        Command::Hold(None),
        Command::Resume,
        Command::Cancel {
            reason: reason(),
            force: Force::Yes,
        },
        Command::Withdraw { reason: reason() },
        Command::SetData(Map::new()),
        Command::SetMetadata(Map::new()),
        Command::Comment(None, String::new()),
        Command::Jump(None, nowhere()),
        Command::Undo(Place::from("")),
    ]
}

fn with_activation(instance: &Instance, id: ActivationId) -> Vec<Command> {
    let place = || Place::Activation(id);
    let Some(activation) = instance.activation(id) else {
        // It was taken out: its token is parked.
        return vec![Command::Revive(place())];
    };
    let mut commands = Vec::new();
    if let Body::Subscribed { kind, name, .. } = &activation.body {
        let delivery = Delivery {
            kind: *kind,
            name: name.clone(),
            message: None,
            payload: Value::Null,
        };
        commands.push(Command::Deliver(place(), delivery));
    }
    commands.extend([
        Command::Retry(place()),
        Command::Revive(place()),
        // Whether something comes next is looked at after the reason.
        Command::Skip(place(), "-".to_owned()),
        Command::CancelTask(place(), None),
        Command::Jump(Some(place()), nowhere()),
    ]);
    commands
}

fn with_node(graph: &Graph, instance: &Instance, node: &NodeKey) -> Vec<Command> {
    match growing(graph, instance).contains(node) {
        true => vec![Command::AddBranch(node.clone(), Arc::new(Value::Null))],
        false => Vec::new(),
    }
}

fn with_task(graph: &Graph, instance: &Instance, target: TaskRef) -> Vec<Command> {
    let Some(task) = instance.task(target.task) else {
        return Vec::new();
    };
    let nobody = || HandOver {
        to: None,
        reason: String::new(),
    };
    let mut commands = vec![
        Command::Claim(target),
        Command::Release(target),
        Command::StartWork(target),
        Command::Approve(target, Answer::default()),
        Command::Reject(target, Answer::default()),
        Command::Resubmit(target, nowhere()),
        Command::Return(target, String::new()),
        Command::Complete(target, Answer::default()),
        Command::Answer(target, String::new()),
    ];
    let node = graph.node(&task.node);
    if node.is_some_and(|node| matches!(node.kind, NodeKind::Step(_))) {
        commands.push(Command::SetStatus(target, StatusChange::default()));
    }
    commands.extend([
        Command::SaveDraft(target, None),
        Command::RequestInfo(target, nobody()),
        Command::Delegate(target, nobody()),
        Command::Transfer(target, nobody()),
        Command::Escalate(target, String::new()),
        Command::Assign(target, nobody()),
    ]);
    let votes = node.is_some_and(|node| matches!(node.kind, NodeKind::Approval(_)));
    if task.question.is_none() && (votes || !task.candidates.is_empty()) {
        commands.push(Command::AddApprover(target, nobody()));
        commands.push(Command::RemoveApprover(target, nobody()));
        commands.push(Command::FollowMembers(target));
    }
    commands.extend([
        Command::Snooze(target, None),
        Command::Unsnooze(target),
        Command::Suspend(target, None),
        Command::ResumeTask(target),
    ]);
    commands
}

/// Where branches or children may be added, each once.
fn growing(graph: &Graph, instance: &Instance) -> BTreeSet<NodeKey> {
    let splits = instance.scopes().values().filter_map(|scope| {
        match graph.node(&scope.split).map(|node| &node.kind) {
            Some(NodeKind::Split(split)) => Some(split),
            _ => None,
        }
    });
    let branches = splits.flat_map(|split| split.branches.iter().map(|branch| &branch.way.to));
    let grows = |node: &&NodeKey| {
        let kind = graph.node(node).map(|node| &node.kind);
        matches!(kind, Some(NodeKind::Subprocess(child)) if child.each.is_some())
    };
    let standing = instance.activations().map(|activation| &activation.node);
    branches.chain(standing.filter(grows)).cloned().collect()
}

const fn nowhere() -> Return {
    Return {
        to: None,
        reason: String::new(),
    }
}
