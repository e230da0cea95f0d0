//! Bindings: what types of subjects are configured with.

use axum::{Json, extract::Path};
use serde::Serialize;
use signoff::{Binding, Subject};

use super::{body::Body, list::List};
use crate::{auth::Cx, fault::Fault};

/// A type of subject with its configuration.
#[derive(Debug, Serialize)]
pub(super) struct BindingDto {
    subject_type: String,
    binding: Binding,
    /// The active workflows that may be started for it.
    workflows: Vec<String>,
}

async fn told(cx: &Cx, subject_type: String, binding: Binding) -> Result<BindingDto, Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let workflows = engine.workflows_for(tenant, &subject_type).await?;
    Ok(BindingDto {
        workflows: workflows.iter().map(|row| row.key.to_string()).collect(),
        subject_type,
        binding,
    })
}

/// Every type that is bound.
pub(super) async fn list(cx: Cx) -> Result<Json<List<BindingDto>>, Fault> {
    let mut items = Vec::new();
    for (subject_type, binding) in cx.app.engine.bindings(&cx.app.tenant).await? {
        items.push(told(&cx, subject_type, binding).await?);
    }
    Ok(Json(List::whole(items)))
}

/// What holds for a type, bound or not.
pub(super) async fn one(cx: Cx, Path(kind): Path<String>) -> Result<Json<BindingDto>, Fault> {
    let binding = cx.app.engine.binding(&cx.app.tenant, &kind).await?;
    Ok(Json(told(&cx, kind, binding).await?))
}

/// Binds a type; the same again changes nothing. For admins.
pub(super) async fn put(
    cx: Cx,
    Path(kind): Path<String>,
    Body(binding): Body<Binding>,
) -> Result<Json<BindingDto>, Fault> {
    only_admins(&cx)?;
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let by = Some(&cx.person.id);
    engine.bind(tenant, &kind, &binding, by).await?;
    Ok(Json(told(&cx, kind, binding).await?))
}

/// Forgets what was said of a type. For admins.
pub(super) async fn delete(cx: Cx, Path(kind): Path<String>) -> Result<Json<BindingDto>, Fault> {
    only_admins(&cx)?;
    if !cx.app.engine.unbind(&cx.app.tenant, &kind).await? {
        return Err(Fault::not_found());
    }
    one(cx, Path(kind)).await
}

fn only_admins(cx: &Cx) -> Result<(), Fault> {
    match cx.person.admin {
        true => Ok(()),
        false => Err(Fault::forbidden("only admins may bind types of subjects")),
    }
}

/// Whether the status of a subject may be changed without a workflow.
#[derive(Debug, Serialize)]
pub(super) struct DirectChange {
    allowed: bool,
    /// The code, where it is not.
    refused: Option<&'static str>,
    message: Option<String>,
}

/// Whether the status of a subject may be changed without a workflow.
pub(super) async fn direct_change(
    cx: Cx,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<DirectChange>, Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let refusal = match engine.direct_change(tenant, &Subject { kind, id }).await {
        Ok(()) => None,
        Err(signoff::NotDone::Refused(refusal)) => Some(refusal),
        Err(signoff::NotDone::Failed(error)) => return Err(error.into()),
    };
    Ok(Json(DirectChange {
        allowed: refusal.is_none(),
        refused: refusal.as_ref().map(|refusal| refusal.code.as_str()),
        message: refusal.map(|refusal| refusal.message),
    }))
}
