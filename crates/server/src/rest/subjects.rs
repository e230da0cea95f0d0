//! What runs about one of the host's objects.

use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    Subject,
    store::{InstanceFilter, PageRequest},
};

use super::{body::Params, instance_dto::InstanceItem, reading::approvals_of};
use crate::{auth::Cx, fault::Fault, read::Names};

/// How many instances of one subject are shown.
const SHOWN: u32 = 100;

/// What of it is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The instances of this workflow only.
    workflow: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// What runs about a subject.
#[derive(Debug, Serialize)]
pub(super) struct SubjectDto {
    subject: Subject,
    /// The instances that the person may see, the latest started first; at most 100 are looked at.
    instances: Vec<InstanceItem>,
    /// The tasks that the person must or may do now.
    must_act: Vec<String>,
    /// Current, next and all approvals of the latest of the instances, with a summary; `null` when
    /// there is none.
    approvals: Option<Value>,
}

/// What runs about a subject, as far as the person may see it.
pub(super) async fn one(
    cx: Cx,
    Path((kind, id)): Path<(String, String)>,
    Params(query): Params<Query>,
) -> Result<Json<SubjectDto>, Fault> {
    let subject = Subject { kind, id };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let filter = InstanceFilter {
        subject: Some(subject.clone()),
        workflow: query.workflow.into(),
        ..InstanceFilter::default()
    };
    let page = PageRequest {
        limit: SHOWN,
        after: None,
    };
    let found = engine.store().instances(tenant, &filter, &page).await;
    let found = found.map_err(signoff::Error::from)?;
    let ids: Vec<_> = found.items.iter().map(|row| row.id).collect();
    let views = engine.instances_of(tenant, &ids).await?;
    let seen: Vec<_> = views
        .iter()
        .filter(|view| view.may_be_seen_by(&cx.person))
        .collect();
    let approvals = match seen.first() {
        Some(view) => {
            let detail = engine.detail_of(tenant, view).await?;
            Some(approvals_of(&detail, &cx).await?)
        }
        None => None,
    };
    let rows = found
        .items
        .into_iter()
        .filter(|row| seen.iter().any(|view| view.instance.id() == row.id));
    let rows: Vec<_> = rows.collect();
    let people = rows
        .iter()
        .filter_map(|row| row.requester.clone())
        .collect();
    let names = Names::of(&cx.app, people).await?;
    let must_act = engine.must_act(tenant, &subject, &cx.person).await?;
    Ok(Json(SubjectDto {
        subject,
        instances: InstanceItem::list(rows, &names, &cx).await?,
        must_act: must_act.iter().map(ToString::to_string).collect(),
        approvals,
    }))
}
