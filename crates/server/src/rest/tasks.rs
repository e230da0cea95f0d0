//! Tasks: lists, one task, its form.

use axum::{Json, extract::Path};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    core::actor::Actor,
    reading::MyCounts,
    store::{InstanceOrder, Whose},
};

use super::{
    by_data::{self, ByData},
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
    workflow: Option<String>,
    subject_type: Option<String>,
    /// What was said: `approved`, `rejected` …
    outcome: Option<String>,
    /// Only those whose moment has passed.
    #[serde(default)]
    overdue: bool,
    due_before: Option<Timestamp>,
    /// A part of the title of the instance, or of the id of its subject.
    search: Option<String>,
    /// Whether to count the whole list.
    #[serde(default)]
    total: bool,
    limit: Option<u32>,
    cursor: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum View {
    /// Everybody's open ones; for admins.
    All,
    Available,
    Done,
    #[default]
    Mine,
}

/// A part of a list of tasks.
#[derive(Debug, Serialize)]
pub(super) struct Tasks {
    #[serde(flatten)]
    list: List<TaskDto>,
    /// How many tasks the whole list has, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

/// The person's tasks: those that the person has, may take, or decided.
pub(super) async fn list(
    cx: Cx,
    ByData { query, fields }: ByData<Query>,
) -> Result<Json<Tasks>, Fault> {
    if let Some(workflow) = &query.workflow {
        by_data::check_indexed(&cx, workflow, &fields, &InstanceOrder::Started).await?;
    }
    if query.view == View::All && !cx.person.admin {
        return Err(Fault::forbidden("only admins may list all tasks"));
    }
    let whose = match query.view {
        View::All => Whose::All,
        View::Available => Whose::AvailableTo(cx.person.clone()),
        View::Done => Whose::DoneBy(cx.person.id.clone()),
        View::Mine => Whose::HeldBy(cx.person.id.clone()),
    };
    let page = page(query.limit, query.cursor)?;
    let filter = signoff::store::TaskFilter {
        whose,
        open: (query.view == View::All).then_some(true),
        workflow: query.workflow,
        subject_type: query.subject_type,
        outcome: query.outcome,
        due_before: match (query.overdue, query.due_before) {
            (true, Some(before)) => Some(before.min(cx.now())),
            (true, None) => Some(cx.now()),
            (false, before) => before,
        },
        search: query.search.filter(|part| !part.is_empty()),
        fields,
        ..signoff::store::TaskFilter::default()
    };
    let found = cx
        .app
        .engine
        .store()
        .tasks(&cx.app.tenant, &filter, &page)
        .await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let total = match query.total {
        true => {
            let count = cx.app.engine.store().count_tasks(&cx.app.tenant, &filter);
            Some(count.await.map_err(signoff::Error::from)?)
        }
        false => None,
    };
    Ok(Json(Tasks {
        list: List {
            items: TaskDto::of(&found.items, &cx).await?,
            next_cursor: found.next.map(|cursor| cursor.0),
        },
        total,
    }))
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
