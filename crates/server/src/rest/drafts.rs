//! Drafts of workflows: written and edited under `If-Match`, published when complete.

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{
    Content, DraftView, Format, NotDone, Refusal, RefusalCode, WorkflowKey, Workflows,
    core::text::Text,
    definition::draft::{Edit, Element, PipelineOutline, StageOutline, Strategy},
    store::{WorkflowChange, WorkflowStatus},
};

use super::{
    body::{Body, Params},
    workflows::{ProblemDto, Published, Source, WorkflowItem},
};
use crate::{auth::Cx, fault::Fault};

/// A draft with everything that an editor shows.
#[derive(Debug, Serialize)]
pub(super) struct DraftDto {
    workflow: String,
    revision: u64,
    status: &'static str,
    /// The newest published version; 0 while there is none.
    version: u32,
    strategy: Option<u8>,
    format: &'static str,
    source: String,
    document: Value,
    changed_by: Option<String>,
    changed_at: String,
    report: ReportDto,
}

/// What a draft has and lacks.
#[derive(Debug, Serialize)]
struct ReportDto {
    is_complete: bool,
    /// The first thing that is missing or wrong.
    message: Option<String>,
    /// Where that is.
    element: Option<ElementDto>,
    is_active: bool,
    can_be_activated: bool,
    problems: Vec<ProblemDto>,
    pipelines: Vec<PipelineDto>,
}

#[derive(Debug, Serialize)]
struct ElementDto {
    kind: &'static str,
    key: String,
    pointer: String,
}

#[derive(Debug, Serialize)]
struct PipelineDto {
    key: String,
    title: Text,
    order: usize,
    pointer: String,
    department: Option<DepartmentDto>,
    approvals: usize,
    is_complete: bool,
    stages: Vec<StageDto>,
}

#[derive(Debug, Serialize)]
struct DepartmentDto {
    r#type: String,
    id: String,
    name: Option<Text>,
}

#[derive(Debug, Serialize)]
struct StageDto {
    key: String,
    title: Text,
    order: usize,
    pointer: String,
    color: String,
    approvals: usize,
    is_active: bool,
}

/// A draft, its revision as the entity tag.
pub(super) type Answer = (StatusCode, HeaderMap, Json<DraftDto>);

/// The revision that a request means: `If-Match: "3"`.
#[derive(Debug)]
pub(super) struct Revision(u64);

impl<S: Sync> FromRequestParts<S> for Revision {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let tag = parts.headers.get(header::IF_MATCH);
        let tag = tag.and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let number = tag
            .trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .parse();
        number
            .map(Self)
            .map_err(|_| Fault::malformed("name the revision that you edit: `If-Match: \"1\"`"))
    }
}

/// What a draft begins with: a document, a text, or else what is published.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    document: Option<Value>,
    source: Option<String>,
    format: Option<String>,
    strategy: Option<u8>,
    version: Option<u32>,
}

/// Edits of parts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edits {
    edits: Vec<Edit>,
}

/// The query of a whole draft.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    strategy: Option<u8>,
}

/// What changes of a workflow beside its content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    status: Option<String>,
    hidden: Option<bool>,
    /// `""` is nobody's.
    owner: Option<String>,
}

/// What a copy is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Copy {
    key: String,
    title: Option<Text>,
    version: Option<u32>,
}

/// The draft, for admins.
pub(super) async fn one(cx: Cx, Path(key): Path<String>) -> Result<Answer, Fault> {
    if !cx.person.admin {
        return Err(Fault::not_found());
    }
    let draft = workflows(&cx).draft(&key.into()).await?;
    Ok(answer(StatusCode::OK, draft.ok_or_else(Fault::not_found)?))
}

/// Begins a draft.
pub(super) async fn begin(
    cx: Cx,
    Path(key): Path<String>,
    Body(new): Body<New>,
) -> Result<Answer, Fault> {
    let key = WorkflowKey::from(key);
    let strategy = strategy(new.strategy)?;
    let format = match new.format.as_deref() {
        None => Format::Yaml,
        Some(word) => Format::of_word(&word.to_lowercase())
            .ok_or_else(|| Fault::malformed(format!("`{word}` is not a known format")))?,
    };
    let content = match (new.document, new.source) {
        (Some(_), Some(_)) => return Err(Fault::malformed("give a document or a source")),
        (Some(document), None) => Some(Content::Document(document)),
        (None, Some(source)) => Some(Content::Text { source, format }),
        (None, None) => None,
    };
    let workflows = workflows(&cx);
    let draft = match content {
        Some(content) => workflows.write(&key, None, content, strategy).await?,
        None => workflows.open(&key, new.version).await?,
    };
    Ok(answer(StatusCode::CREATED, draft))
}

/// Replaces a draft by a text.
pub(super) async fn write(
    cx: Cx,
    Path(key): Path<String>,
    Params(wanted): Params<Wanted>,
    Revision(revision): Revision,
    source: Source,
) -> Result<Answer, Fault> {
    let (text, format) = source.read()?;
    let content = Content::Text {
        source: text,
        format,
    };
    let strategy = strategy(wanted.strategy)?;
    let written = workflows(&cx)
        .write(&key.into(), Some(revision), content, strategy)
        .await;
    Ok(answer(StatusCode::OK, written.map_err(stale)?))
}

/// Edits parts of a draft.
pub(super) async fn edit(
    cx: Cx,
    Path(key): Path<String>,
    Revision(revision): Revision,
    Body(body): Body<Edits>,
) -> Result<Answer, Fault> {
    let edited = workflows(&cx)
        .edit(&key.into(), revision, &body.edits)
        .await;
    Ok(answer(StatusCode::OK, edited.map_err(stale)?))
}

/// Throws a draft away.
pub(super) async fn discard(
    cx: Cx,
    Path(key): Path<String>,
    Revision(revision): Revision,
) -> Result<StatusCode, Fault> {
    let discarded = workflows(&cx).discard(&key.into(), revision).await;
    discarded.map_err(stale)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Publishes a draft.
pub(super) async fn publish(
    cx: Cx,
    Path(key): Path<String>,
    Revision(revision): Revision,
) -> Result<(StatusCode, Json<Published>), Fault> {
    let published = workflows(&cx).publish(&key.into(), revision).await;
    Ok(Published::answer(&published.map_err(stale)?))
}

/// Begins a workflow as a copy of another one.
pub(super) async fn copy(
    cx: Cx,
    Path(key): Path<String>,
    Body(copy): Body<Copy>,
) -> Result<Answer, Fault> {
    let to = WorkflowKey::from(copy.key);
    let draft = workflows(&cx)
        .copy(&key.into(), copy.version, &to, copy.title)
        .await?;
    Ok(answer(StatusCode::CREATED, draft))
}

/// Changes status, owner, and whether lists show it.
pub(super) async fn change(
    cx: Cx,
    Path(key): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<WorkflowItem>, Fault> {
    let status = change.status.map(|word| {
        let unknown = || Fault::malformed(format!("`{word}` is not a known status"));
        WorkflowStatus::of(&word).ok_or_else(unknown)
    });
    let owner = change
        .owner
        .map(|owner| Some(owner).filter(|owner| !owner.is_empty()));
    let change = WorkflowChange {
        status: status.transpose()?,
        hidden: change.hidden,
        owner,
    };
    let changed = workflows(&cx).change(&key.into(), &change).await?;
    Ok(Json(WorkflowItem::new(&cx, &changed).await?))
}

/// Deletes a workflow that nobody has started.
pub(super) async fn delete(cx: Cx, Path(key): Path<String>) -> Result<StatusCode, Fault> {
    workflows(&cx).delete(&key.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn workflows(cx: &Cx) -> Workflows {
    let workflows = cx.app.engine.workflows(&cx.app.tenant);
    workflows.by(cx.person.id.clone())
}

fn strategy(number: Option<u8>) -> Result<Option<Strategy>, Fault> {
    let known = |number| {
        let unknown = || Fault::malformed(format!("`{number}` is not a known strategy: 1, 2 or 3"));
        Strategy::of_number(number).ok_or_else(unknown)
    };
    number.map(known).transpose()
}

/// Who edits what is no longer there has a stale entity tag.
fn stale(not_done: NotDone) -> Fault {
    match not_done {
        NotDone::Refused(Refusal {
            code: RefusalCode::Conflict,
            message,
            ..
        }) => Fault::new(
            StatusCode::PRECONDITION_FAILED,
            RefusalCode::Conflict.as_str(),
            message,
        ),
        other => other.into(),
    }
}

fn answer(status: StatusCode, draft: DraftView) -> Answer {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", draft.revision)) {
        headers.insert(header::ETAG, tag);
    }
    (status, headers, Json(DraftDto::from(draft)))
}

impl From<DraftView> for DraftDto {
    fn from(draft: DraftView) -> Self {
        let report = ReportDto::new(&draft);
        Self {
            workflow: draft.workflow.key.to_string(),
            revision: draft.revision,
            status: draft.workflow.status.as_str(),
            version: draft.workflow.latest,
            strategy: draft.report.outline.strategy.map(Strategy::number),
            format: draft.format.as_str(),
            source: draft.source,
            document: draft.document,
            changed_by: draft.changed_by.map(|person| person.to_string()),
            changed_at: draft.changed_at.to_string(),
            report,
        }
    }
}

impl ReportDto {
    fn new(draft: &DraftView) -> Self {
        let report = &draft.report;
        let element = |first: &Element| ElementDto {
            kind: first.kind.as_str(),
            key: first.key.clone(),
            pointer: first.path.to_string(),
        };
        let pipelines = report.outline.pipelines.iter();
        Self {
            is_complete: report.is_complete(),
            message: report.message().map(str::to_owned),
            element: report.outline.first.as_ref().map(element),
            is_active: report.is_active,
            can_be_activated: report.can_be_activated,
            problems: report.problems.iter().map(ProblemDto::from).collect(),
            pipelines: pipelines
                .map(|found| PipelineDto::new(found, draft))
                .collect(),
        }
    }
}

impl PipelineDto {
    fn new(outline: &PipelineOutline, draft: &DraftView) -> Self {
        let names = &draft.report.departments;
        let department = outline.department.as_ref().map(|department| DepartmentDto {
            r#type: department.kind.clone(),
            id: department.id.clone(),
            name: names.get(department).cloned(),
        });
        Self {
            key: outline.key.clone(),
            title: outline.title.clone(),
            order: outline.order,
            pointer: outline.path.to_string(),
            department,
            approvals: outline.approvals,
            is_complete: outline.is_complete,
            stages: outline.stages.iter().map(StageDto::from).collect(),
        }
    }
}

impl From<&StageOutline> for StageDto {
    fn from(outline: &StageOutline) -> Self {
        Self {
            key: outline.key.clone(),
            title: outline.title.clone(),
            order: outline.order,
            pointer: outline.path.to_string(),
            color: outline.color.clone(),
            approvals: outline.approvals,
            is_active: outline.is_active,
        }
    }
}
