//! The whole design of a workflow in one answer: its document, and what a diagram of it shows.

use axum::{Json, extract::Path};
use serde::Deserialize;
use serde_json::{Value, json};
use signoff::{WorkflowKey, core::text::Text, definition::diagram::Diagram};

use super::body::Params;
use crate::{auth::Cx, fault::Fault};

/// Which design.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// The newest when not given.
    version: Option<u32>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// The document as published, and the nodes and edges of its diagram; for managers and admins.
pub(super) async fn one(
    cx: Cx,
    Path(key): Path<String>,
    Params(query): Params<Query>,
) -> Result<Json<Value>, Fault> {
    let key = WorkflowKey::from(key);
    let engine = &cx.app.engine;
    let found = engine
        .definition(&cx.app.tenant, &key, query.version)
        .await?;
    let found = found.ok_or_else(Fault::not_found)?;
    let managers = found.graph.managers();
    if !cx.person.admin && !managers.iter().any(|manager| cx.person.is(manager)) {
        return Err(Fault::forbidden(
            "only managers and admins may read designs",
        ));
    }
    let parts = Diagram::of(&found.graph).parts();
    let text = |text: &Text| cx.locale.of_text(text);
    let nodes = parts.nodes.iter().map(|node| {
        let notes: Vec<String> = node.notes.iter().map(text).collect();
        json!({
            "key": node.key,
            "kind": text(&node.kind),
            "title": text(&node.title),
            "notes": notes,
        })
    });
    let edges = parts.edges.iter().map(|edge| {
        json!({
            "from": edge.from,
            "to": edge.to,
            "label": edge.label.as_ref().map(text),
            "boundary": edge.boundary,
        })
    });
    Ok(Json(json!({
        "workflow": found.id.workflow,
        "version": found.id.version,
        "document": found.document,
        "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })))
}
