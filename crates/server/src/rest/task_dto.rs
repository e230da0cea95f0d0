//! Tasks as JSON.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};
use signoff::{
    Definition, NodeKey, PersonId,
    core::{
        id::Subject,
        instance::{Closing, Task},
        text::Text,
    },
    store::TaskSummary,
};

use super::instance_dto::PersonDto;
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, form_of, is_completed_by_form, title_of},
};

/// A task with what a list shows of its instance.
#[derive(Debug, Serialize)]
pub(super) struct TaskDto {
    id: String,
    number: u32,
    instance: InstanceRef,
    node: String,
    title: String,
    /// What the node is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// What the task is about or what came of it, in brief.
    brief: String,
    state: &'static str,
    assignee: Option<PersonDto>,
    /// Whose vote it carries, when that is somebody else.
    on_behalf_of: Option<PersonDto>,
    /// `user:ID` or `role:ID`, while nobody has it.
    candidates: Vec<String>,
    delegators: Vec<PersonDto>,
    /// How it was delegated, first to last.
    delegations: Vec<DelegationDto>,
    /// What is asked, of a task that is answered.
    question: Option<String>,
    opened_at: String,
    /// Since when the assignee has it, works on it.
    assigned_at: Option<String>,
    started_at: Option<String>,
    snoozed_until: Option<String>,
    suspended_at: Option<String>,
    due_at: Option<String>,
    is_overdue: bool,
    closed_at: Option<String>,
    closed_by: Option<PersonDto>,
    outcome: Option<&'static str>,
    /// What can be said of it while it is open: `complete` of a task of a flow, else what `decide` takes.
    decisions: &'static [&'static str],
    /// The steps among which a rejection chooses one by `to`, where it must.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reject_to: Vec<TargetDto>,
    /// The commands that the reader may give about it now; not told in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<&'static str>>,
    /// The key of its form.
    form: Option<String>,
    /// Fields of the definition's author.
    meta: Option<Map<String, Value>>,
}

/// A node that something may lead to.
#[derive(Debug, Serialize)]
struct TargetDto {
    key: String,
    title: String,
}

/// One link of the chain in which a task was delegated.
#[derive(Debug, Serialize)]
struct DelegationDto {
    from: PersonDto,
    to: PersonDto,
    at: String,
    reason: String,
}

/// What a task shows of its instance.
#[derive(Debug, Serialize)]
struct InstanceRef {
    id: String,
    workflow: String,
    workflow_version: u32,
    title: String,
    subject: Option<Subject>,
    business_key: Option<String>,
    requester: Option<PersonDto>,
}

/// A row of a list, read.
struct Read<'a> {
    task: Task,
    brief: &'a Text,
    summary: &'a TaskSummary,
}

impl TaskDto {
    /// Tasks of a list; the definitions are compiled once and kept by the engine.
    pub(super) async fn of(summaries: &[TaskSummary], cx: &Cx) -> Result<Vec<Self>, Fault> {
        let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
        let briefs = engine.briefs(tenant, summaries).await?;
        let mut read = Vec::with_capacity(summaries.len());
        for (summary, brief) in summaries.iter().zip(&briefs) {
            let task = summary.task.task().map_err(signoff::Error::from)?;
            read.push(Read {
                task,
                brief,
                summary,
            });
        }
        let people = read.iter().flat_map(Read::people).collect();
        let names = Names::of(&cx.app, people).await?;
        let mut tasks = Vec::with_capacity(read.len());
        for found in &read {
            let workflow = found.summary.workflow.as_str().into();
            let version = Some(found.summary.definition);
            let definition = engine.definition(tenant, &workflow, version).await?;
            tasks.push(Self::new(found, definition.as_deref(), &names, cx));
        }
        Ok(tasks)
    }

    /// The same with what the reader may do.
    pub(super) fn with(self, actions: Vec<&'static str>) -> Self {
        Self {
            actions: Some(actions),
            ..self
        }
    }

    fn new(read: &Read<'_>, definition: Option<&Definition>, names: &Names, cx: &Cx) -> Self {
        let Read {
            task,
            brief,
            summary,
        } = read;
        let (closed_at, closed_by, outcome) = match &task.closing {
            None => (None, None, None),
            Some(Closing::Cancelled { at }) => (Some(at.to_string()), None, None),
            Some(Closing::Completed { at, by, outcome }) => {
                (Some(at.to_string()), by.person(), Some(outcome.as_str()))
            }
        };
        let offered = task.is_open() && task.assignee.is_none();
        let candidates = task.candidates.iter().filter(|_| offered);
        let due = task.timers.due;
        Self {
            id: task.id.to_string(),
            number: task.number,
            instance: InstanceRef {
                id: summary.task.instance.to_string(),
                workflow: summary.workflow.clone(),
                workflow_version: summary.definition,
                title: cx.locale.of_json(&summary.title),
                subject: summary.subject.clone(),
                business_key: summary.business_key.clone(),
                requester: summary
                    .requester
                    .as_ref()
                    .map(|id| PersonDto::new(id, names)),
            },
            node: task.node.to_string(),
            title: match definition {
                Some(definition) => title_of(&definition.graph, &task.node, cx.locale),
                None => cx.locale.of_key(task.node.as_str()),
            },
            description: definition.and_then(|definition| {
                let node = definition.graph.node(&task.node)?;
                let text = node.texts.description.as_ref()?;
                Some(cx.locale.of_text(text))
            }),
            brief: cx.locale.of_text(brief),
            state: task.state().as_str(),
            assignee: task.assignee.as_ref().map(|id| PersonDto::new(id, names)),
            on_behalf_of: behalf(task).map(|id| PersonDto::new(id, names)),
            candidates: candidates.map(ToString::to_string).collect(),
            delegators: task
                .delegators()
                .map(|id| PersonDto::new(id, names))
                .collect(),
            delegations: task
                .delegations
                .iter()
                .map(|link| DelegationDto {
                    from: PersonDto::new(&link.from, names),
                    to: PersonDto::new(&link.to, names),
                    at: link.at.to_string(),
                    reason: link.reason.clone(),
                })
                .collect(),
            question: task.question.as_ref().map(|asked| asked.text.clone()),
            opened_at: task.opened_at.to_string(),
            assigned_at: task.assigned_at.map(|at| at.to_string()),
            started_at: task.started_at.map(|at| at.to_string()),
            snoozed_until: task.timers.snoozed.map(|at| at.to_string()),
            suspended_at: task.suspended_at.map(|at| at.to_string()),
            due_at: due.map(|at| at.to_string()),
            is_overdue: task.is_open() && due.is_some_and(|at| at < cx.now()),
            closed_at,
            closed_by: closed_by.map(|id| PersonDto::new(id, names)),
            outcome,
            decisions: definition.map_or(&[], |definition| decisions(definition, task)),
            reject_to: definition
                .map_or_else(Vec::new, |definition| reject_to(definition, task, cx)),
            actions: None,
            form: definition.and_then(|definition| form_key(definition, task)),
            meta: definition.and_then(|definition| {
                let node = definition.graph.node(&task.node)?;
                node.entry(task.entry)?.meta.clone()
            }),
        }
    }
}

impl Read<'_> {
    fn people(&self) -> BTreeSet<PersonId> {
        let task = &self.task;
        let closed_by = match &task.closing {
            Some(Closing::Completed { by, .. }) => by.person(),
            _ => None,
        };
        let named = task
            .assignee
            .iter()
            .chain(
                task.delegations
                    .iter()
                    .flat_map(|link| [&link.from, &link.to]),
            )
            .chain(&task.duty)
            .chain(closed_by);
        named.chain(&self.summary.requester).cloned().collect()
    }
}

fn behalf(task: &Task) -> Option<&PersonId> {
    let duty = task.duty.as_ref();
    duty.filter(|duty| task.assignee.as_ref().is_some_and(|has| has != *duty))
}

fn form_key(definition: &Definition, task: &Task) -> Option<String> {
    form_of(&definition.graph, task).map(|form| form.key.clone())
}

fn reject_to(definition: &Definition, task: &Task, cx: &Cx) -> Vec<TargetDto> {
    let graph = &definition.graph;
    let entry = graph
        .node(&task.node)
        .and_then(|node| node.entry(task.entry));
    let choices = entry.map_or(&[][..], |entry| entry.on_reject.choices());
    let choices = choices.iter().filter(|_| task.is_open());
    let target = |key: &NodeKey| TargetDto {
        key: key.to_string(),
        title: title_of(graph, key, cx.locale),
    };
    choices.map(target).collect()
}

fn decisions(definition: &Definition, task: &Task) -> &'static [&'static str] {
    if !task.is_open() {
        return &[];
    }
    if task.question.is_some() {
        return &["answer"];
    }
    match is_completed_by_form(&definition.graph, task) {
        true => &["complete"],
        false => &["approve", "reject", "resubmit"],
    }
}
