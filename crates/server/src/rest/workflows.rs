//! Workflows: check, publish, list, one.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Path, Request},
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    ErrorKind, Format, Problem, PublishedDefinition, WorkflowKey,
    core::{schemas::FieldError, text::Text},
    definition::{bpmn, draft::Strategy, to_yaml},
    reading::{Structure, SystemReport},
};

use super::{body::Params, list::List};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{localized, start_schema, workflow_title},
};

/// The text of a definition with its format, from `Content-Type`; YAML when it says nothing else.
///
/// A document of BPMN is taken as the definition that it is imported as, or as the problems of that.
#[derive(Debug)]
pub(super) struct Source(Result<(String, Format), Vec<Problem>>);

/// A text, whatever it is said to be.
#[derive(Debug)]
pub(super) struct Utf8(pub(super) String);

impl<S: Send + Sync> FromRequest<S> for Utf8 {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let bytes = Bytes::from_request(request, state).await?;
        let text = String::from_utf8(bytes.into());
        text.map(Self)
            .map_err(|_| Fault::malformed("the text is not UTF-8"))
    }
}

impl Source {
    /// The text and its format.
    pub(super) fn read(self) -> Result<(String, Format), Fault> {
        self.0.map_err(|problems| invalid(&problems))
    }
}

/// What `Content-Type` says a text is.
enum Kind {
    Bpmn,
    Text(Format),
}

impl<S: Send + Sync> FromRequest<S> for Source {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let kind = match kind.as_str() {
            "application/json" => Kind::Text(Format::Json),
            "" | "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml"
            | "text/plain" => Kind::Text(Format::Yaml),
            "application/xml" | "text/xml" => Kind::Bpmn,
            other => {
                let message = format!("expected YAML, JSON or BPMN, found `{other}`");
                return Err(Fault::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_media_type",
                    message,
                ));
            }
        };
        let Utf8(text) = Utf8::from_request(request, state).await?;
        Ok(Self(match kind {
            Kind::Bpmn => bpmn::import(&text).map(|document| (to_yaml(&document), Format::Yaml)),
            Kind::Text(format) => Ok((text, format)),
        }))
    }
}

/// What a check found.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    valid: bool,
    problems: Vec<ProblemDto>,
}

/// One problem of a definition.
#[derive(Debug, Serialize)]
pub(super) struct ProblemDto {
    code: &'static str,
    severity: &'static str,
    pointer: String,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
    help: Option<String>,
}

impl From<&Problem> for ProblemDto {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code,
            severity: if problem.is_error() {
                "error"
            } else {
                "warning"
            },
            pointer: problem.path.to_string(),
            line: problem.position.map(|position| position.line),
            column: problem.position.map(|position| position.column),
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}

/// Checks a definition; nothing is written.
pub(super) async fn validate(cx: Cx, source: Source) -> Result<Json<Checked>, Fault> {
    let problems = match source.0 {
        Ok((text, format)) => {
            let engine = &cx.app.engine;
            engine.check(&cx.app.tenant, &text, format).await?
        }
        Err(problems) => problems,
    };
    Ok(Json(Checked {
        valid: !problems.iter().any(Problem::is_error),
        problems: problems.iter().map(ProblemDto::from).collect(),
    }))
}

/// What publishing came to.
#[derive(Debug, Serialize)]
pub(super) struct Published {
    key: String,
    version: u32,
    is_new: bool,
    problems: Vec<ProblemDto>,
}

/// Publishes a definition; for admins.
pub(super) async fn publish(
    cx: Cx,
    source: Source,
) -> Result<(StatusCode, Json<Published>), Fault> {
    if !cx.person.admin {
        return Err(Fault::forbidden("only admins may publish"));
    }
    let (text, format) = source.read()?;
    let published = cx
        .app
        .engine
        .publish(&cx.app.tenant, &[(&text, format)])
        .await;
    let published = published.map_err(|error| match error.kind() {
        ErrorKind::Definition => invalid(error.problems()),
        _ => error.into(),
    })?;
    let found = published.into_iter().next().ok_or_else(Fault::not_found)?;
    Ok(Published::answer(&found))
}

impl Published {
    /// What is told of a published version.
    pub(super) fn answer(found: &PublishedDefinition) -> (StatusCode, Json<Self>) {
        let status = if found.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        let body = Self {
            key: found.id.workflow.to_string(),
            version: found.id.version,
            is_new: found.is_new,
            problems: found.warnings.iter().map(ProblemDto::from).collect(),
        };
        (status, Json(body))
    }
}

/// A definition that cannot be taken, with its errors.
pub(super) fn invalid(problems: &[Problem]) -> Fault {
    let errors = problems.iter().filter(|problem| problem.is_error());
    Fault {
        fields: errors.map(field).collect(),
        ..Fault::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "definition_invalid",
            "the definition has errors",
        )
    }
}

fn field(problem: &Problem) -> FieldError {
    let place = problem
        .position
        .map(|at| format!("line {}, column {}: ", at.line, at.column));
    FieldError {
        pointer: problem.path.clone(),
        code: problem.code.to_owned(),
        message: format!("{}{}", place.unwrap_or_default(), problem.message),
    }
}

/// A workflow as a list shows it.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowItem {
    key: String,
    title: String,
    /// The title in every language.
    titles: Text,
    description: Option<Text>,
    /// `draft`, `active` or `inactive`.
    status: &'static str,
    /// Whether new instances may start.
    active: bool,
    hidden: bool,
    owner: Option<String>,
    /// The newest version; 0 while nothing is published.
    version: u32,
    has_draft: bool,
    /// Of an approval: 1, 2 or 3.
    strategy: Option<u8>,
    pipelines: usize,
    /// Whether this person may start it.
    may_start: bool,
    /// Groups, such as pipelines.
    groups: usize,
    stages: u32,
    approvals: u32,
}

impl WorkflowItem {
    pub(super) async fn new(cx: &Cx, item: &signoff::WorkflowItem) -> Result<Self, Fault> {
        let row = &item.row;
        let definition = match row.latest {
            0 => None,
            latest => {
                let engine = &cx.app.engine;
                engine
                    .definition(&cx.app.tenant, &row.key, Some(latest))
                    .await?
            }
        };
        let title = match &definition {
            Some(found) => workflow_title(&found.graph, cx.locale),
            None => cx.locale.of_text(&item.title),
        };
        let structure = definition.as_ref().map(|found| Structure::of(&found.graph));
        let summary = structure.as_ref().map(Structure::approvals);
        let groups = structure.as_ref().map_or(0, |structure| {
            let groups = structure.groups.iter();
            groups.filter(|group| group.key.is_some()).count()
        });
        let may_start = definition.is_some_and(|found| cx.is_offered(&found.graph));
        Ok(Self {
            key: row.key.to_string(),
            title,
            titles: item.title.clone(),
            description: item.description.clone(),
            status: row.status.as_str(),
            active: row.is_active(),
            hidden: row.hidden,
            owner: row.owner.clone(),
            version: row.latest,
            has_draft: row.has_draft,
            strategy: item.strategy.map(Strategy::number),
            pipelines: item.pipelines,
            may_start: may_start && row.is_active(),
            groups,
            stages: summary.as_ref().map_or(0, |summary| summary.stages),
            approvals: summary.as_ref().map_or(0, |summary| summary.total),
        })
    }
}

/// A workflow with what is needed to start it.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowDto {
    #[serde(rename = "workflow")]
    item: WorkflowItem,
    /// The type of subject that its instances are about.
    subject: Option<String>,
    /// The JSON Schema of the data, its titles in the reader's language.
    data: Option<Value>,
    /// The JSON Schema of what is asked at the start; `null` when nothing is.
    form: Option<Value>,
}

/// Which workflows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only those that take new instances, or only the others.
    active: Option<bool>,
    /// Whether the hidden ones are listed too; for admins.
    #[serde(default)]
    hidden: bool,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// The workflows that were asked for, with counts.
#[derive(Debug, Serialize)]
pub(super) struct Workflows {
    #[serde(flatten)]
    list: List<WorkflowItem>,
    total_count: usize,
    /// Of all workflows of the tenant, asked for or not.
    statistics: SystemReport,
}

/// All workflows: what is published; for admins what has only a draft, too.
pub(super) async fn list(cx: Cx, Params(query): Params<Query>) -> Result<Json<Workflows>, Fault> {
    let workflows = cx.app.engine.workflows(&cx.app.tenant);
    let admin = cx.person.admin;
    let wanted = |active: bool| query.active.is_none_or(|wanted| wanted == active);
    let mut items = Vec::new();
    for item in workflows.list(query.hidden && admin).await? {
        if wanted(item.row.is_active()) && (admin || item.row.latest > 0) {
            items.push(WorkflowItem::new(&cx, &item).await?);
        }
    }
    Ok(Json(Workflows {
        total_count: items.len(),
        statistics: cx.app.engine.system_report(&cx.app.tenant).await?,
        list: List::whole(items),
    }))
}

/// One workflow.
pub(super) async fn one(cx: Cx, Path(key): Path<String>) -> Result<Json<WorkflowDto>, Fault> {
    let app = &cx.app;
    let key = WorkflowKey::from(key);
    let item = app.engine.workflows(&app.tenant).one(&key).await?;
    let item = item.filter(|item| cx.person.admin || item.row.latest > 0);
    let item = item.ok_or_else(Fault::not_found)?;
    let shown = WorkflowItem::new(&cx, &item).await?;
    let definition = match item.row.latest {
        0 => None,
        latest => {
            app.engine
                .definition(&app.tenant, &key, Some(latest))
                .await?
        }
    };
    let graph = definition.as_ref().map(|found| &found.graph);
    let data = graph.and_then(|graph| graph.data());
    let form = graph.map(|graph| localized(&start_schema(graph), cx.locale));
    Ok(Json(WorkflowDto {
        item: shown,
        subject: graph
            .and_then(|graph| graph.subject())
            .map(ToOwned::to_owned),
        data: data.map(|data| localized(&data.source, cx.locale)),
        form: form.filter(|form| !form.is_null()),
    }))
}
