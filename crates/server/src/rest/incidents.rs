//! What needs an operator: incidents and jobs, and trying again what gave up.

use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use signoff::{
    InstanceId, Retry,
    core::{
        change::{IncidentRow, JobWork},
        id::{IncidentId, JobId},
        machine::may_manage,
    },
    store::JobSummary,
};

use super::{
    body::Params,
    instance_dto::InstanceDto,
    list::{List, page},
};
use crate::{auth::Cx, fault::Fault};

/// Which part of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    limit: Option<u32>,
    cursor: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// Something that needs an operator.
#[derive(Debug, Serialize)]
pub(super) struct IncidentDto {
    id: String,
    instance: String,
    code: String,
    message: String,
    node: Option<String>,
    opened_at: String,
}

/// A job as it is kept.
#[derive(Debug, Serialize)]
pub(super) struct JobDto {
    id: String,
    instance: String,
    /// What it does: `actions`, `job`, `timer` …
    kind: &'static str,
    /// The name of the host's function, of a job of a node.
    name: Option<String>,
    due_at: String,
    /// Attempts that failed.
    failed: u32,
    /// Until when a worker has it.
    leased_until: Option<String>,
    /// Whether it gave up and waits for somebody to say `retry`.
    gave_up: bool,
}

/// Every incident that is open, the latest first; for admins.
pub(super) async fn all(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Json<List<IncidentDto>>, Fault> {
    if !cx.person.admin {
        return Err(Fault::forbidden("only admins may list all incidents"));
    }
    list(&cx, None, query).await
}

/// The open incidents of an instance.
pub(super) async fn of_instance(
    cx: Cx,
    Path(id): Path<String>,
    Params(query): Params<Query>,
) -> Result<Json<List<IncidentDto>>, Fault> {
    let id = managed(&cx, &id).await?;
    list(&cx, Some(id), query).await
}

/// The jobs of an instance: those that are still to run, then those that gave up.
pub(super) async fn jobs(cx: Cx, Path(id): Path<String>) -> Result<Json<List<JobDto>>, Fault> {
    let id = managed(&cx, &id).await?;
    let jobs = cx.app.engine.jobs_of(&cx.app.tenant, id).await?;
    Ok(Json(List::whole(
        jobs.into_iter().map(JobDto::from).collect(),
    )))
}

/// Tries again what an incident tells of.
pub(super) async fn retry(cx: Cx, Path(id): Path<String>) -> Result<Json<InstanceDto>, Fault> {
    let id = IncidentId::new(id.parse().map_err(|_| Fault::not_found())?);
    again(&cx, id, Retry::incident(id)).await
}

/// Runs a job anew that gave up.
pub(super) async fn retry_job(cx: Cx, Path(id): Path<String>) -> Result<Json<InstanceDto>, Fault> {
    let id = JobId::new(id.parse().map_err(|_| Fault::not_found())?);
    again(&cx, IncidentId::new(id.uuid()), Retry::job(id)).await
}

async fn list(
    cx: &Cx,
    instance: Option<InstanceId>,
    query: Query,
) -> Result<Json<List<IncidentDto>>, Fault> {
    let page = page(query.limit, query.cursor)?;
    let store = cx.app.engine.store();
    let filter = signoff::store::IncidentFilter {
        instance,
        ..signoff::store::IncidentFilter::default()
    };
    let found = store.incidents(&cx.app.tenant, &filter, &page).await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let items = found.items.iter().cloned().map(IncidentDto::from);
    Ok(Json(List::part(items.collect(), found)))
}

/// The instance, for whoever manages it.
async fn managed(cx: &Cx, id: &str) -> Result<InstanceId, Fault> {
    let view = cx.instance(id).await?;
    if may_manage(&view.definition.graph, &cx.person) {
        return Ok(view.instance.id());
    }
    Err(Fault::forbidden("only managers may look at this"))
}

/// An incident of an instance that the person may not see does not exist.
async fn again(cx: &Cx, id: IncidentId, retry: Retry) -> Result<Json<InstanceDto>, Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let incident = engine.incident(tenant, id).await?;
    let incident = incident.ok_or_else(Fault::not_found)?;
    let seen = cx.look_at(incident.instance).await?;
    seen.ok_or_else(Fault::not_found)?;
    let retry = retry.tenant(tenant.clone()).by(cx.person.id.clone());
    let retry = match (&cx.once, &cx.attempt) {
        (Some(once), Some(attempt)) => retry.attempt(once, attempt),
        _ => retry,
    };
    let instance = engine.retry(retry).await?;
    let view = cx.look_at(instance).await?;
    let view = view.ok_or_else(Fault::not_found)?;
    let dto = InstanceDto::of(&view, cx).await?;
    Ok(Json(dto.with_actions(&view, cx)))
}

impl From<IncidentRow> for IncidentDto {
    fn from(row: IncidentRow) -> Self {
        Self {
            id: row.id.to_string(),
            instance: row.instance.to_string(),
            code: row.code,
            message: row.message,
            node: row.node,
            opened_at: row.opened_at.to_string(),
        }
    }
}

impl From<JobSummary> for JobDto {
    fn from(summary: JobSummary) -> Self {
        let job = summary.job;
        let (kind, name) = match job.work {
            JobWork::Actions(_) => ("actions", None),
            JobWork::Node(work) => ("job", Some(work.name)),
            JobWork::Receive { name, .. } => ("message", Some(name)),
            JobWork::Ring { .. } | JobWork::Wake { .. } => ("timer", None),
            JobWork::Signal { name, .. } => ("signal", Some(name)),
            JobWork::CancelChild { .. }
            | JobWork::EndChild { .. }
            | JobWork::Raise { .. }
            | JobWork::StartChild(_) => ("child", None),
        };
        Self {
            id: job.id.to_string(),
            instance: job.instance.to_string(),
            kind,
            name,
            due_at: job.due_at.to_string(),
            failed: summary.failed,
            leased_until: summary.leased_until.map(|at| at.to_string()),
            gave_up: summary.parked,
        }
    }
}
