//! Every visit of the nodes of an instance, with its tasks.

use std::collections::BTreeSet;

use axum::{Json, extract::Path};
use serde::Serialize;
use serde_json::Value;
use signoff::{
    InstanceView, PersonId, VisitView,
    core::{id::ActivationId, instance::Task},
};

use super::{instance_dto::PersonDto, list::List};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, title_of},
};

/// One visit of a node.
#[derive(Debug, Serialize)]
pub(super) struct VisitDto {
    id: String,
    node: String,
    title: String,
    /// `task`, `job`, `split` …; `null` of a node that is gone.
    kind: Option<&'static str>,
    status: &'static str,
    entered_at: String,
    /// When its job runs, or what its timer waits for.
    scheduled_at: Option<String>,
    left_at: Option<String>,
    /// The visit of the split whose branch it is in.
    scope: Option<String>,
    job: Option<String>,
    data: Option<Value>,
    seed: Option<Value>,
    artifact: Option<Value>,
    /// The visits that led to it, and those that it led to.
    before: Vec<String>,
    after: Vec<String>,
    tasks: Vec<VisitTask>,
}

/// A task of a visit.
#[derive(Debug, Serialize)]
struct VisitTask {
    id: String,
    number: u32,
    state: &'static str,
    assignee: Option<PersonDto>,
    /// Who may do it: `user:ID` or `role:ID`, also while somebody has it.
    candidates: Vec<String>,
    opened_at: String,
    assigned_at: Option<String>,
    started_at: Option<String>,
    due_at: Option<String>,
    closed_at: Option<String>,
}

/// All visits, in the order of their beginning.
pub(super) async fn list(cx: Cx, Path(id): Path<String>) -> Result<Json<List<VisitDto>>, Fault> {
    let view = cx.instance(&id).await?;
    let found = cx
        .app
        .engine
        .visit_views(&cx.app.tenant, view.instance.id());
    let found = found.await?;
    let people: BTreeSet<PersonId> = found
        .iter()
        .flat_map(|visited| &visited.tasks)
        .filter_map(|task| task.assignee.clone())
        .collect();
    let names = Names::of(&cx.app, people).await?;
    let dto = |visited: &VisitView| VisitDto::of(visited, &view, &names, &cx);
    Ok(Json(List::whole(found.iter().map(dto).collect())))
}

impl VisitDto {
    fn of(visited: &VisitView, view: &InstanceView, names: &Names, cx: &Cx) -> Self {
        let visit = &visited.visit;
        let ids = |ids: &[ActivationId]| ids.iter().map(ToString::to_string).collect();
        Self {
            id: visit.id.to_string(),
            node: visit.node.to_string(),
            title: title_of(&view.definition.graph, &visit.node, cx.locale),
            kind: visited.kind,
            status: visited.status(),
            entered_at: visit.entered_at.to_string(),
            scheduled_at: visit.scheduled_at.map(|at| at.to_string()),
            left_at: visit.left_at.map(|at| at.to_string()),
            scope: visit.scope.map(|scope| scope.to_string()),
            job: visit.job.map(|job| job.to_string()),
            data: visit.data.as_deref().cloned(),
            seed: visit.seed.as_deref().cloned(),
            artifact: visit.artifact.as_deref().cloned(),
            before: ids(&visit.before),
            after: ids(&visit.after),
            tasks: visited
                .tasks
                .iter()
                .map(|task| VisitTask::of(task, names))
                .collect(),
        }
    }
}

impl VisitTask {
    fn of(task: &Task, names: &Names) -> Self {
        Self {
            id: task.id.to_string(),
            number: task.number,
            state: task.state().as_str(),
            assignee: task.assignee.as_ref().map(|id| PersonDto::new(id, names)),
            candidates: task.candidates.iter().map(ToString::to_string).collect(),
            opened_at: task.opened_at.to_string(),
            assigned_at: task.assigned_at.map(|at| at.to_string()),
            started_at: task.started_at.map(|at| at.to_string()),
            due_at: task.timers.due.map(|at| at.to_string()),
            closed_at: task
                .closing
                .as_ref()
                .map(|closing| closing.at().to_string()),
        }
    }
}
