//! BPMN 2.0: a flow as other modelers read it, and what they wrote as a definition.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use signoff::{
    WorkflowKey,
    definition::{bpmn, to_yaml},
};

use super::{
    body::Params,
    workflows::{self, Utf8},
};
use crate::{auth::Cx, fault::Fault};

/// Which version is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The newest when not given.
    version: Option<u32>,
    /// The language of the reader, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A flow as a document of BPMN with a diagram, to keep.
pub(super) async fn export(
    cx: Cx,
    Path(key): Path<String>,
    Params(query): Params<Query>,
) -> Result<Response, Fault> {
    let found = cx
        .app
        .engine
        .definition(&cx.app.tenant, &WorkflowKey::from(key), query.version)
        .await?;
    let definition = found.ok_or_else(Fault::not_found)?;
    let written = bpmn::export(&definition.document).map_err(|problems| {
        let first = problems.first();
        let code = first.map_or("definition_invalid", |problem| problem.code);
        let message = first.map_or_else(String::new, |problem| problem.message.clone());
        Fault::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    })?;
    let id = &definition.id;
    let name = format!("attachment; filename=\"{}.bpmn\"", id.workflow);
    let headers = [
        (header::CONTENT_TYPE, "application/xml".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, written).into_response())
}

/// A definition in YAML, of a process that another modeler wrote. Nothing is written.
pub(super) async fn import(_: Cx, Utf8(text): Utf8) -> Result<Response, Fault> {
    let document = bpmn::import(&text).map_err(|problems| workflows::invalid(&problems))?;
    let headers = [(header::CONTENT_TYPE, "application/yaml")];
    Ok((headers, to_yaml(&document)).into_response())
}
