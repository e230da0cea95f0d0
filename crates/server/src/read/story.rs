//! What happened to an instance, in words.

mod flow;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use signoff::{
    NodeKey, PersonId, TaskId,
    core::{
        actor::By,
        event::{Decision, Event, HistoryEntry},
        graph::Graph,
        instance::{Outcome, Timer},
        principal::Principal,
    },
};

use self::flow::Ways;
use crate::{
    read::{Names, title_in_sentence},
    text::{Locale, fill},
};

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) version: u64,
    pub(crate) at: Timestamp,
    pub(crate) by: By,
    pub(crate) event: &'static str,
    /// One sentence, without a period.
    pub(crate) text: String,
    /// What was said with it.
    pub(crate) said: Option<String>,
    /// `good`, `bad`, `back` or `plain`.
    pub(crate) tone: &'static str,
    pub(crate) node: Option<NodeKey>,
    pub(crate) task: Option<TaskId>,
}

/// Everybody whom the history names.
pub(crate) fn people_of(history: &[HistoryEntry]) -> BTreeSet<PersonId> {
    let mut people = BTreeSet::new();
    for entry in history {
        people.extend(entry.by.person().cloned());
        for event in &entry.events {
            match event {
                Event::DecisionMade(decision) => people.extend(decision.on_behalf_of.clone()),
                Event::TaskDelegated { from, to, .. } => people.extend([from.clone(), to.clone()]),
                Event::TaskClaimed { by, .. } => people.extend([by.clone()]),
                Event::TaskTransferred { from, to, .. } => {
                    people.extend(from.iter().chain([to]).cloned());
                }
                Event::TaskEscalated {
                    assignee,
                    candidates,
                    ..
                } => {
                    people.extend(assignee.clone());
                    people.extend(candidates.iter().filter_map(person));
                }
                Event::TaskOpened(opened) => {
                    people.extend(opened.assignee.clone());
                    people.extend(opened.candidates.iter().filter_map(person));
                }
                _ => {}
            }
        }
    }
    people
}

fn person(principal: &Principal) -> Option<PersonId> {
    match principal {
        Principal::User(id) => Some(id.clone()),
        Principal::Anyone | Principal::Role(_) => None,
    }
}

/// What happened, from the beginning; what only the engine cares about is left out.
pub(crate) fn story(
    history: &[HistoryEntry],
    graph: &Graph,
    names: &Names,
    locale: Locale,
) -> Vec<Line> {
    let migrations = history.iter().flat_map(|entry| &entry.events);
    let migrations = migrations.filter_map(|event| match event {
        Event::InstanceMigrated { nodes, .. } => Some(nodes),
        _ => None,
    });
    let mut teller = Teller {
        graph,
        names,
        locale,
        nodes: BTreeMap::new(),
        ways: Ways::default(),
        later: migrations.collect(),
    };
    let mut lines = Vec::new();
    for entry in history {
        for event in &entry.events {
            if let Event::TaskOpened(opened) = event {
                teller.nodes.insert(opened.task, opened.node.clone());
            }
            teller.ways.note(event);
            if let Event::InstanceMigrated { nodes, .. } = event {
                teller.migrate(nodes);
            }
            let Some(told) = teller.tell(entry, event) else {
                continue;
            };
            lines.push(Line {
                version: entry.version,
                at: entry.at,
                by: entry.by.clone(),
                event: event.name(),
                text: told.text,
                said: told.said.filter(|said| !said.is_empty()),
                tone: told.tone,
                node: told
                    .node
                    .or_else(|| Some(teller.now(teller.nodes.get(&told.task?)?))),
                task: told.task,
            });
        }
    }
    lines
}

struct Teller<'a> {
    graph: &'a Graph,
    names: &'a Names,
    locale: Locale,
    /// Which node a task belongs to.
    nodes: BTreeMap<TaskId, NodeKey>,
    ways: Ways,
    /// What nodes were renamed to by the migrations that follow.
    later: VecDeque<&'a BTreeMap<NodeKey, NodeKey>>,
}

struct Told {
    text: String,
    said: Option<String>,
    tone: &'static str,
    node: Option<NodeKey>,
    task: Option<TaskId>,
}

impl Told {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            said: None,
            tone: "plain",
            node: None,
            task: None,
        }
    }

    fn said(self, said: Option<&String>) -> Self {
        Self {
            said: said.cloned(),
            ..self
        }
    }

    fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }
}

impl Teller<'_> {
    fn tell(&self, entry: &HistoryEntry, event: &Event) -> Option<Told> {
        let words = self.locale.words();
        let who = self.names.by(self.locale, &entry.by);
        let by = |template: &str| Told::new(fill(template, &[("who", &who)]));
        Some(match event {
            Event::DecisionMade(decision) => self.decision(decision),
            Event::GroupSkipped { group, .. } => {
                let group = self.graph.group(group)?;
                let stage = self.locale.of_text(&group.title);
                Told::new(fill(words.ev_skipped, &[("stage", &stage)]))
            }
            Event::IncidentOpened { message, .. } => Told::new(fill(
                words.ev_incident,
                &[("what", &self.locale.name(message))],
            ))
            .tone("bad"),
            Event::InstanceCancelled { reason } => {
                by(words.ev_cancelled).said(Some(reason)).tone("bad")
            }
            Event::InstanceCompleted => Told::new(words.ev_completed).tone("good"),
            Event::InstanceMigrated { definition, .. } => {
                let version = definition.version.to_string();
                let values = [("who", &*who), ("version", &version)];
                Told::new(fill(words.ev_migrated, &values))
            }
            Event::InstanceRejected { .. } => Told::new(words.ev_instance_rejected).tone("bad"),
            Event::InstanceAttached(_) => by(words.ev_attached),
            Event::InstanceBegun { .. } | Event::InstanceStarted(_) => by(words.ev_started),
            Event::InstanceHeld { reason, .. } => by(words.ev_held).said(reason.as_ref()),
            Event::InstanceResumed => by(words.ev_resumed),
            Event::NodeFailed { node, .. } => self.node(words.ev_failed, node).tone("bad"),
            Event::NodeObsolete { node, .. } => self.node(words.ev_obsolete, node).tone("bad"),
            Event::NodeResubmitted { to, .. } => self.node(words.ev_returned, to).tone("back"),
            Event::NodeRevived { node, .. } => self.node(words.ev_anew, node),
            Event::NodeSkipped { node, .. } => self.node(words.ev_skipped, node),
            other => {
                return self
                    .talk(&who, other)
                    .or_else(|| self.task_event(&who, &entry.by, other))
                    .or_else(|| self.flow_event(entry, other));
            }
        })
    }

    /// What people say to each other.
    fn talk(&self, who: &str, event: &Event) -> Option<Told> {
        let words = self.locale.words();
        Some(match event {
            Event::Commented {
                task: Some(task),
                text,
            } => self
                .task(words.ev_commented_on, *task, &[("who", who)])
                .said(Some(text)),
            Event::ActionRequested { run } => {
                Told::new(fill(words.ev_action, &[("who", who), ("action", run)]))
            }
            Event::Commented { task: None, text } => {
                Told::new(fill(words.ev_commented, &[("who", who)])).said(Some(text))
            }
            Event::TaskOpened(opened) if opened.question.is_some() => {
                let to = self.given_to(opened.assignee.as_ref(), &opened.candidates);
                let said = opened.question.as_ref().map(|question| &question.text);
                self.task(words.ev_asked, opened.task, &[("who", who), ("to", &to)])
                    .said(said)
            }
            Event::InfoAnswered { task, text, .. } => self
                .task(words.ev_answered, *task, &[("who", who)])
                .said(Some(text)),
            _ => return None,
        })
    }

    fn task_event(&self, who: &str, by: &By, event: &Event) -> Option<Told> {
        let words = self.locale.words();
        let name = |id: &PersonId| self.locale.name(self.names.get(id));
        Some(match event {
            Event::CheckedIn { task, comment, .. } => self
                .task(words.ev_checked_in, *task, &[("who", who)])
                .said(comment.as_ref()),
            Event::EscalationFailed { task, .. } => {
                self.task(words.ev_not_escalated, *task, &[]).tone("bad")
            }
            Event::TaskClaimed { task, by } => {
                self.task(words.ev_claimed, *task, &[("who", &name(by))])
            }
            Event::TaskTransferred {
                task, to, reason, ..
            } => self
                .task(
                    words.ev_transferred,
                    *task,
                    &[("who", who), ("to", &name(to))],
                )
                .said(reason.as_ref()),
            Event::TaskDelegated {
                task,
                from,
                to,
                reason,
            } => self
                .task(
                    words.ev_delegated,
                    *task,
                    &[("who", &name(from)), ("to", &name(to))],
                )
                .said(Some(reason)),
            Event::TaskEscalated {
                task,
                assignee,
                candidates,
                reason,
                ..
            } => {
                let to = self.given_to(assignee.as_ref(), candidates);
                let template = match by {
                    By::Person(_) => words.ev_escalated_by,
                    By::Engine | By::Host => words.ev_escalated,
                };
                self.task(template, *task, &[("who", who), ("to", &to)])
                    .said(reason.as_ref())
                    .tone("back")
            }
            Event::TaskOpened(opened) => {
                let template = match &opened.assignee {
                    Some(_) => words.ev_assigned,
                    None => words.ev_offered,
                };
                let to = self.given_to(opened.assignee.as_ref(), &opened.candidates);
                self.task(template, opened.task, &[("who", &to)])
            }
            Event::TaskResumed { task } => self.task(words.ev_task_resumed, *task, &[("who", who)]),
            Event::TaskSnoozed { task, .. } => self.task(words.ev_snoozed, *task, &[("who", who)]),
            Event::TaskStarted { task } => self.task(words.ev_work_started, *task, &[("who", who)]),
            Event::TaskSuspended { task, reason } => self
                .task(words.ev_suspended, *task, &[("who", who)])
                .said(reason.as_ref()),
            Event::TaskRetimed { task, .. } => self.task(words.ev_retimed, *task, &[]),
            Event::TaskReleased { task } => self.task(words.ev_released, *task, &[("who", who)]),
            Event::TimerFired {
                task: Some(task),
                timer: Timer::Due,
                ..
            } => self.task(words.ev_overdue, *task, &[]).tone("back"),
            Event::TimerFired {
                task: Some(task),
                timer: Timer::Remind,
                ..
            } => self.task(words.ev_reminded, *task, &[]),
            _ => return None,
        })
    }

    fn decision(&self, decision: &Decision) -> Told {
        let words = self.locale.words();
        let (template, tone) = match decision.outcome {
            Outcome::Answered => (words.ev_answered, "plain"),
            Outcome::Approved => (words.ev_approved, "good"),
            Outcome::Completed => (words.ev_done, "good"),
            Outcome::Rejected => (words.ev_rejected, "bad"),
            _ => (words.ev_resubmitted, "back"),
        };
        let who = self.names.by(self.locale, &decision.by);
        let mut told = self.task(template, decision.task, &[("who", &who)]);
        if let Some(principal) = &decision.on_behalf_of {
            let principal = self.locale.name(self.names.get(principal));
            told.text = fill(
                words.ev_on_behalf,
                &[("line", &told.text), ("principal", &principal)],
            );
        }
        told.said(decision.reason.as_ref().or(decision.comment.as_ref()))
            .tone(tone)
    }

    /// What comes now speaks of nodes by the keys of another version.
    fn migrate(&mut self, renamed: &BTreeMap<NodeKey, NodeKey>) {
        self.later.pop_front();
        for node in self.nodes.values_mut().chain(self.ways.nodes()) {
            if let Some(now) = renamed.get(node) {
                node.clone_from(now);
            }
        }
    }

    /// The key that a node of then has in the version of now.
    fn now(&self, node: &NodeKey) -> NodeKey {
        let mut node = node;
        for renamed in &self.later {
            node = renamed.get(node).unwrap_or(node);
        }
        node.clone()
    }

    fn node(&self, template: &str, node: &NodeKey) -> Told {
        self.node_with(template, node, &[])
    }

    fn node_with(&self, template: &str, node: &NodeKey, values: &[(&str, &str)]) -> Told {
        let node = self.now(node);
        let stage = title_in_sentence(self.graph, &node, self.locale);
        let mut all = values.to_vec();
        all.push(("stage", &stage));
        Told {
            node: Some(node),
            ..Told::new(fill(template, &all))
        }
    }

    fn task(&self, template: &str, task: TaskId, values: &[(&str, &str)]) -> Told {
        let node = self.nodes.get(&task);
        let stage = node
            .map(|node| title_in_sentence(self.graph, &self.now(node), self.locale))
            .unwrap_or_default();
        let mut all = values.to_vec();
        all.push(("stage", &stage));
        Told {
            task: Some(task),
            ..Told::new(fill(template, &all))
        }
    }

    fn given_to(&self, assignee: Option<&PersonId>, candidates: &[Principal]) -> String {
        if let Some(assignee) = assignee {
            return self.locale.name(self.names.get(assignee));
        }
        let names: Vec<String> = candidates
            .iter()
            .map(|candidate| self.names.principal(self.locale, candidate))
            .collect();
        self.locale.list(&names)
    }
}
