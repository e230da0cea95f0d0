//! One instance with everything that a page about it shows: groups, their stages, each visit of
//! them, who was asked there, and what was said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    actor::By,
    event::{Decision, Event, HistoryEntry},
    graph::Graph,
    id::{
        ActivationId, GroupKey, InstanceId, NodeKey, PersonId, Subject, TaskId, TenantId,
        WorkflowKey,
    },
    instance::{Closing, Instance, Outcome, Task, TaskRow},
    principal::Principal,
    reading::{
        EntryStructure, GroupStructure, Phase, Progress, Said, StageState, StageStructure,
        Structure, Tally, Visited, brief_of_group, brief_of_instance, brief_of_visit, group_state,
        known_persons, said, said_by, stage_states,
    },
    text::Text,
};

use super::{
    briefs::{phase_of, visited},
    overview::{offered, on_behalf},
};
use crate::{
    engine::{Definition, Engine, InstanceView, Visit, VisitState, visits},
    error::Error,
};

/// One instance with everything that a page about it shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InstanceDetail {
    /// The instance.
    pub id: InstanceId,
    /// How many commands it has accepted.
    pub version: u64,
    /// The workflow.
    pub workflow: WorkflowKey,
    /// The version of its definition.
    pub workflow_version: u32,
    /// Its title.
    pub title: Text,
    /// What it is about or what came of it, in brief.
    pub brief: Text,
    /// What it is about.
    pub subject: Option<Subject>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// How far it is.
    pub progress: Progress,
    /// What was said so far, counted.
    pub summary: Tally,
    /// Its groups with their stages, in file order.
    pub groups: Vec<GroupDetail>,
    /// Who is asked next, as far as the definition says it.
    pub next: Vec<Upcoming>,
}

/// A group of stages, such as a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupDetail {
    /// The key; `None` holds the stages outside every group.
    pub key: Option<GroupKey>,
    /// The title.
    pub title: Option<Text>,
    /// What it is for or what came of it, in brief.
    pub brief: Option<Text>,
    /// The department that owns it.
    pub department: Option<Subject>,
    /// How far it came.
    pub state: StageState,
    /// Its stages.
    pub stages: Vec<StageDetail>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageDetail {
    /// What the definition says of it.
    #[serde(flatten)]
    pub structure: StageStructure,
    /// How far it came.
    pub state: StageState,
    /// When it was entered first.
    pub entered_at: Option<Timestamp>,
    /// When it was left last; nothing while it is open.
    pub left_at: Option<Timestamp>,
    /// Who decided there, each once, in order.
    pub performers: Vec<PersonId>,
    /// Every visit, in order: more than one after it was sent back, or in branches side by side.
    pub visits: Vec<VisitDetail>,
}

/// One visit of a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitDetail {
    /// The activation.
    pub activation: ActivationId,
    /// What it is about or what came of it, in brief.
    pub brief: Text,
    /// How far it came.
    pub state: VisitState,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// When it was left.
    pub left_at: Option<Timestamp>,
    /// Who was asked, in order.
    pub entries: Vec<EntryDetail>,
}

/// How far an entry of a visit came.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Enough said yes.
    Approved,
    /// People are asked.
    Open,
    /// It has not been opened yet.
    Pending,
    /// Too many said no.
    Rejected,
    /// The visit ended before it was decided.
    Withdrawn,
}

/// One entry of a visit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryDetail {
    /// Its place in the stage, from 0.
    pub entry: u16,
    /// How far it came.
    pub state: EntryState,
    /// How many vote; an offer is one.
    pub total: u32,
    /// Yeses that complete it.
    pub required: u32,
    /// Yeses so far.
    pub approved: u32,
    /// Noes so far.
    pub rejected: u32,
    /// Its tasks, by number.
    pub approvals: Vec<Approval>,
}

/// One task: who was asked, and what was said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approval {
    /// The task.
    pub task: TaskId,
    /// Its number within the instance, never used again.
    pub number: u32,
    /// The stage.
    pub node: NodeKey,
    /// The entry of the stage, from 0.
    pub entry: u16,
    /// What it is about or what came of it, in brief.
    pub brief: Text,
    /// What was said.
    pub said: Said,
    /// In the words of the decision: `approved`, `completed`, `rejected`, `resubmitted`.
    pub outcome: Option<Outcome>,
    /// Which person decided.
    pub by: Option<PersonId>,
    /// `person`, `engine` or `host`, once it is decided.
    pub actor: Option<&'static str>,
    /// Whose vote it is, where that is somebody else's.
    pub on_behalf_of: Option<PersonId>,
    /// Who has it, or had it last.
    pub assignee: Option<PersonId>,
    /// Who may take it.
    pub candidates: Vec<Principal>,
    /// Who delegated it, first to last.
    pub delegators: Vec<PersonId>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// Whether that has passed while it is open.
    pub is_overdue: bool,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// When somebody checked in.
    pub checked_in_at: Option<Timestamp>,
    /// What was said with the decision.
    pub comment: Option<String>,
    /// Why, for a no.
    pub reason: Option<String>,
    /// The filled form.
    pub form: Option<Value>,
}

/// An entry that has not been opened yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Upcoming {
    /// The stage.
    pub node: NodeKey,
    /// The title of the stage.
    pub title: Text,
    /// Who is asked, and how.
    #[serde(flatten)]
    pub entry: EntryStructure,
    /// Whether a condition may skip it.
    pub conditional: bool,
    /// The persons, where the instance alone says who they are.
    pub persons: Vec<PersonId>,
}

impl InstanceDetail {
    /// Every task, by stage, visit and entry.
    pub fn approvals(&self) -> impl Iterator<Item = &Approval> {
        let stages = self.groups.iter().flat_map(|group| &group.stages);
        let visits = stages.flat_map(|stage| &stage.visits);
        let entries = visits.flat_map(|visit| &visit.entries);
        entries.flat_map(|entry| &entry.approvals)
    }

    /// The open tasks: what is asked now.
    pub fn current(&self) -> impl Iterator<Item = &Approval> {
        self.approvals().filter(|one| one.said == Said::Waiting)
    }

    /// Everybody who is named in it.
    #[must_use]
    pub fn people(&self) -> BTreeSet<PersonId> {
        let mut people: BTreeSet<PersonId> = self.requester.iter().cloned().collect();
        for one in self.approvals() {
            let named = one.assignee.iter().chain(&one.on_behalf_of);
            people.extend(named.chain(&one.delegators).chain(&one.by).cloned());
            people.extend(one.candidates.iter().filter_map(|who| match who {
                Principal::User(id) => Some(id.clone()),
                Principal::Anyone | Principal::Role(_) => None,
            }));
        }
        people.extend(self.next.iter().flat_map(|next| &next.persons).cloned());
        people
    }
}

impl Engine {
    /// One instance with everything that a page about it shows; `None` when the tenant has no such
    /// instance. Three questions to the store, however many stages and approvals it has.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn detail(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Option<InstanceDetail>, Error> {
        match self.instance(tenant, id).await? {
            Some(view) => Ok(Some(self.detail_of(tenant, &view).await?)),
            None => Ok(None),
        }
    }

    /// The same of an instance that was loaded already.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn detail_of(
        &self,
        tenant: &TenantId,
        view: &InstanceView,
    ) -> Result<InstanceDetail, Error> {
        let id = view.instance.id();
        let tasks = self.inner().store.tasks_of(tenant, &[id]).await?;
        let tasks = tasks
            .iter()
            .map(TaskRow::task)
            .collect::<Result<Vec<_>, _>>()?;
        let history = self.history(tenant, id).await?;
        Ok(detail(
            &view.instance,
            &view.definition,
            &tasks,
            &history,
            self.clock().now(),
        ))
    }
}

/// What was opened in one entry of one visit.
#[derive(Debug, Default)]
struct Opened {
    total: u32,
    required: u32,
    closed: Option<Outcome>,
}

/// What the history tells beside the tasks.
#[derive(Debug, Default)]
struct Told<'a> {
    decisions: BTreeMap<TaskId, &'a Decision>,
    entries: BTreeMap<(ActivationId, u16), Opened>,
    entered: BTreeMap<ActivationId, Visited<'a>>,
}

impl<'a> Told<'a> {
    fn by(history: &'a [HistoryEntry]) -> Self {
        let mut told = Self::default();
        for event in history.iter().flat_map(|entry| &entry.events) {
            match event {
                Event::DecisionMade(decision) => {
                    told.decisions.insert(decision.task, decision);
                }
                Event::NodeEntered(entered) => {
                    told.entered.insert(entered.activation, visited(entered));
                }
                Event::EntryOpened {
                    activation,
                    entry,
                    members,
                    needed,
                    ..
                } => {
                    let opened = Opened {
                        total: count(members.len()).max(1),
                        required: *needed,
                        closed: None,
                    };
                    told.entries.insert((*activation, *entry), opened);
                }
                Event::EntryClosed {
                    activation,
                    entry,
                    outcome,
                } => {
                    if let Some(opened) = told.entries.get_mut(&(*activation, *entry)) {
                        opened.closed = Some(*outcome);
                    }
                }
                _ => {}
            }
        }
        told
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn detail(
    instance: &Instance,
    definition: &Definition,
    tasks: &[Task],
    history: &[HistoryEntry],
    now: Timestamp,
) -> InstanceDetail {
    let graph = &definition.graph;
    let reading = Reading {
        graph,
        instance,
        tasks,
        told: Told::by(history),
        visits: visits::of(history),
        states: stage_states(graph, instance)
            .into_iter()
            .map(|(node, state)| (node.key.clone(), state))
            .collect(),
        now,
    };
    let progress = Progress::of(graph, instance);
    let structure = Structure::of(graph);
    let next = upcoming(instance, &structure, &progress);
    let ahead = count(ahead(instance, &reading, &structure.groups));
    let groups = structure.groups.into_iter();
    InstanceDetail {
        id: instance.id(),
        version: instance.version(),
        workflow: definition.id.workflow.clone(),
        workflow_version: definition.id.version,
        title: instance.title().clone(),
        brief: brief_of_instance(graph, instance, now),
        subject: instance.subject().cloned(),
        requester: instance.requester().cloned(),
        summary: Tally::of(tasks, ahead, now),
        progress,
        groups: groups.map(|group| reading.group(group)).collect(),
        next,
    }
}

/// Entries that have not been opened and may still be.
fn ahead(instance: &Instance, reading: &Reading<'_>, groups: &[GroupStructure]) -> usize {
    if instance.status().ended_at().is_some() {
        return 0;
    }
    let stages = groups.iter().flat_map(|group| &group.stages);
    let of_stage = |stage: &StageStructure| match reading.state(&stage.key) {
        StageState::Ahead => stage.approvals.len(),
        StageState::Open => pending(instance, &stage.key).len(),
        StageState::Cancelled
        | StageState::Done
        | StageState::Rejected
        | StageState::SentBack
        | StageState::Skipped
        | StageState::Unreached => 0,
    };
    stages.map(of_stage).sum()
}

/// The entries of a node that are not open yet while it is visited.
fn pending(instance: &Instance, node: &NodeKey) -> Vec<u16> {
    let here = instance
        .activations()
        .filter(|activation| activation.node == *node);
    here.flat_map(|activation| (0..).zip(activation.entries()))
        .filter(|(_, state)| **state == signoff_core::instance::EntryState::Pending)
        .map(|(entry, _)| entry)
        .collect()
}

/// Who is asked next: the entries that follow at the stages that are open, else those of the stages
/// that may come next.
fn upcoming(instance: &Instance, structure: &Structure, progress: &Progress) -> Vec<Upcoming> {
    let stages = || {
        structure
            .groups
            .iter()
            .flat_map(|group| group.stages.iter().map(move |stage| (group, stage)))
    };
    let one =
        |(group, stage): (&GroupStructure, &StageStructure), entry: &EntryStructure| Upcoming {
            node: stage.key.clone(),
            title: stage.title.clone(),
            entry: entry.clone(),
            conditional: stage.conditional || group.conditional,
            persons: known_persons(&entry.who, instance),
        };
    let mut found = Vec::new();
    for (group, stage) in stages() {
        let open = progress.at.iter().any(|at| at.key == stage.key);
        let follow = pending(instance, &stage.key);
        for entry in stage.approvals.iter().filter(|_| open) {
            if follow.contains(&entry.entry) {
                let mut next = one((group, stage), entry);
                next.conditional = false;
                found.push(next);
            }
        }
    }
    if found.is_empty() {
        for (group, stage) in stages() {
            if progress.next.iter().any(|next| next.key == stage.key) {
                let entries = stage.approvals.iter();
                found.extend(
                    entries
                        .take(if stage.parallel { usize::MAX } else { 1 })
                        .map(|entry| one((group, stage), entry)),
                );
            }
        }
    }
    found
}

/// What everything is read from.
struct Reading<'a> {
    graph: &'a Graph,
    instance: &'a Instance,
    tasks: &'a [Task],
    told: Told<'a>,
    visits: Vec<Visit>,
    states: BTreeMap<NodeKey, StageState>,
    now: Timestamp,
}

impl Reading<'_> {
    fn state(&self, stage: &NodeKey) -> StageState {
        self.states
            .get(stage)
            .copied()
            .unwrap_or(StageState::Unreached)
    }

    fn group(&self, group: GroupStructure) -> GroupDetail {
        let stages: Vec<_> = group
            .stages
            .into_iter()
            .map(|stage| self.stage(stage))
            .collect();
        let states: Vec<_> = stages.iter().map(|stage| stage.state).collect();
        let state = group_state(&states);
        let phase = match state {
            StageState::Done | StageState::Rejected => Phase::Finished,
            _ => Phase::Open,
        };
        let found = group.key.as_ref().and_then(|key| self.graph.group(key));
        GroupDetail {
            brief: found.map(|found| brief_of_group(self.instance, found, phase, self.now)),
            key: group.key,
            title: group.title,
            department: group.department,
            state,
            stages,
        }
    }

    fn stage(&self, structure: StageStructure) -> StageDetail {
        let visits = self
            .visits
            .iter()
            .filter(|visit| visit.node == structure.key);
        let visits: Vec<_> = visits.map(|visit| self.visit(visit, &structure)).collect();
        let mut performers = Vec::new();
        let entries = visits.iter().flat_map(|visit| &visit.entries);
        for one in entries.flat_map(|entry| &entry.approvals) {
            let new = one.by.iter().filter(|person| !performers.contains(*person));
            let new: Vec<_> = new.cloned().collect();
            performers.extend(new);
        }
        let is_open = visits.iter().any(|visit| visit.left_at.is_none());
        StageDetail {
            state: self.state(&structure.key),
            entered_at: visits.first().map(|visit| visit.entered_at),
            left_at: visits
                .iter()
                .filter_map(|visit| visit.left_at)
                .max()
                .filter(|_| !is_open),
            performers,
            visits,
            structure,
        }
    }

    fn visit(&self, visit: &Visit, stage: &StageStructure) -> VisitDetail {
        let entries = stage.approvals.iter();
        let phase = match visit.state {
            VisitState::Completed | VisitState::Failed | VisitState::Rejected => Phase::Finished,
            _ => Phase::Open,
        };
        VisitDetail {
            activation: visit.id,
            brief: self.brief(visit.id, &visit.node, phase),
            state: visit.state,
            entered_at: visit.entered_at,
            left_at: visit.left_at,
            entries: entries
                .map(|entry| self.entry(visit, entry.entry))
                .collect(),
        }
    }

    fn entry(&self, visit: &Visit, entry: u16) -> EntryDetail {
        let tasks = self
            .tasks
            .iter()
            .filter(|task| task.activation == visit.id && task.entry == entry);
        let approvals: Vec<_> = tasks.map(|task| self.approval(task)).collect();
        let said = |wanted| count(approvals.iter().filter(|one| one.said == wanted).count());
        let opened = self.told.entries.get(&(visit.id, entry));
        let state = match opened {
            None if visit.left_at.is_some() => EntryState::Withdrawn,
            None => EntryState::Pending,
            Some(opened) => match opened.closed {
                Some(outcome) => decided(outcome),
                None if visit.left_at.is_some() => EntryState::Withdrawn,
                None => EntryState::Open,
            },
        };
        EntryDetail {
            entry,
            state,
            total: opened.map_or(0, |opened| opened.total),
            required: opened.map_or(0, |opened| opened.required),
            approved: said(Said::Approved),
            rejected: said(Said::Rejected),
            approvals,
        }
    }

    /// A visit in brief, with what it was given when it was entered.
    fn brief(&self, visit: ActivationId, node: &NodeKey, phase: Phase) -> Text {
        let visited = self.told.entered.get(&visit).copied();
        match self.graph.node(node) {
            Some(node) => brief_of_visit(self.instance, node, visited, phase, self.now),
            None => Text::from_key(node.as_str()),
        }
    }

    fn approval(&self, task: &Task) -> Approval {
        let decision = self.told.decisions.get(&task.id);
        let (closed_at, by, outcome) = match &task.closing {
            None => (None, None, None),
            Some(Closing::Cancelled { at }) => (Some(*at), None, None),
            Some(Closing::Completed { by, at, outcome }) => (Some(*at), Some(by), Some(*outcome)),
        };
        let due = task.timers.due;
        Approval {
            task: task.id,
            number: task.number,
            node: task.node.clone(),
            entry: task.entry,
            brief: self.brief(task.activation, &task.node, phase_of(task)),
            said: said(task),
            outcome,
            actor: by.map(By::kind),
            by: by.and_then(By::person).cloned(),
            on_behalf_of: on_behalf(task),
            assignee: task.assignee.clone(),
            candidates: offered(task),
            delegators: task.delegators().cloned().collect(),
            opened_at: task.opened_at,
            due_at: due,
            is_overdue: task.is_open() && due.is_some_and(|due| due < self.now),
            closed_at,
            checked_in_at: task.check_in.as_ref().map(|check_in| check_in.at),
            comment: decision.and_then(|decision| decision.comment.clone()),
            reason: decision.and_then(|decision| decision.reason.clone()),
            form: decision.and_then(|decision| decision.form.as_deref().cloned()),
        }
    }
}

/// What an outcome means for the entry.
const fn decided(outcome: Outcome) -> EntryState {
    match said_by(outcome) {
        Said::Approved => EntryState::Approved,
        Said::Rejected => EntryState::Rejected,
        Said::Cancelled | Said::SentBack | Said::Waiting => EntryState::Withdrawn,
    }
}
