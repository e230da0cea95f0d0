//! One instance as a page shows it: how far it is, its stages, who was asked, what was said.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::Path};
use serde::Serialize;
use serde_json::{Value, json};
use signoff::{
    PersonId,
    reading::{Approval, FilledForm, InstanceDetail, Progress, Tally, Upcoming},
};

use super::files::FileDto;
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, in_language, people_in, situation},
};

/// `value` as JSON with its titles in the reader's language.
pub(super) fn shown(value: &impl Serialize, cx: &Cx) -> Result<Value, Fault> {
    let value = serde_json::to_value(value)
        .map_err(|error| Fault::internal(format!("an answer has no JSON form: {error}")))?;
    Ok(in_language(value, cx.locale))
}

/// What people are called, by id.
pub(super) async fn names_of(
    people: BTreeSet<PersonId>,
    cx: &Cx,
) -> Result<BTreeMap<String, String>, Fault> {
    let names = Names::of(&cx.app, people.clone()).await?;
    let named = people
        .iter()
        .map(|id| (id.to_string(), names.get(id).to_owned()));
    Ok(named.collect())
}

/// How far an instance is.
pub(super) async fn progress(cx: Cx, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let view = cx.instance(&id).await?;
    let progress = Progress::of(&view.definition.graph, &view.instance);
    Ok(Json(shown(&progress, &cx)?))
}

/// An instance with everything that a page about it shows.
pub(super) async fn detail(cx: Cx, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let view = cx.instance(&id).await?;
    let detail = cx.app.engine.detail_of(&cx.app.tenant, &view).await?;
    let mut people = detail.people();
    people.extend(people_in(&view.instance));
    let names = Names::of(&cx.app, people.clone()).await?;
    let graph = &view.definition.graph;
    let sentence = situation(&view.instance, graph, &names, cx.locale, cx.now());
    let mut shown = shown(&detail, &cx)?;
    shown["situation"] = json!(sentence);
    shown["people"] = json!(names_of(people, &cx).await?);
    shown["data"] = Value::clone(view.instance.data());
    Ok(Json(shown))
}

/// Who was asked, is asked and will be.
#[derive(Debug, Serialize)]
struct Approvals<'a> {
    summary: Tally,
    /// What is asked now.
    current: Vec<&'a Approval>,
    /// Who is asked next.
    next: &'a [Upcoming],
    /// Everything that was ever asked, by number.
    all: Vec<&'a Approval>,
    people: BTreeMap<String, String>,
}

/// Who was asked in an instance, is asked and will be.
pub(super) async fn approvals(cx: Cx, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let view = cx.instance(&id).await?;
    let detail = cx.app.engine.detail_of(&cx.app.tenant, &view).await?;
    Ok(Json(approvals_of(&detail, &cx).await?))
}

/// Every form that was filled in an instance, as it was then: what was asked, and what was answered.
#[derive(Debug, Serialize)]
struct Answers {
    items: Vec<FilledForm>,
    /// What the references in the answers are, by reference.
    files: BTreeMap<String, FileDto>,
    people: BTreeMap<String, String>,
}

/// What people were asked in an instance, and what they answered.
pub(super) async fn answers(cx: Cx, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let view = cx.instance(&id).await?;
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let items = engine.filled_forms(tenant, view.instance.id()).await?;
    let named = items
        .iter()
        .flat_map(|form| form.by.iter().chain(&form.on_behalf_of));
    let people = names_of(named.cloned().collect(), &cx).await?;
    let files = engine.files_of(tenant, view.instance.id()).await?;
    let known: Vec<String> = files.iter().map(|row| row.id.reference()).collect();
    let files = FileDto::list(files, &cx).await?;
    let answers = Answers {
        items,
        files: known.into_iter().zip(files).collect(),
        people,
    };
    Ok(Json(shown(&answers, &cx)?))
}

/// Who was asked, is asked and will be, as JSON.
pub(super) async fn approvals_of(detail: &InstanceDetail, cx: &Cx) -> Result<Value, Fault> {
    let by_number = |mut list: Vec<_>| {
        list.sort_unstable_by_key(|one: &&Approval| one.number);
        list
    };
    let approvals = Approvals {
        summary: detail.summary,
        current: by_number(detail.current().collect()),
        next: &detail.next,
        all: by_number(detail.approvals().collect()),
        people: names_of(detail.people(), cx).await?,
    };
    shown(&approvals, cx)
}
