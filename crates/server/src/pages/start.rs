//! Starting a request: which one, then its data.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use serde_json::Value;
use signoff::{Definition, NotDone, Start, WorkflowKey};

use super::{
    did::Did,
    field::{Field, Kind},
    form::{self, Filled, Sent},
    frame::{Frame, Shell},
    message,
    picture::Picture,
    render,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{start_schema, workflow_title},
};

#[derive(Template)]
#[template(path = "start.html")]
struct Choose {
    s: Shell,
    workflows: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "start_form.html")]
struct Page {
    s: Shell,
    key: String,
    fields: Vec<Field>,
    picture: Picture,
    error: Option<String>,
    others: Vec<String>,
}

/// The workflows that the person may start.
pub(super) async fn choose(cx: Cx, frame: Frame) -> Result<Response, Fault> {
    let store = cx.app.engine.store();
    let rows = store
        .workflows(&cx.app.tenant)
        .await
        .map_err(signoff::Error::from)?;
    let mut workflows = Vec::new();
    for row in rows
        .into_iter()
        .filter(|row| row.is_active() && !row.hidden)
    {
        let found = cx
            .app
            .engine
            .definition(&cx.app.tenant, &row.key, Some(row.latest))
            .await?;
        if let Some(found) = found.filter(|found| cx.is_offered(&found.graph)) {
            workflows.push((row.key.to_string(), workflow_title(&found.graph, cx.locale)));
        }
    }
    let page = Choose {
        s: Shell::of(&cx, cx.locale.words().new_request, "start", &frame).await?,
        workflows,
    };
    render::page(StatusCode::OK, &page)
}

/// The form of a workflow's data.
pub(super) async fn show(cx: Cx, frame: Frame, Path(key): Path<String>) -> Result<Response, Fault> {
    let definition = definition(&cx, &key).await?;
    written(&cx, &definition, &frame, None, None).await
}

/// Starts an instance, or shows what is wrong.
pub(super) async fn start(
    cx: Cx,
    Path(key): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(sent) = sent?;
    let sent = Sent(sent);
    let definition = definition(&cx, &key).await?;
    let mut start = Start::of(definition.id.workflow.clone())
        .tenant(cx.app.tenant.clone())
        .by(cx.person.id.clone());
    let schema = start_schema(&definition.graph);
    if !schema.is_null() {
        start = start.data(&form::to_json(&schema, &sent, &Value::Null))?;
    }
    match cx.app.engine.start(start).await {
        Ok(done) => Ok(render::go(
            &cx.app,
            &format!("/instances/{}", done.id()),
            Did::Start,
        )),
        Err(NotDone::Refused(refusal)) => {
            let frame = Frame::at(format!("/start/{key}"));
            written(&cx, &definition, &frame, Some(&sent), Some(refusal.into())).await
        }
        Err(failed) => Err(failed.into()),
    }
}

/// The newest version, when the person may start it.
async fn definition(cx: &Cx, key: &str) -> Result<Arc<Definition>, Fault> {
    let found = cx
        .app
        .engine
        .definition(&cx.app.tenant, &WorkflowKey::from(key), None)
        .await?;
    found
        .filter(|found| cx.is_offered(&found.graph))
        .ok_or_else(Fault::not_found)
}

async fn written(
    cx: &Cx,
    definition: &Definition,
    frame: &Frame,
    sent: Option<&Sent>,
    fault: Option<Fault>,
) -> Result<Response, Fault> {
    let schema = start_schema(&definition.graph);
    let errors = fault
        .as_ref()
        .map(|fault| fault.fields.as_slice())
        .unwrap_or_default();
    let title = workflow_title(&definition.graph, cx.locale);
    let filled = Filled {
        sent,
        present: &Value::Null,
        errors,
    };
    let page = Page {
        s: Shell::of(cx, &title, "start", frame).await?,
        key: definition.id.workflow.to_string(),
        fields: form::fields(&schema, &filled, cx.locale),
        picture: Picture::of_workflow(cx, definition),
        error: fault
            .as_ref()
            .map(|fault| message::sentence(fault, cx.locale)),
        others: form::other_errors(&schema, errors),
    };
    render::page(fault.map_or(StatusCode::OK, |fault| fault.status), &page)
}
