//! Workflows: check, publish, list, one.

use axum::{
    Json,
    extract::{FromRequest, Path, Request},
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    ErrorKind, Format, Problem, WorkflowKey,
    core::schemas::FieldError,
    reading::{Structure, SystemReport},
};

use super::{body::Params, list::List};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{localized, start_schema, workflow_title},
};

/// The text of a definition with its format, from `Content-Type`; YAML when it says nothing else.
#[derive(Debug)]
pub(super) struct Source {
    text: String,
    format: Format,
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
        let format = match kind.as_str() {
            "application/json" => Format::Json,
            "" | "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml"
            | "text/plain" => Format::Yaml,
            other => {
                let message = format!("expected YAML or JSON, found `{other}`");
                return Err(Fault::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_media_type",
                    message,
                ));
            }
        };
        let bytes = axum::body::Bytes::from_request(request, state).await?;
        let text = String::from_utf8(bytes.into())
            .map_err(|_| Fault::malformed("the text is not UTF-8"))?;
        Ok(Self { text, format })
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
struct ProblemDto {
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
pub(super) async fn validate(_: Cx, source: Source) -> Json<Checked> {
    let problems = signoff::validate(&source.text, source.format);
    Json(Checked {
        valid: !problems.iter().any(Problem::is_error),
        problems: problems.iter().map(ProblemDto::from).collect(),
    })
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
    let published = cx
        .app
        .engine
        .publish(&cx.app.tenant, &[(&source.text, source.format)])
        .await;
    let published = published.map_err(|error| match error.kind() {
        ErrorKind::Definition => Fault {
            fields: error
                .problems()
                .iter()
                .filter(|problem| problem.is_error())
                .map(field)
                .collect(),
            ..Fault::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                error.code(),
                "the definition has errors",
            )
        },
        _ => error.into(),
    })?;
    let found = published.into_iter().next().ok_or_else(Fault::not_found)?;
    let status = if found.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let body = Published {
        key: found.id.workflow.to_string(),
        version: found.id.version,
        is_new: found.is_new,
        problems: found.warnings.iter().map(ProblemDto::from).collect(),
    };
    Ok((status, Json(body)))
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
    active: bool,
    version: u32,
    /// Whether this person may start it.
    may_start: bool,
    /// Groups, such as pipelines.
    groups: usize,
    stages: u32,
    approvals: u32,
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

/// All workflows.
pub(super) async fn list(cx: Cx, Params(query): Params<Query>) -> Result<Json<Workflows>, Fault> {
    let rows = cx
        .app
        .engine
        .store()
        .workflows(&cx.app.tenant)
        .await
        .map_err(signoff::Error::from)?;
    let mut items = Vec::with_capacity(rows.len());
    let wanted = |active: bool| query.active.is_none_or(|wanted| wanted == active);
    for row in rows.into_iter().filter(|row| wanted(row.is_active())) {
        items.push(one_of(&cx, &row.key).await?.item);
    }
    Ok(Json(Workflows {
        total_count: items.len(),
        statistics: cx.app.engine.system_report(&cx.app.tenant).await?,
        list: List {
            items,
            next_cursor: None,
        },
    }))
}

/// One workflow.
pub(super) async fn one(cx: Cx, Path(key): Path<String>) -> Result<Json<WorkflowDto>, Fault> {
    Ok(Json(one_of(&cx, &key.into()).await?))
}

async fn one_of(cx: &Cx, key: &WorkflowKey) -> Result<WorkflowDto, Fault> {
    let app = &cx.app;
    let row = app
        .engine
        .store()
        .workflow(&app.tenant, key)
        .await
        .map_err(signoff::Error::from)?;
    let row = row.ok_or_else(Fault::not_found)?;
    let definition = app
        .engine
        .definition(&app.tenant, key, Some(row.latest))
        .await?;
    let definition = definition.ok_or_else(Fault::not_found)?;
    let graph = &definition.graph;
    let structure = Structure::of(graph);
    let summary = structure.approvals();
    Ok(WorkflowDto {
        item: WorkflowItem {
            key: row.key.to_string(),
            title: workflow_title(graph, cx.locale),
            active: row.is_active(),
            version: row.latest,
            may_start: row.is_active() && cx.is_offered(graph),
            groups: structure
                .groups
                .iter()
                .filter(|group| group.key.is_some())
                .count(),
            stages: summary.stages,
            approvals: summary.total,
        },
        subject: graph.subject().map(ToOwned::to_owned),
        data: graph.data().map(|data| localized(&data.source, cx.locale)),
        form: Some(localized(&start_schema(graph), cx.locale)).filter(|form| !form.is_null()),
    })
}
