//! The statuses that the host's objects of a type may have.

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{body::Params, list::List};
use crate::{auth::Cx, fault::Fault};

/// Of which objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    subject_type: String,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A status.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    workflow: String,
    step: String,
    step_title: String,
    key: String,
    title: String,
    role: &'static str,
    default: bool,
    category: Option<String>,
    color: Option<String>,
    icon: Option<String>,
    meta: Option<Map<String, Value>>,
}

/// Every status of the workflows that the person is offered, in the order of key and file.
pub(super) async fn list(cx: Cx, Params(query): Params<Query>) -> Result<Json<List<Item>>, Fault> {
    let engine = &cx.app.engine;
    let found = engine
        .status_catalogue(&cx.app.tenant, &query.subject_type)
        .await?;
    let seen = found
        .into_iter()
        .filter(|found| cx.is_offered(&found.definition.graph));
    let items = seen.flat_map(|found| {
        let workflow = found.definition.id.workflow.to_string();
        let item = |status: signoff::reading::CatalogueStatus| Item {
            workflow: workflow.clone(),
            step: status.step.to_string(),
            step_title: cx.locale.of_text(&status.step_title),
            key: status.key,
            title: cx.locale.of_text(&status.status.title),
            role: status.status.role.as_str(),
            default: status.status.default,
            category: status.status.category,
            color: status.status.color,
            icon: status.status.icon,
            meta: status.status.meta,
        };
        found.statuses.into_iter().map(item).collect::<Vec<_>>()
    });
    Ok(Json(List::whole(items.collect())))
}
