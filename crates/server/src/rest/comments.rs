//! What people say of instances and tasks, besides their decisions.

use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use signoff::{Call, InstanceId, TaskId, core::actor::By};

use super::{body::Body, command::Answer, instance_dto::PersonDto, list::List};
use crate::{auth::Cx, fault::Fault, read::Names};

/// Something to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    #[serde(default)]
    comment: String,
}

/// Something that was said.
#[derive(Debug, Serialize)]
pub(super) struct CommentDto {
    at: String,
    /// The person; `null` when the host or the engine speaks.
    by: Option<PersonDto>,
    /// The task that it is about, if it is about one.
    task: Option<String>,
    text: String,
}

/// What was said of an instance and its tasks, oldest first.
pub(super) async fn of_instance(
    cx: Cx,
    Path(id): Path<String>,
) -> Result<Json<List<CommentDto>>, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    thread(&cx, id, None).await
}

/// What was said of a task, oldest first.
pub(super) async fn of_task(
    cx: Cx,
    Path(id): Path<String>,
) -> Result<Json<List<CommentDto>>, Fault> {
    let view = cx.task(&id).await?;
    thread(&cx, view.instance.id(), Some(view.task.id)).await
}

/// Says something of an instance.
pub(super) async fn say_of_instance(
    cx: Cx,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Json<Answer>, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    let call = Call::comment_instance(id).comment(said.comment);
    let done = cx.app.engine.call(cx.says(call)).await?;
    Ok(Json(Answer::after(done, None, &cx).await?))
}

/// Says something of a task.
pub(super) async fn say_of_task(
    cx: Cx,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Json<Answer>, Fault> {
    let task = cx.task(&id).await?.task.id;
    let call = Call::comment_task(task).comment(said.comment);
    let done = cx.app.engine.call(cx.says(call)).await?;
    Ok(Json(Answer::after(done, Some(task), &cx).await?))
}

async fn thread(
    cx: &Cx,
    instance: InstanceId,
    task: Option<TaskId>,
) -> Result<Json<List<CommentDto>>, Fault> {
    let said = cx.app.engine.comments(&cx.app.tenant, instance).await?;
    let people = said.iter().filter_map(|said| said.by.person().cloned());
    let names = Names::of(&cx.app, people.collect()).await?;
    let shown = said.into_iter();
    let shown = shown.filter(|said| task.is_none() || said.task == task);
    let items = shown.map(|said| CommentDto {
        at: said.at.to_string(),
        by: match &said.by {
            By::Person(id) => Some(PersonDto::new(id, &names)),
            By::Engine | By::Host => None,
        },
        task: said.task.map(|task| task.to_string()),
        text: said.text,
    });
    Ok(Json(List::whole(items.collect())))
}
