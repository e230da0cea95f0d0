//! To another version of a definition: one instance, or all of a workflow.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signoff::{Call, MigrateAll, MigratedVisit, Migration, NodeKey, Refusal, Removed};

use super::{
    body::{Body, Params},
    command::Answer,
    list::List,
};
use crate::{auth::Cx, fault::Fault, said::with};

/// How to come to another version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Of many: only those of that version.
    from: Option<u32>,
    to: Option<u32>,
    #[serde(default)]
    nodes: BTreeMap<NodeKey, NodeKey>,
    #[serde(default)]
    anew: BTreeSet<NodeKey>,
    #[serde(default)]
    removed: Removed,
    #[serde(default)]
    data: Map<String, Value>,
}

impl From<Plan> for Migration {
    fn from(plan: Plan) -> Self {
        Self {
            to: plan.to,
            nodes: plan.nodes,
            anew: plan.anew,
            removed: plan.removed,
            data: plan.data,
        }
    }
}

/// Whether anything is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    dry_run: bool,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// What becomes of a visit.
#[derive(Debug, Serialize)]
struct VisitDto {
    activation: String,
    node: String,
    becomes: &'static str,
}

impl From<MigratedVisit> for VisitDto {
    fn from(visit: MigratedVisit) -> Self {
        Self {
            activation: visit.activation.to_string(),
            node: visit.node.to_string(),
            becomes: visit.becomes.as_str(),
        }
    }
}

/// What would become of an instance.
#[derive(Debug, Serialize)]
struct Foreseen {
    visits: Vec<VisitDto>,
}

/// What became of one of many, or would.
#[derive(Debug, Serialize)]
pub(super) struct OneOfMany {
    instance: String,
    from: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    visits: Option<Vec<VisitDto>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<RefusedDto>,
}

#[derive(Debug, Serialize)]
struct RefusedDto {
    code: &'static str,
    message: String,
}

impl From<Refusal> for RefusedDto {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.as_str(),
            message: refusal.message,
        }
    }
}

/// Migrates an instance; with `dry_run` says what would become of its visits.
pub(super) async fn one(
    cx: Cx,
    Path(id): Path<String>,
    Params(query): Params<Query>,
    Body(plan): Body<Plan>,
) -> Result<Response, Fault> {
    let view = cx.instance(&id).await?;
    let call = cx.says(Call::migrate(view.instance.id(), plan.into()));
    let engine = &cx.app.engine;
    if query.dry_run {
        let visits = engine.foresee_migration(call).await?;
        let visits = visits.into_iter().map(VisitDto::from).collect();
        return Ok(Json(Foreseen { visits }).into_response());
    }
    let done = engine.call(call).await?;
    Ok(Json(Answer::after(done, None, &cx).await?).into_response())
}

/// Migrates every running instance of a workflow; each is migrated or refused by itself.
pub(super) async fn all(
    cx: Cx,
    Path(key): Path<String>,
    Params(query): Params<Query>,
    Body(plan): Body<Plan>,
) -> Result<Json<List<OneOfMany>>, Fault> {
    let engine = &cx.app.engine;
    let definition = engine
        .definition(&cx.app.tenant, &key.as_str().into(), plan.to)
        .await?;
    let definition = definition.ok_or_else(Fault::not_found)?;
    let managers = definition.graph.managers();
    let manages = managers.iter().any(|manager| cx.person.is(manager));
    if !manages && !cx.person.admin {
        return Err(Fault::forbidden(
            "only managers of the workflow may migrate",
        ));
    }
    let from = plan.from;
    let mut all = MigrateAll::of(key, plan.into())
        .tenant(cx.app.tenant.clone())
        .by(cx.person.id.clone())
        .dry_run(query.dry_run);
    all = with(all, cx.once.clone(), MigrateAll::once);
    if let Some(from) = from {
        all = all.from_version(from);
    }
    let migrated = engine.migrate_all(all).await?;
    let items = migrated.into_iter().map(|one| {
        let (visits, refused) = match one.outcome {
            Ok(visits) => (Some(visits.into_iter().map(VisitDto::from).collect()), None),
            Err(refusal) => (None, Some(refusal.into())),
        };
        OneOfMany {
            instance: one.id.to_string(),
            from: one.from,
            visits,
            refused,
        }
    });
    Ok(Json(List::whole(items.collect())))
}
