//! How the statuses of an instance's steps changed.

use axum::{Json, extract::Path};
use serde::Serialize;
use serde_json::{Map, Value};
use signoff::reading::StatusMoment;

use super::list::List;
use crate::{auth::Cx, fault::Fault};

/// One change of a step's status.
#[derive(Debug, Serialize)]
pub(super) struct Moment {
    at: String,
    /// The person; `null` for the engine and the host.
    by: Option<String>,
    /// `engine`, `host` or `person`.
    actor: &'static str,
    step: String,
    from: Option<String>,
    to: String,
    /// The step that the transition leads to which the status took.
    transition: Option<String>,
    reason: Option<String>,
    /// The keys of the instance's metadata that were set with it.
    metadata: Map<String, Value>,
}

/// Every change, from the beginning.
pub(super) async fn list(cx: Cx, Path(id): Path<String>) -> Result<Json<List<Moment>>, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    let found = cx.app.engine.status_history(&cx.app.tenant, id).await?;
    Ok(Json(List::whole(
        found.into_iter().map(Moment::from).collect(),
    )))
}

impl From<StatusMoment> for Moment {
    fn from(moment: StatusMoment) -> Self {
        Self {
            at: moment.at.to_string(),
            actor: moment.by.kind(),
            by: moment.by.person().map(ToString::to_string),
            step: moment.step.to_string(),
            from: moment.from,
            to: moment.to,
            transition: moment.transition.map(|to| to.to_string()),
            reason: moment.reason,
            metadata: moment.metadata,
        }
    }
}
