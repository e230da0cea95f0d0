//! Instances: start, lists, one, its timeline and tasks, cancel.

use axum::{
    Json,
    extract::Path,
    http::{HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signoff::{
    Call, InstanceId, Start,
    core::{actor::By, id::Subject},
    store::{InstanceFilter, TaskFilter, Whose},
};

use super::{
    body::{Body, Params},
    by_data::{self, ByData},
    command::{Answer, Why},
    instance_dto::{InstanceDto, InstanceItem},
    list::{List, page},
    task_dto::TaskDto,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, people_of, story},
};

/// An instance to start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInstance {
    workflow: String,
    version: Option<u32>,
    subject: Option<Subject>,
    /// What the sender knows it by; it never changes.
    business_key: Option<String>,
    data: Option<Value>,
    metadata: Option<Value>,
    /// Whether it begins at once; yes when not said.
    auto_start: Option<bool>,
    /// Whether it goes on by the newest version at each command, where it can.
    #[serde(default)]
    follow_latest: bool,
}

/// Starts an instance in the name of the person.
pub(super) async fn start(
    cx: Cx,
    Body(new): Body<NewInstance>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Answer>), Fault> {
    let mut start = Start::of(new.workflow)
        .tenant(cx.app.tenant.clone())
        .by(cx.person.id.clone());
    if new.auto_start == Some(false) {
        start = start.later();
    }
    if new.follow_latest {
        start = start.follow_latest();
    }
    if let Some(version) = new.version {
        start = start.version(version);
    }
    if let Some(subject) = new.subject {
        start = start.subject(subject.kind, subject.id);
    }
    if let Some(key) = new.business_key {
        start = start.business_key(key);
    }
    if let Some(data) = new.data {
        start = start.data(&data)?;
    }
    if let Some(metadata) = new.metadata {
        start = start.metadata(&metadata)?;
    }
    if let Some(once) = &cx.once {
        start = start.once(once.clone());
    }
    let done = cx.app.engine.start(start).await?;
    let id = done.id().to_string();
    // `if_running: return` may give somebody else's instance.
    let view = cx.instance(&id).await;
    view.map_err(|_| {
        Fault::new(
            StatusCode::CONFLICT,
            "already_started",
            "an instance is already running",
        )
    })?;
    let status = if done.events.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let location = cx.app.base.link(&format!("/api/v1/instances/{id}"));
    let answer = Answer::after(done, None, &cx).await?;
    Ok((status, [(header::LOCATION, location)], Json(answer)))
}

/// Which instances.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    status: Option<String>,
    workflow: Option<String>,
    /// The type of subject.
    subject_type: Option<String>,
    /// `me` or `all`; only admins may ask for all, and do so when they do not say.
    requester: Option<Whom>,
    /// `-started_at`, or a field of the data.
    sort: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whom {
    All,
    Me,
}

/// The person's own instances; all of them for admins.
pub(super) async fn list(
    cx: Cx,
    ByData { query, fields }: ByData<Query>,
) -> Result<Json<List<InstanceItem>>, Fault> {
    let order = by_data::order(query.sort.as_deref())?;
    if let Some(workflow) = &query.workflow {
        by_data::check_indexed(&cx, workflow, &fields, &order).await?;
    }
    let requester = match (query.requester, cx.person.admin) {
        (None | Some(Whom::All), true) => None,
        (Some(Whom::All), false) => {
            return Err(Fault::forbidden("only admins may list all instances"));
        }
        (None | Some(Whom::Me), _) => Some(cx.person.id.clone()),
    };
    let filter = InstanceFilter {
        status: query.status,
        workflow: query.workflow,
        requester,
        subject_type: query.subject_type,
        fields,
        order,
        ..InstanceFilter::default()
    };
    let page = page(query.limit, query.cursor)?;
    let found = cx
        .app
        .engine
        .store()
        .instances(&cx.app.tenant, &filter, &page)
        .await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let people = found
        .items
        .iter()
        .filter_map(|row| row.requester.clone())
        .collect();
    let names = Names::of(&cx.app, people).await?;
    Ok(Json(List {
        items: InstanceItem::list(found.items, &names, &cx).await?,
        next_cursor: found.next.map(|cursor| cursor.0),
    }))
}

/// One instance.
pub(super) async fn one(cx: Cx, Path(id): Path<String>) -> Result<Json<InstanceDto>, Fault> {
    let view = cx.instance(&id).await?;
    Ok(Json(
        InstanceDto::of(&view, &cx).await?.with_actions(&view, &cx),
    ))
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub(super) struct LineDto {
    version: u64,
    at: String,
    /// The person; `null` for the engine and the host.
    by: Option<String>,
    /// `engine`, `host` or `person`.
    actor: &'static str,
    event: &'static str,
    /// The same in words.
    text: String,
    /// What was said with it.
    said: Option<String>,
    node: Option<String>,
    task: Option<String>,
}

/// What happened to an instance, from the beginning.
pub(super) async fn timeline(cx: Cx, Path(id): Path<String>) -> Result<Json<List<LineDto>>, Fault> {
    let view = cx.instance(&id).await?;
    let history = cx
        .app
        .engine
        .history(&cx.app.tenant, view.instance.id())
        .await?;
    let names = Names::of(&cx.app, people_of(&history)).await?;
    let lines = story(&history, &view.definition.graph, &names, cx.locale);
    let items = lines.into_iter().map(|line| LineDto {
        version: line.version,
        at: line.at.to_string(),
        by: line.by.person().map(ToString::to_string),
        actor: match line.by {
            By::Engine => "engine",
            By::Host => "host",
            By::Person(_) => "person",
        },
        event: line.event,
        text: line.text,
        said: line.said,
        node: line.node.map(|node| node.to_string()),
        task: line.task.map(|task| task.to_string()),
    });
    Ok(Json(List {
        items: items.collect(),
        next_cursor: None,
    }))
}

/// Which tasks of an instance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskQuery {
    limit: Option<u32>,
    cursor: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// The tasks of an instance, open and closed.
pub(super) async fn tasks(
    cx: Cx,
    Path(id): Path<String>,
    Params(query): Params<TaskQuery>,
) -> Result<Json<List<TaskDto>>, Fault> {
    let view = cx.instance(&id).await?;
    let page = page(query.limit, query.cursor)?;
    let filter = TaskFilter {
        whose: Whose::All,
        instance: Some(view.instance.id()),
        ..TaskFilter::default()
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

/// Why an instance is stopped.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    #[serde(default)]
    reason: String,
    /// Also while somebody works on a task.
    #[serde(default)]
    force: bool,
}

/// Takes the request back, as its requester.
pub(super) async fn withdraw(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |id| why.of(Call::withdraw(id))).await
}

/// Stops an instance.
pub(super) async fn cancel(
    cx: Cx,
    Path(id): Path<String>,
    Body(cancel): Body<Cancel>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |id| {
        let call = Call::cancel(id).reason(cancel.reason);
        if cancel.force { call.force() } else { call }
    })
    .await
}

/// Starts an instance that was attached before.
pub(super) async fn begin(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::begin).await
}

/// Puts an instance on hold.
pub(super) async fn hold(
    cx: Cx,
    Path(id): Path<String>,
    Body(why): Body<Why>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |id| why.of(Call::hold(id))).await
}

/// Lets an instance on hold go on.
pub(super) async fn resume(cx: Cx, Path(id): Path<String>) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, Call::resume).await
}

/// Merges keys into the data.
pub(super) async fn patch_data(
    cx: Cx,
    Path(id): Path<String>,
    Body(values): Body<Map<String, Value>>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |id| Call::set_data(id, values)).await
}

/// Merges keys into the metadata; those that are null go.
pub(super) async fn patch_metadata(
    cx: Cx,
    Path(id): Path<String>,
    Body(values): Body<Map<String, Value>>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |id| Call::set_metadata(id, values)).await
}

/// Gives a command about an instance that the person may see.
async fn act(
    cx: &Cx,
    id: &str,
    call: impl FnOnce(InstanceId) -> Call,
) -> Result<Json<Answer>, Fault> {
    let id = cx.instance(id).await?.instance.id();
    let done = cx.app.engine.call(cx.says(call(id))).await?;
    Ok(Json(Answer::after(done, None, cx).await?))
}
