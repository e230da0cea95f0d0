//! What a definition is made of: groups, their stages, who is asked there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    graph::{Behaviour, Duty, EntrySpec, Graph, Led, Need, Node, NodeKind, Opening, Who},
    id::{GroupKey, NodeKey, PersonId, Subject, WorkflowKey},
    instance::Instance,
    text::Text,
};

/// The color of a stage that names none.
pub const DEFAULT_COLOR: &str = "#3498db";

/// What a definition is made of, in file order.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Structure {
    /// The key of the workflow.
    pub key: WorkflowKey,
    /// Its title.
    pub title: Text,
    /// What it is for.
    pub description: Option<Text>,
    /// Its groups; stages outside every group stand in one without a key.
    pub groups: Vec<GroupStructure>,
}

/// A group of stages, such as a pipeline.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct GroupStructure {
    /// The key; `None` holds the stages outside every group.
    pub key: Option<GroupKey>,
    /// The title.
    pub title: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// The department that owns it.
    pub department: Option<Subject>,
    /// Its place, from 1.
    pub order: u32,
    /// Whether a condition may skip it.
    pub conditional: bool,
    /// Its stages.
    pub stages: Vec<StageStructure>,
}

/// A stage.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct StageStructure {
    /// The key.
    pub key: NodeKey,
    /// The title.
    pub title: Text,
    /// What it is for.
    pub description: Option<Text>,
    /// `approval`, `task`, `step` or `job`.
    pub kind: &'static str,
    /// A display color.
    pub color: Option<String>,
    /// Its place in its group, from 1.
    pub order: u32,
    /// Whether a condition may skip it.
    pub conditional: bool,
    /// Whether its entries open together.
    pub parallel: bool,
    /// Whether one of its entries has a form.
    pub has_forms: bool,
    /// How many entries ask whom, by [`Asked::kind`].
    pub by_type: BTreeMap<&'static str, u32>,
    /// Who is asked, in order.
    pub approvals: Vec<EntryStructure>,
}

/// One entry: who is asked, how many of them, how.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct EntryStructure {
    /// Its place in its stage, from 0.
    pub entry: u16,
    /// Who is asked.
    pub who: Asked,
    /// `anyone`, `round_robin`, `consensus`, `majority`, `quorum` or `percent`.
    pub select: &'static str,
    /// The number of a quorum or percent.
    pub number: Option<u32>,
    /// `approve`, `submit`, `move` or `check_in_verify`.
    pub behaviour: &'static str,
    /// The key of its form.
    pub form: Option<String>,
    /// From opening until it is due, ISO 8601.
    pub due: Option<String>,
    /// Fields of the author's own.
    pub meta: Option<Map<String, Value>>,
}

/// Who is asked, before persons are known.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Asked {
    /// `user`, `role`, `requester`, `actor_of`, `from` …, as in definition files.
    pub kind: &'static str,
    /// Which user, role or node; the expression of `from`.
    pub id: Option<String>,
}

/// Approvals of a definition, counted.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct ApprovalSummary {
    /// Every entry.
    pub total: u32,
    /// Stages that ask somebody.
    pub stages: u32,
    /// Stages with a form.
    pub stages_with_forms: u32,
    /// Entries by who is asked.
    pub by_type: BTreeMap<&'static str, u32>,
    /// Entries by how many are asked.
    pub by_select: BTreeMap<&'static str, u32>,
    /// Entries by what a decision needs.
    pub by_behaviour: BTreeMap<&'static str, u32>,
    /// The same of each group.
    pub groups: Vec<GroupSummary>,
}

/// Approvals of a group, counted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct GroupSummary {
    /// The key; `None` for the stages outside every group.
    pub key: Option<GroupKey>,
    /// The title.
    pub title: Option<Text>,
    /// Every entry.
    pub total: u32,
    /// Stages that ask somebody.
    pub stages: u32,
    /// Stages with a form.
    pub stages_with_forms: u32,
    /// Entries by who is asked.
    pub by_type: BTreeMap<&'static str, u32>,
    /// Entries by how many are asked.
    pub by_select: BTreeMap<&'static str, u32>,
}

impl Structure {
    /// What the graph is made of.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let mut groups: Vec<GroupStructure> = Vec::new();
        for node in graph.nodes().filter(|node| node.is_stage()) {
            let place = groups.iter().position(|group| group.key == node.group);
            let place = place.unwrap_or_else(|| {
                groups.push(group(graph, node, count(groups.len() + 1)));
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                let order = count(group.stages.len() + 1);
                group.stages.push(StageStructure::of(node, order));
            }
        }
        Self {
            key: graph.key().clone(),
            title: graph.title().clone(),
            description: graph.texts().description.clone(),
            groups,
        }
    }

    /// Its approvals, counted.
    #[must_use]
    pub fn approvals(&self) -> ApprovalSummary {
        let mut summary = ApprovalSummary::default();
        for group in &self.groups {
            let mut own = GroupSummary {
                key: group.key.clone(),
                title: group.title.clone(),
                total: 0,
                stages: 0,
                stages_with_forms: 0,
                by_type: BTreeMap::new(),
                by_select: BTreeMap::new(),
            };
            let asking = |stage: &&StageStructure| !stage.approvals.is_empty();
            for stage in group.stages.iter().filter(asking) {
                own.stages += 1;
                own.stages_with_forms += u32::from(stage.has_forms);
                for entry in &stage.approvals {
                    own.total += 1;
                    *own.by_type.entry(entry.who.kind).or_default() += 1;
                    *own.by_select.entry(entry.select).or_default() += 1;
                    *summary.by_behaviour.entry(entry.behaviour).or_default() += 1;
                }
            }
            summary.total += own.total;
            summary.stages += own.stages;
            summary.stages_with_forms += own.stages_with_forms;
            add(&mut summary.by_type, &own.by_type);
            add(&mut summary.by_select, &own.by_select);
            summary.groups.push(own);
        }
        summary
    }
}

fn add(sum: &mut BTreeMap<&'static str, u32>, more: &BTreeMap<&'static str, u32>) {
    for (key, n) in more {
        *sum.entry(key).or_default() += n;
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn group(graph: &Graph, node: &Node, order: u32) -> GroupStructure {
    let found = node.group.as_ref().and_then(|key| graph.group(key));
    GroupStructure {
        key: node.group.clone(),
        title: found.map(|group| group.title.clone()),
        description: found.and_then(|group| group.texts.description.clone()),
        department: found.and_then(|group| group.department.clone()),
        order,
        conditional: found.is_some_and(|group| group.when.is_some()),
        stages: Vec::new(),
    }
}

impl StageStructure {
    fn of(node: &Node, order: u32) -> Self {
        let (entries, parallel): (&[EntrySpec], bool) = match &node.kind {
            NodeKind::Approval(approval) => (
                &approval.entries,
                approval.opening == Opening::Together && approval.entries.len() > 1,
            ),
            NodeKind::Step(step) => (std::slice::from_ref(&step.entry), false),
            NodeKind::Task(task) => (std::slice::from_ref(&task.entry), false),
            _ => (&[], false),
        };
        let approvals: Vec<_> = (0..).zip(entries).map(EntryStructure::of).collect();
        let mut by_type = BTreeMap::new();
        for entry in &approvals {
            *by_type.entry(entry.who.kind).or_default() += 1;
        }
        Self {
            key: node.key.clone(),
            title: node.title.clone(),
            description: node.texts.description.clone(),
            kind: node.kind.as_str(),
            color: match &node.kind {
                NodeKind::Approval(_) => {
                    Some(node.color.as_deref().unwrap_or(DEFAULT_COLOR).to_owned())
                }
                _ => node.color.clone(),
            },
            order,
            conditional: node.when.is_some(),
            parallel,
            has_forms: approvals.iter().any(|entry| entry.form.is_some()),
            by_type,
            approvals,
        }
    }
}

impl EntryStructure {
    fn of((entry, spec): (u16, &EntrySpec)) -> Self {
        let (select, number) = select(spec.duty);
        Self {
            entry,
            who: Asked::of(&spec.who),
            select,
            number,
            behaviour: match spec.behaviour {
                Behaviour::Approve => "approve",
                Behaviour::CheckInVerify => "check_in_verify",
                Behaviour::Move => "move",
                Behaviour::Submit => "submit",
            },
            form: spec.form.as_ref().map(|form| form.key.clone()),
            due: spec.due.map(|due| due.to_string()),
            meta: spec.meta.clone(),
        }
    }
}

fn select(duty: Duty) -> (&'static str, Option<u32>) {
    match duty {
        Duty::Each(Need::All) => ("consensus", None),
        Duty::Each(Need::Majority) => ("majority", None),
        Duty::Each(Need::Percent(p)) => ("percent", Some(u32::from(p))),
        Duty::Each(Need::Quorum(q)) => ("quorum", Some(q)),
        Duty::Hierarchy(above) => ("hierarchy", Some(above.levels)),
        Duty::Offer => ("anyone", None),
        Duty::RoundRobin => ("round_robin", None),
    }
}

impl Asked {
    /// Whom an entry asks.
    #[must_use]
    pub fn of(who: &Who) -> Self {
        let (kind, id) = match who {
            Who::ActorOf(node) => ("actor_of", Some(node.to_string())),
            Who::Anyone => ("anyone", None),
            Who::From(source) => ("from", Some(source.source().to_owned())),
            Who::HeadOf(unit) => ("head_of", Some(unit.as_str().to_owned())),
            Who::ManagerOf(Led::ActorOf(node), _) => {
                ("manager_of_actor_of", Some(node.to_string()))
            }
            Who::ManagerOf(Led::Assignee, _) => ("manager_of_assignee", None),
            Who::ManagerOf(Led::Requester, _) => ("manager_of_requester", None),
            Who::Requester => ("requester", None),
            Who::Role(role) => ("role", Some(role.to_string())),
            Who::User(user) => ("user", Some(user.to_string())),
        };
        Self { kind, id }
    }
}

/// The persons whom `who` means, as far as the instance alone says it.
#[must_use]
pub fn known_persons(who: &Asked, instance: &Instance) -> Vec<PersonId> {
    match (who.kind, &who.id) {
        ("user", Some(id)) => vec![PersonId::from(id.as_str())],
        ("requester", _) => instance.requester().cloned().into_iter().collect(),
        ("actor_of", Some(node)) => {
            let result = instance.results().get(&NodeKey::from(node.as_str()));
            let last = result.and_then(|result| result.actors.last());
            last.cloned().into_iter().collect()
        }
        _ => Vec::new(),
    }
}
