//! Instances: start, lists, one, its timeline and tasks, cancel.

use axum::{
    Json,
    extract::Path,
    http::{HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signoff::{
    Call, InstanceId, RunAction, Start,
    core::id::{PersonId, Subject},
    lists::{Asked, INSTANCE_FIELDS},
    store::{InstanceFilter, TaskFilter, Whose},
};

use super::{
    actions::told,
    body::{Body, Params},
    command::{Answer, Why},
    grammar::{InBody, InQuery},
    instance_dto::{InstanceDto, InstanceItem},
    list::{List, page},
    task_dto::TaskDto,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, people_of, story},
    said::with,
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

/// The person's own instances; all of them for admins.
pub(super) async fn list(cx: Cx, query: InQuery) -> Result<Json<List<InstanceItem>>, Fault> {
    found(&cx, query.read(&[INSTANCE_FIELDS])?).await
}

/// The same, asked in a body.
pub(super) async fn search(cx: Cx, body: InBody) -> Result<Json<List<InstanceItem>>, Fault> {
    found(&cx, body.read(&[INSTANCE_FIELDS])?).await
}

async fn found(cx: &Cx, asked: Asked) -> Result<Json<List<InstanceItem>>, Fault> {
    let filter = InstanceFilter {
        requester: requester(cx, asked.text("requester"))?,
        ..asked.instances()?
    };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let found = engine
        .find_instances(tenant, &filter, &asked.part()?)
        .await?;
    let people = found.page.items.iter();
    let people = people.filter_map(|row| row.requester.clone()).collect();
    let names = Names::of(&cx.app, people).await?;
    let items = InstanceItem::list(found.page.items.clone(), &names, cx).await?;
    Ok(Json(List::part(items, found.page).total(found.total)))
}

/// Whose instances: `me`, somebody's or `all`. Only admins see those of others, and all when they do not
/// say.
fn requester(cx: &Cx, who: Option<&str>) -> Result<Option<PersonId>, Fault> {
    let me = &cx.person.id;
    match (who, cx.person.admin) {
        (None | Some("all"), true) => Ok(None),
        (None | Some("me"), _) => Ok(Some(me.clone())),
        (Some("all"), false) => Err(Fault::forbidden("only admins may list all instances")),
        (Some(id), admin) if admin || id == me.as_str() => Ok(Some(id.into())),
        (Some(_), _) => Err(Fault::forbidden(
            "only admins may list what others asked for",
        )),
    }
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
        actor: line.by.kind(),
        event: line.event,
        text: line.text,
        said: line.said,
        node: line.node.map(|node| node.to_string()),
        task: line.task.map(|task| task.to_string()),
    });
    Ok(Json(List::whole(items.collect())))
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
    let items = TaskDto::of(&found.items, &cx).await?;
    Ok(Json(List::part(items, found)))
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

/// An action that is to run once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OneOff {
    /// What it does, as in a document.
    action: Value,
}

/// Runs an action once, beside what the definition says; for managers.
pub(super) async fn run_action(
    cx: Cx,
    Path(id): Path<String>,
    Body(asked): Body<OneOff>,
) -> Result<Json<Answer>, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    let run = RunAction::of(id, asked.action)
        .tenant(cx.app.tenant.clone())
        .by(cx.person.id.clone());
    let run = with(run, cx.once.clone(), RunAction::once);
    let done = cx.app.engine.run_action(run).await.map_err(told)?;
    Ok(Json(Answer::after(done, None, &cx).await?))
}
