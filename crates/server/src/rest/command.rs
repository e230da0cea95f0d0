//! What commands take and answer alike: the new representation, and which tasks come next.

use serde::{Deserialize, Serialize};
use signoff::{
    Call, Done, InstanceId, InstanceView, TaskId,
    store::{PageRequest, TaskFilter, TaskSummary, Whose},
};

use super::{instance_dto::InstanceDto, task_dto::TaskDto};
use crate::{auth::Cx, fault::Fault, said::with};

/// Why something is done; nothing need be said.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Why {
    reason: Option<String>,
}

impl Why {
    pub(super) fn of(self, call: Call) -> Call {
        with(call, self.reason, Call::reason)
    }
}

/// What a command answers.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    instance: InstanceDto,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskDto>,
    next_tasks: Vec<TaskDto>,
    notices: Vec<&'static str>,
}

impl Answer {
    /// The answer after `done`, which was about `task` when it was about one.
    pub(super) async fn after(done: Done, task: Option<TaskId>, cx: &Cx) -> Result<Self, Fault> {
        let view = cx.app.engine.instance(&cx.app.tenant, done.id()).await?;
        let view = view.ok_or_else(Fault::not_found)?;
        let task = match task {
            Some(id) => task_dto(id, cx).await?,
            None => None,
        };
        Ok(Self {
            instance: InstanceDto::of(&view, cx).await?,
            task,
            next_tasks: next_tasks(&view, cx).await?,
            notices: done.notices,
        })
    }
}

/// The task as JSON.
pub(super) async fn task_dto(id: TaskId, cx: &Cx) -> Result<Option<TaskDto>, Fault> {
    let found = cx.app.engine.store().task(&cx.app.tenant, id).await;
    let found: Vec<TaskSummary> = found.map_err(signoff::Error::from)?.into_iter().collect();
    Ok(TaskDto::of(&found, cx).await?.into_iter().next())
}

/// The open tasks of the instance that the person has or may take.
async fn next_tasks(view: &InstanceView, cx: &Cx) -> Result<Vec<TaskDto>, Fault> {
    let mut found = Vec::new();
    for whose in [
        Whose::HeldBy(cx.person.id.clone()),
        Whose::AvailableTo(cx.person.clone()),
    ] {
        let tasks = tasks_of(view.instance.id(), whose, &PageRequest::default(), cx).await?;
        found.extend(tasks);
    }
    TaskDto::of(&found, cx).await
}

async fn tasks_of(
    instance: InstanceId,
    whose: Whose,
    page: &PageRequest,
    cx: &Cx,
) -> Result<Vec<TaskSummary>, Fault> {
    let filter = TaskFilter {
        whose,
        instance: Some(instance),
        ..TaskFilter::default()
    };
    let found = cx
        .app
        .engine
        .store()
        .tasks(&cx.app.tenant, &filter, page)
        .await;
    Ok(found
        .map_err(|error| Fault::list(error, page.after.is_some()))?
        .items)
}
