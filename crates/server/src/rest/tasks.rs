//! Tasks: lists, one task, its form.

use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::store::Whose;

use super::{
    body::Params,
    command::task_dto,
    list::{List, page},
    task_dto::TaskDto,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{form_of, localized, prefill},
};

/// Which tasks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    view: View,
    limit: Option<u32>,
    cursor: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum View {
    Available,
    Done,
    #[default]
    Mine,
}

/// The person's tasks: those that the person has, may take, or decided.
pub(super) async fn list(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Json<List<TaskDto>>, Fault> {
    let whose = match query.view {
        View::Available => Whose::AvailableTo(cx.person.clone()),
        View::Done => Whose::DoneBy(cx.person.id.clone()),
        View::Mine => Whose::HeldBy(cx.person.id.clone()),
    };
    let page = page(query.limit, query.cursor)?;
    let filter = signoff::store::TaskFilter {
        whose,
        instance: None,
        open: None,
    };
    let found = cx
        .app
        .engine
        .store()
        .tasks(&cx.app.tenant, &filter, &page)
        .await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    Ok(Json(List {
        items: TaskDto::of(&found.items, &cx).await?,
        next_cursor: found.next.map(|cursor| cursor.0),
    }))
}

/// One task.
pub(super) async fn one(cx: Cx, Path(id): Path<String>) -> Result<Json<TaskDto>, Fault> {
    let task = cx.task(&id).await?.task.id;
    task_dto(task, &cx)
        .await?
        .map(Json)
        .ok_or_else(Fault::not_found)
}

/// What is filled to approve or complete a task.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    /// The key of the form; `null` when there is none.
    key: Option<String>,
    /// JSON Schema, its titles in the reader's language.
    schema: Option<Value>,
    /// What the data hold already of its fields, for a task of a flow; else empty.
    prefill: Value,
}

/// The form of a task.
pub(super) async fn form(cx: Cx, Path(id): Path<String>) -> Result<Json<Form>, Fault> {
    let view = cx.task(&id).await?;
    let form = form_of(&view.definition.graph, &view.task);
    Ok(Json(Form {
        key: form.map(|form| form.key.clone()),
        schema: form.map(|form| localized(&form.source, cx.locale)),
        prefill: prefill(&view),
    }))
}
