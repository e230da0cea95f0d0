//! Tasks: lists, one task, its form.

use axum::{Json, extract::Path};
use serde::Serialize;
use serde_json::Value;
use signoff::{
    core::actor::Actor,
    reading::MyCounts,
    store::{Choice, InstanceOrder, TaskFilter, Whose},
};

use super::{
    by_data,
    command::task_dto,
    grammar::{Asked, Field, InBody, InQuery, Operator, moment},
    list::List,
    task_dto::TaskDto,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{form_of, localized, prefill},
};

/// What tasks are found by.
const FIELDS: &[Field] = &[
    ("view", Operator::ONE),
    ("workflow", Operator::CHOICE),
    ("node", Operator::ONE),
    ("subject_type", Operator::ONE),
    ("business_key", Operator::ONE),
    ("requester", Operator::ONE),
    // What was said: `approved`, `rejected` …
    ("outcome", Operator::ONE),
    // Only those whose moment has passed.
    ("overdue", Operator::ONE),
    ("due_at", Operator::MOMENT),
    ("due_before", Operator::ONE),
    ("search", Operator::ONE),
];
/// Whose tasks: everybody's open ones, for admins; those that the person may take, has decided, or has.
const VIEWS: [&str; 4] = ["all", "available", "done", "mine"];

/// The person's tasks: those that the person has, may take, or decided.
pub(super) async fn list(cx: Cx, query: InQuery) -> Result<Json<List<TaskDto>>, Fault> {
    found(&cx, query.read(FIELDS)?).await
}

/// The same, asked in a body.
pub(super) async fn search(cx: Cx, body: InBody) -> Result<Json<List<TaskDto>>, Fault> {
    found(&cx, body.read(FIELDS)?).await
}

async fn found(cx: &Cx, mut asked: Asked) -> Result<Json<List<TaskDto>>, Fault> {
    let page = asked.page()?;
    let filter = filter(cx, &asked)?;
    if let Choice::OneOf(workflows) = &filter.workflow {
        for workflow in workflows {
            let order = InstanceOrder::Started;
            by_data::check_indexed(cx, workflow, &filter.fields, &order).await?;
        }
    }
    let (store, tenant) = (cx.app.engine.store(), &cx.app.tenant);
    let found = store.tasks(tenant, &filter, &page).await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let total = match asked.total {
        true => Some(store.count_tasks(tenant, &filter).await),
        false => None,
    };
    let total = total.transpose().map_err(signoff::Error::from)?;
    let items = TaskDto::of(&found.items, cx).await?;
    Ok(Json(List::part(items, found).total(total)))
}

fn filter(cx: &Cx, asked: &Asked) -> Result<TaskFilter, Fault> {
    let text = |field| asked.text(field).map(str::to_owned);
    let view = asked.text("view").unwrap_or("mine");
    // Open tasks come by opening, closed ones by closing, the latest first.
    let (whose, sort) = match view {
        "all" if !cx.person.admin => {
            return Err(Fault::forbidden("only admins may list all tasks"));
        }
        "all" => (Whose::All, "opened_at"),
        "available" => (Whose::AvailableTo(cx.person.clone()), "opened_at"),
        "done" => (Whose::DoneBy(cx.person.id.clone()), "-closed_at"),
        "mine" => (Whose::HeldBy(cx.person.id.clone()), "opened_at"),
        other => {
            let (other, known) = (shown(other), VIEWS.join("`, `"));
            let message = format!("expected one of `{known}` for `view`, found `{other}`");
            return Err(Fault::malformed(message));
        }
    };
    if let Some(other) = asked.sort.as_deref().filter(|asked| *asked != sort) {
        let other = shown(other);
        let message = format!("the view `{view}` is sorted by `{sort}`, not by `{other}`");
        return Err(Fault::malformed(message));
    }
    let mut due = asked.period("due_at")?;
    let before = asked.text("due_before");
    let before = before.map(|text| moment("due_before", text)).transpose()?;
    let passed = asked.truth("overdue")?.unwrap_or_default();
    let ends = [due.before, before, passed.then(|| cx.now())];
    due.before = ends.into_iter().flatten().min();
    Ok(TaskFilter {
        whose,
        open: (view == "all").then_some(true),
        workflow: asked.choice("workflow"),
        node: text("node"),
        subject_type: text("subject_type"),
        business_key: text("business_key"),
        requester: match asked.text("requester") {
            Some("me") => Some(cx.person.id.clone()),
            other => other.map(Into::into),
        },
        outcome: text("outcome"),
        due,
        search: text("search").filter(|part| !part.is_empty()),
        fields: asked.data()?,
        ..TaskFilter::default()
    })
}

/// As much of what a reader wrote as fits into a sentence.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
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
