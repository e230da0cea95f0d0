//! What workflows are made of, and how they go.

use axum::{Json, extract::Path};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signoff::{WorkflowKey, reading::Structure};

use super::{
    body::Params,
    list::List,
    reading::{names_of, shown},
};
use crate::{auth::Cx, fault::Fault};

/// What a workflow is made of, in its newest version.
async fn structure_of(key: String, cx: &Cx) -> Result<Structure, Fault> {
    let key = WorkflowKey::from(key);
    let definition = cx.app.engine.definition(&cx.app.tenant, &key, None).await?;
    let definition = definition.ok_or_else(Fault::not_found)?;
    Ok(Structure::of(&definition.graph))
}

/// The groups of a workflow, their stages, and who is asked there.
pub(super) async fn structure(cx: Cx, Path(key): Path<String>) -> Result<Json<Value>, Fault> {
    let structure = structure_of(key, &cx).await?;
    let mut shown = shown(&structure, &cx)?;
    for (place, group) in structure.groups.iter().enumerate() {
        let Some(department) = &group.department else {
            continue;
        };
        let name = cx.app.engine.department_name(&cx.app.tenant, department);
        let name = name.await?;
        if let Some(Value::Object(shown)) =
            shown.pointer_mut(&format!("/groups/{place}/department"))
        {
            shown.insert("name".to_owned(), json!(name));
        }
    }
    Ok(Json(shown))
}

/// A right that a workflow asks for.
#[derive(Debug, Serialize)]
pub(super) struct PermissionDto {
    /// The role to give to people.
    role: String,
    node: String,
    title: String,
    /// What it allows.
    text: String,
}

/// The permissions that the newest version of a workflow asks for.
pub(super) async fn permissions(
    cx: Cx,
    Path(key): Path<String>,
) -> Result<Json<List<PermissionDto>>, Fault> {
    let key = WorkflowKey::from(key);
    let definition = cx.app.engine.definition(&cx.app.tenant, &key, None).await?;
    let definition = definition.ok_or_else(Fault::not_found)?;
    let found = definition.graph.permissions();
    let items = found.map(|permission| PermissionDto {
        role: permission.role.to_string(),
        node: permission.node.to_string(),
        title: cx.locale.of_text(&permission.title),
        text: cx.locale.of_text(&permission.text),
    });
    Ok(Json(List::whole(items.collect())))
}

/// The approvals of a workflow, counted.
pub(super) async fn approval_summary(
    cx: Cx,
    Path(key): Path<String>,
) -> Result<Json<Value>, Fault> {
    let summary = structure_of(key, &cx).await?.approvals();
    Ok(Json(shown(&summary, &cx)?))
}

/// Which part is counted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Instances that started, and tasks that opened, since then.
    since: Option<Timestamp>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// How one workflow goes; for admins.
pub(super) async fn of_workflow(
    cx: Cx,
    Path(key): Path<String>,
    Params(query): Params<Query>,
) -> Result<Json<Value>, Fault> {
    for_admins(&cx)?;
    let key = WorkflowKey::from(key);
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    if engine.definition(tenant, &key, None).await?.is_none() {
        return Err(Fault::not_found());
    }
    Ok(Json(report(Some(&key), query.since, &cx).await?))
}

/// How everything goes; for admins.
pub(super) async fn of_all(cx: Cx, Params(query): Params<Query>) -> Result<Json<Value>, Fault> {
    for_admins(&cx)?;
    let system = cx.app.engine.system_report(&cx.app.tenant).await?;
    let mut found = report(None, query.since, &cx).await?;
    found["system"] = json!(system);
    Ok(Json(found))
}

fn for_admins(cx: &Cx) -> Result<(), Fault> {
    if cx.person.admin {
        return Ok(());
    }
    Err(Fault::forbidden("only admins may see statistics"))
}

async fn report(
    workflow: Option<&WorkflowKey>,
    since: Option<Timestamp>,
    cx: &Cx,
) -> Result<Value, Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let report = engine.statistics(tenant, workflow, since).await?;
    let people = report
        .people
        .iter()
        .map(|load| load.person.clone())
        .collect();
    let names = names_of(people, cx).await?;
    let mut found = shown(&report, cx)?;
    found["names"] = json!(names);
    Ok(found)
}
