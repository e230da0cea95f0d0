//! Tasks: lists, one task, its form.

use axum::{Json, extract::Path};
use serde::Serialize;
use serde_json::Value;
use signoff::{
    core::{actor::Actor, problem::shown},
    lists::{Asked, Field, TASK_FIELDS},
    reading::MyCounts,
    store::{TaskFilter, Whose},
};

use super::{
    command::task_dto,
    grammar::{InBody, InQuery},
    list::List,
    task_dto::TaskDto,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{form_of, localized, prefill},
};

/// Which list, beside what tasks are found by.
const VIEW: &[Field] = &[Field::one("view")];
/// Whose tasks: everybody's, for admins; those that the person may take, has decided, or has.
const VIEWS: [&str; 4] = ["all", "available", "done", "mine"];

/// The person's tasks: those that the person has, may take, or decided.
pub(super) async fn list(cx: Cx, query: InQuery) -> Result<Json<List<TaskDto>>, Fault> {
    found(&cx, query.read(&[VIEW, TASK_FIELDS])?).await
}

/// The same, asked in a body.
pub(super) async fn search(cx: Cx, body: InBody) -> Result<Json<List<TaskDto>>, Fault> {
    found(&cx, body.read(&[VIEW, TASK_FIELDS])?).await
}

async fn found(cx: &Cx, asked: Asked) -> Result<Json<List<TaskDto>>, Fault> {
    let asked_of = asked.text("requester");
    let whose = whose(cx, asked.text("view").unwrap_or("mine"))?;
    let filter = asked.tasks(whose, cx.now())?;
    let filter = TaskFilter {
        requester: match asked_of {
            Some("me") => Some(cx.person.id.clone()),
            _ => filter.requester,
        },
        ..filter
    };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let found = engine.find_tasks(tenant, &filter, &asked.part()?).await?;
    let items = TaskDto::of(&found.page.items, cx).await?;
    Ok(Json(List::part(items, found.page).total(found.total)))
}

fn whose(cx: &Cx, view: &str) -> Result<Whose, Fault> {
    Ok(match view {
        "all" if cx.person.admin => Whose::All,
        "all" => return Err(Fault::forbidden("only admins may list all tasks")),
        "available" => Whose::AvailableTo(cx.person.clone()),
        "done" => Whose::DoneBy(cx.person.id.clone()),
        "mine" => Whose::HeldBy(cx.person.id.clone()),
        other => {
            let (other, known) = (shown(other), VIEWS.join("`, `"));
            let message = format!("expected one of `{known}` for `view`, found `{other}`");
            return Err(Fault::malformed(message));
        }
    })
}

/// What waits for the person and what the person decided, counted.
#[derive(Debug, Serialize)]
pub(super) struct Counts {
    counts: MyCounts,
    /// The ten that the person decided last, the latest first.
    last: Vec<TaskDto>,
}

/// How much waits for the person, and what the person decided last.
pub(super) async fn counts(cx: Cx) -> Result<Json<Counts>, Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let found = engine.my_approvals(tenant, &cx.person).await?;
    Ok(Json(Counts {
        counts: found.counts,
        last: TaskDto::of(&found.last, &cx).await?,
    }))
}

/// One task.
pub(super) async fn one(cx: Cx, Path(id): Path<String>) -> Result<Json<TaskDto>, Fault> {
    let view = cx.task(&id).await?;
    let task = task_dto(view.task.id, &cx).await?;
    let task = task.ok_or_else(Fault::not_found)?;
    let actions = view.possible(&Actor::Person(cx.person.clone()), cx.now());
    Ok(Json(task.with(actions)))
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
    /// What the assignee has kept of it; `null` when nothing is kept.
    draft: Option<Value>,
}

/// The form of a task.
pub(super) async fn form(cx: Cx, Path(id): Path<String>) -> Result<Json<Form>, Fault> {
    let view = cx.task(&id).await?;
    let form = form_of(&view.definition.graph, &view.task);
    Ok(Json(Form {
        key: form.map(|form| form.key.clone()),
        schema: form.map(|form| localized(&form.source, cx.locale)),
        prefill: prefill(&view),
        draft: view.task.draft.as_deref().cloned(),
    }))
}
