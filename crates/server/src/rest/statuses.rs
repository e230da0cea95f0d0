//! Steps: which statuses are possible, and setting one.

use axum::{Json, extract::Path};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signoff::{Call, StatusChoice, StepStatuses, WayChoice};

use super::{body::Body, command::Answer, decide::act};
use crate::{auth::Cx, fault::Fault, said::with};

/// A status to set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    status: String,
    /// The step to go on to, where several are possible.
    to: Option<String>,
    comment: Option<String>,
    form: Option<Value>,
    context: Option<Map<String, Value>>,
    /// Keys of the metadata that a transition of the step requires.
    metadata: Option<Map<String, Value>>,
}

/// The statuses of the step where an instance stands.
#[derive(Debug, Serialize)]
pub(super) struct Statuses {
    step: String,
    title: String,
    task: Option<String>,
    statuses: Vec<Choice>,
}

/// A status, and whether the reader may give it.
#[derive(Debug, Serialize)]
struct Choice {
    key: String,
    title: String,
    /// What setting it means.
    role: &'static str,
    category: Option<String>,
    color: Option<String>,
    icon: Option<String>,
    current: bool,
    /// Whether the reader may give it, if only what is filled is missing too.
    permitted: bool,
    /// Why not, as a stable code, or what is missing.
    code: Option<&'static str>,
    /// Why not, in words.
    detail: Option<String>,
    leads_to: Vec<String>,
    /// The same, each with whether the reader may go there, and why not.
    ways: Vec<Way>,
}

/// A step that a status may lead to.
#[derive(Debug, Serialize)]
struct Way {
    to: String,
    title: String,
    /// Whether the reader may go there, if only what is filled or noted is missing too.
    permitted: bool,
    /// Whether a transition there may be taken as things stand.
    open: bool,
    /// What the document says while its condition does not hold.
    reason: Option<String>,
    code: Option<&'static str>,
    detail: Option<String>,
}

/// Gives the step of a task another status.
pub(super) async fn set(
    cx: Cx,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Answer>, Fault> {
    act(&cx, &id, |task| {
        let call = with(Call::set_status(task, change.status), change.to, Call::to);
        let call = with(call, change.comment, Call::comment);
        let call = with(call, change.form, Call::form);
        let call = with(call, change.metadata, Call::metadata);
        with(call, change.context, Call::context)
    })
    .await
}

/// The statuses that are possible now; 404 where the instance has no steps.
pub(super) async fn list(cx: Cx, Path(id): Path<String>) -> Result<Json<Statuses>, Fault> {
    let view = cx.instance(&id).await?;
    let engine = &cx.app.engine;
    let id = view.instance.id();
    let found = engine
        .statuses(&cx.app.tenant, id, Some(&cx.person.id))
        .await?;
    let found = found.ok_or_else(Fault::not_found)?;
    Ok(Json(Statuses::of(found, &cx)))
}

impl Statuses {
    fn of(found: StepStatuses, cx: &Cx) -> Self {
        let statuses = found.statuses.into_iter();
        Self {
            step: found.step.to_string(),
            title: cx.locale.of_text(&found.title),
            task: found.task.map(|task| task.to_string()),
            statuses: statuses.map(|choice| Choice::of(choice, cx)).collect(),
        }
    }
}

impl Choice {
    fn of(choice: StatusChoice, cx: &Cx) -> Self {
        let permitted = choice.is_permitted();
        Self {
            key: choice.key,
            title: cx.locale.of_text(&choice.status.title),
            role: choice.status.role.as_str(),
            category: choice.status.category,
            color: choice.status.color,
            icon: choice.status.icon,
            current: choice.current,
            permitted,
            code: choice.refused.as_ref().map(|refused| refused.code.as_str()),
            detail: choice.refused.map(|refused| refused.message),
            leads_to: choice.leads_to.iter().map(ToString::to_string).collect(),
            ways: choice
                .ways
                .into_iter()
                .map(|way| Way::of(way, cx))
                .collect(),
        }
    }
}

impl Way {
    fn of(way: WayChoice, cx: &Cx) -> Self {
        let permitted = way.is_permitted();
        Self {
            to: way.to.to_string(),
            title: cx.locale.of_text(&way.title),
            permitted,
            open: way.open,
            reason: way.reason.map(|text| cx.locale.of_text(&text)),
            code: way.refused.as_ref().map(|refused| refused.code.as_str()),
            detail: way.refused.map(|refused| refused.message),
        }
    }
}
