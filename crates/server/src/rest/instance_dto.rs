//! Instances as JSON.

use serde::Serialize;
use serde_json::Value;
use signoff::{
    InstanceView, PersonId,
    core::{
        actor::Actor,
        id::Subject,
        instance::{Instance, InstanceRow, InstanceStatus},
        machine::{Possible, With},
    },
};

use super::reading::shown;
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, people_in, situation, stages},
};

/// A person by id and name.
#[derive(Debug, Serialize)]
pub(super) struct PersonDto {
    pub(super) id: String,
    pub(super) name: String,
}

impl PersonDto {
    pub(super) fn new(id: &PersonId, names: &Names) -> Self {
        Self {
            id: id.to_string(),
            name: names.get(id).to_owned(),
        }
    }
}

/// An instance as a list shows it.
#[derive(Debug, Serialize)]
pub(super) struct InstanceItem {
    id: String,
    workflow: String,
    workflow_version: u32,
    title: String,
    /// What it is about or what came of it, in brief.
    brief: Option<String>,
    status: String,
    subject: Option<Subject>,
    business_key: Option<String>,
    requester: Option<PersonDto>,
    started_at: String,
    changed_at: String,
    ended_at: Option<String>,
    /// How far it is.
    progress: Option<Value>,
    /// The open tasks: who must act now.
    waits_for: Option<Value>,
    needs_operator: bool,
}

impl InstanceItem {
    /// The rows of a list, each with how far it is: one question to the store for all of them.
    pub(super) async fn list(
        rows: Vec<InstanceRow>,
        names: &Names,
        cx: &Cx,
    ) -> Result<Vec<Self>, Fault> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let overviews = cx.app.engine.overviews(&cx.app.tenant, &ids).await?;
        rows.into_iter()
            .map(|row| {
                let found = overviews.iter().find(|found| found.id == row.id);
                let mut item = Self::new(row, names, cx);
                if let Some(found) = found {
                    item.brief = Some(cx.locale.of_text(&found.brief));
                    item.progress = Some(shown(&found.progress, cx)?);
                    item.waits_for = Some(shown(&found.waits_for, cx)?);
                    item.needs_operator = found.needs_operator;
                }
                Ok(item)
            })
            .collect()
    }

    fn new(row: InstanceRow, names: &Names, cx: &Cx) -> Self {
        let subject = row.subject_type.zip(row.subject_id);
        Self {
            id: row.id.to_string(),
            title: cx.locale.of_json(&row.title),
            workflow: row.workflow,
            workflow_version: row.definition,
            status: row.status,
            subject: subject.map(|(kind, id)| Subject { kind, id }),
            business_key: row.business_key,
            requester: row.requester.map(|id| PersonDto::new(&id, names)),
            started_at: row.started_at.to_string(),
            changed_at: row.changed_at.to_string(),
            ended_at: row.ended_at.map(|at| at.to_string()),
            brief: None,
            progress: None,
            waits_for: None,
            needs_operator: false,
        }
    }
}

/// An instance with all that a reader wants to know.
#[derive(Debug, Serialize)]
pub(super) struct InstanceDto {
    id: String,
    version: u64,
    workflow: String,
    workflow_version: u32,
    title: String,
    /// What it is about or what came of it, in brief.
    brief: String,
    status: &'static str,
    /// Whether it goes on by the newest version at each command, where it can.
    follow_latest: bool,
    /// The step where it stands, or stood last, and its status.
    step: Option<StepDto>,
    reason: Option<String>,
    /// One sentence: who it waits for, or how it ended.
    situation: String,
    progress: u8,
    subject: Option<Subject>,
    business_key: Option<String>,
    requester: Option<PersonDto>,
    /// `null` until it is started.
    started_at: Option<String>,
    /// Since when it is on hold.
    held_at: Option<String>,
    ended_at: Option<String>,
    stages: Vec<StageDto>,
    data: Value,
    forms: Value,
    metadata: Value,
    /// What the reader may do now: with the instance where nothing else is named. Only told of one
    /// instance that is read: with 10,000 branches it is 100,000 commands to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<ActionDto>>,
}

/// Something that the reader may do now.
#[derive(Debug, Serialize)]
struct ActionDto {
    command: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
}

impl ActionDto {
    /// What is possible, with the node of what it is about.
    fn new(found: &Possible, instance: &Instance) -> Self {
        let (node, activation, task) = match &found.with {
            With::Instance => (None, None, None),
            With::Node(node) => (Some(node), None, None),
            With::Activation(id) => {
                let live = instance.activation(*id).map(|found| &found.node);
                let parked = || instance.parked().get(id).map(|token| &token.node);
                (live.or_else(parked), Some(id.to_string()), None)
            }
            With::Task(target) => {
                let task = instance.task(target.task);
                let id = target.task.to_string();
                (task.map(|task| &task.node), None, Some(id))
            }
        };
        Self {
            command: found.command,
            node: node.map(ToString::to_string),
            activation,
            task,
        }
    }
}

/// A step and its status.
#[derive(Debug, Serialize)]
struct StepDto {
    key: String,
    status: String,
}

/// A stage of an instance.
#[derive(Debug, Serialize)]
struct StageDto {
    key: String,
    title: String,
    color: Option<String>,
    state: &'static str,
}

impl InstanceDto {
    pub(super) async fn of(view: &InstanceView, cx: &Cx) -> Result<Self, Fault> {
        let instance = &view.instance;
        let names = Names::of(&cx.app, people_in(instance)).await?;
        let graph = &view.definition.graph;
        let reason = match instance.status() {
            InstanceStatus::Cancelled { reason, .. } | InstanceStatus::Rejected { reason, .. } => {
                Some(reason.clone())
            }
            InstanceStatus::OnHold(hold) => hold.reason.clone(),
            _ => None,
        };
        let held_at = match instance.status() {
            InstanceStatus::OnHold(hold) => Some(hold.since.to_string()),
            _ => None,
        };
        let begun = !matches!(instance.status(), InstanceStatus::Pending { .. });
        let stage = |stage: crate::read::Stage| StageDto {
            key: stage.key.to_string(),
            title: stage.title,
            color: stage.color,
            state: stage.state,
        };
        Ok(Self {
            id: instance.id().to_string(),
            version: instance.version(),
            workflow: instance.definition().workflow.to_string(),
            workflow_version: instance.definition().version,
            title: cx.locale.of_text(instance.title()),
            brief: cx.locale.of_text(&view.brief(cx.now())),
            status: instance.status().as_str(),
            follow_latest: instance.follows_latest(),
            step: instance.step().map(|(key, status)| StepDto {
                key: key.to_string(),
                status: status.key.clone(),
            }),
            reason,
            situation: situation(instance, graph, &names, cx.locale, cx.now()),
            progress: view.progress(),
            subject: instance.subject().cloned(),
            business_key: instance.business_key().map(str::to_owned),
            requester: instance.requester().map(|id| PersonDto::new(id, &names)),
            started_at: begun.then(|| instance.started_at().to_string()),
            held_at,
            ended_at: instance.status().ended_at().map(|at| at.to_string()),
            stages: stages(view, cx.locale).into_iter().map(stage).collect(),
            data: Value::clone(instance.data()),
            forms: Value::clone(instance.forms()),
            metadata: instance.metadata().clone(),
            actions: None,
        })
    }

    /// The same with what the reader may do.
    pub(super) fn with_actions(self, view: &InstanceView, cx: &Cx) -> Self {
        let possible = view.possible(&Actor::Person(cx.person.clone()), cx.now());
        let actions = possible.iter();
        let actions = actions.map(|found| ActionDto::new(found, &view.instance));
        Self {
            actions: Some(actions.collect()),
            ..self
        }
    }
}
