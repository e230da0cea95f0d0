//! Actions that are kept beside the definitions of a workflow; for admins.

use axum::{
    Json,
    extract::Path,
    http::{HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    ErrorKind, NewAction, NotDone, StoredAction, core::id::ActionId, store::ActionScope,
};

use super::{
    body::{Body, Params},
    list::List,
    workflows::invalid,
};
use crate::{auth::Cx, fault::Fault};

/// An action to be kept; without a group and a node it is of the whole workflow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    workflow: String,
    group: Option<String>,
    node: Option<String>,
    event: String,
    /// What it does, as in a document.
    action: Value,
}

/// Another action in place of a stored one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    action: Value,
}

/// Whose actions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    workflow: String,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A stored action.
#[derive(Debug, Serialize)]
pub(super) struct ActionDto {
    id: String,
    workflow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    event: String,
    action: Value,
    changed_by: Option<String>,
    changed_at: String,
}

impl From<StoredAction> for ActionDto {
    fn from(stored: StoredAction) -> Self {
        let NewAction {
            workflow,
            scope,
            event,
            action,
        } = stored.action;
        let (group, node) = match scope {
            ActionScope::Workflow => (None, None),
            ActionScope::Group(key) => (Some(key), None),
            ActionScope::Node(key) => (None, Some(key)),
        };
        Self {
            id: stored.id.to_string(),
            workflow: workflow.to_string(),
            group,
            node,
            event,
            action,
            changed_by: stored.changed_by.map(|person| person.to_string()),
            changed_at: stored.changed_at.to_string(),
        }
    }
}

/// The stored actions of a workflow, the oldest first.
pub(super) async fn list(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Json<List<ActionDto>>, Fault> {
    only_admins(&cx)?;
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let workflow = query.workflow.as_str().into();
    let found = engine.stored_actions(tenant, &workflow).await?;
    Ok(Json(List::whole(
        found.into_iter().map(ActionDto::from).collect(),
    )))
}

/// Keeps an action.
pub(super) async fn add(
    cx: Cx,
    Body(new): Body<New>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<ActionDto>), Fault> {
    only_admins(&cx)?;
    let action = NewAction::of(new.workflow, new.event, new.action);
    let action = match (new.group, new.node) {
        (None, None) => action,
        (Some(group), None) => action.at_group(group),
        (None, Some(node)) => action.at_node(node),
        (Some(_), Some(_)) => {
            let message = "an action belongs to a group or to a node, not to both";
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "malformed_request",
                message,
            ));
        }
    };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let by = Some(&cx.person.id);
    let stored = match cx.attempt {
        Some(attempt) => {
            let id = ActionId::new(attempt.id);
            engine.put_action(tenant, id, action, by).await
        }
        None => engine.add_action(tenant, action, by).await,
    };
    let stored = stored.map_err(told)?;
    let location = cx.app.base.link(&format!("/api/v1/actions/{}", stored.id));
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(stored.into()),
    ))
}

/// Writes another action in place of a stored one.
pub(super) async fn change(
    cx: Cx,
    Path(id): Path<String>,
    Body(changed): Body<Changed>,
) -> Result<Json<ActionDto>, Fault> {
    only_admins(&cx)?;
    let id = id_of(&id)?;
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let by = Some(&cx.person.id);
    let stored = engine.change_action(tenant, id, changed.action, by).await;
    Ok(Json(stored.map_err(told)?.into()))
}

/// Drops a stored action.
pub(super) async fn delete(cx: Cx, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    only_admins(&cx)?;
    let id = id_of(&id)?;
    match cx.app.engine.drop_action(&cx.app.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Fault::not_found()),
    }
}

fn id_of(id: &str) -> Result<ActionId, Fault> {
    id.parse()
        .map(ActionId::new)
        .map_err(|_| Fault::not_found())
}

/// What is wrong with an action is told by place, as for a document.
pub(super) fn told(not_done: NotDone) -> Fault {
    match not_done {
        NotDone::Failed(error) => match error.kind() {
            ErrorKind::Definition => invalid(error.problems()),
            _ => error.into(),
        },
        NotDone::Refused(refusal) => refusal.into(),
    }
}

fn only_admins(cx: &Cx) -> Result<(), Fault> {
    match cx.person.admin {
        true => Ok(()),
        false => Err(Fault::forbidden("only admins may look after actions")),
    }
}
