//! Files: uploaded as they are, referred to by data and forms, given to those who may see them.

use std::fmt::Write as _;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use signoff::{FileId, Upload, store::FileRow};

use super::{body::Params, instance_dto::PersonDto, list::List};
use crate::{auth::Cx, fault::Fault, read::Names, said::with};

/// What a file is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Called {
    #[serde(default)]
    name: String,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A file without its content.
#[derive(Debug, Serialize)]
pub(super) struct FileDto {
    id: String,
    /// What data and forms hold in its place.
    reference: String,
    /// Where its content is.
    url: String,
    name: String,
    content_type: String,
    size: u64,
    /// Of the content, lowercase hex.
    sha256: String,
    instance: Option<String>,
    task: Option<String>,
    uploaded_by: Option<PersonDto>,
    uploaded_at: String,
}

impl FileDto {
    pub(super) async fn list(rows: Vec<FileRow>, cx: &Cx) -> Result<Vec<Self>, Fault> {
        let people = rows.iter().filter_map(|row| row.uploaded_by.clone());
        let names = Names::of(&cx.app, people.collect()).await?;
        let dto = |row: FileRow| Self {
            id: row.id.to_string(),
            reference: row.id.reference(),
            url: cx
                .app
                .base
                .link(&format!("/api/v1/files/{}/content", row.id)),
            name: row.name,
            content_type: row.content_type,
            size: row.size,
            sha256: row.sha256,
            instance: row.instance.map(|id| id.to_string()),
            task: row.task.map(|id| id.to_string()),
            uploaded_by: row.uploaded_by.map(|id| PersonDto::new(&id, &names)),
            uploaded_at: row.uploaded_at.to_string(),
        };
        Ok(rows.into_iter().map(dto).collect())
    }
}

type Content = Result<Bytes, BytesRejection>;
type Created = (StatusCode, Json<FileDto>);

/// Keeps a file that nothing refers to yet; a start or a form may.
pub(super) async fn upload(
    cx: Cx,
    Params(called): Params<Called>,
    headers: HeaderMap,
    content: Content,
) -> Result<Created, Fault> {
    keep(&cx, read(&called, &headers, content)?).await
}

/// Adds a file to an instance.
pub(super) async fn add_to_instance(
    cx: Cx,
    Path(id): Path<String>,
    Params(called): Params<Called>,
    headers: HeaderMap,
    content: Content,
) -> Result<Created, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    keep(&cx, read(&called, &headers, content)?.to_instance(id)).await
}

/// Adds a file to a task.
pub(super) async fn add_to_task(
    cx: Cx,
    Path(id): Path<String>,
    Params(called): Params<Called>,
    headers: HeaderMap,
    content: Content,
) -> Result<Created, Fault> {
    let id = cx.task(&id).await?.task.id;
    keep(&cx, read(&called, &headers, content)?.to_task(id)).await
}

fn read(called: &Called, headers: &HeaderMap, content: Content) -> Result<Upload, Fault> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content = content.map_err(Fault::from)?;
    Ok(Upload::new(&called.name, content.to_vec()).content_type(content_type.unwrap_or_default()))
}

async fn keep(cx: &Cx, upload: Upload) -> Result<Created, Fault> {
    let upload = upload
        .tenant(cx.app.tenant.clone())
        .by(cx.person.id.clone());
    let id = cx.attempt.map(|attempt| FileId::new(attempt.id));
    let upload = with(upload, id, Upload::id);
    let row = cx.app.engine.upload(upload).await?;
    let mut kept = FileDto::list(vec![row], cx).await?;
    let dto = kept.pop().ok_or_else(Fault::not_found)?;
    Ok((StatusCode::CREATED, Json(dto)))
}

/// The files that an instance refers to, the first uploaded first.
pub(super) async fn of_instance(
    cx: Cx,
    Path(id): Path<String>,
) -> Result<Json<List<FileDto>>, Fault> {
    let id = cx.instance(&id).await?.instance.id();
    let rows = cx.app.engine.files_of(&cx.app.tenant, id).await?;
    listed(rows, &cx).await
}

/// The files that were added to a task.
pub(super) async fn of_task(cx: Cx, Path(id): Path<String>) -> Result<Json<List<FileDto>>, Fault> {
    let view = cx.task(&id).await?;
    let (instance, task) = (view.instance.id(), view.task.id);
    let mut rows = cx.app.engine.files_of(&cx.app.tenant, instance).await?;
    rows.retain(|row| row.task == Some(task));
    listed(rows, &cx).await
}

async fn listed(rows: Vec<FileRow>, cx: &Cx) -> Result<Json<List<FileDto>>, Fault> {
    Ok(Json(List::whole(FileDto::list(rows, cx).await?)))
}

/// A file without its content.
pub(super) async fn one(cx: Cx, Path(id): Path<String>) -> Result<Json<FileDto>, Fault> {
    let row = seen(&cx, &id).await?;
    let mut found = FileDto::list(vec![row], &cx).await?;
    found.pop().map(Json).ok_or_else(Fault::not_found)
}

/// What is in a file: to be kept, never to be shown as a page of this server.
pub(super) async fn content(cx: Cx, Path(id): Path<String>) -> Result<Response, Fault> {
    let row = seen(&cx, &id).await?;
    let content = cx.app.engine.file_content(&cx.app.tenant, row.id).await?;
    let content = content.ok_or_else(Fault::not_found)?;
    let plain = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::from_str(&row.content_type).unwrap_or(plain);
    let mut named = String::from("attachment; filename*=UTF-8''");
    for byte in row.name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                named.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            other => drop(write!(named, "%{other:02X}")),
        }
    }
    let named =
        HeaderValue::from_str(&named).map_err(|error| Fault::internal(error.to_string()))?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", row.sha256));
    let tag = tag.map_err(|error| Fault::internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, named),
        (header::ETAG, tag),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox"),
        ),
    ];
    Ok((headers, content).into_response())
}

/// The file, when this person may see it: what it belongs to, or who uploaded it.
async fn seen(cx: &Cx, id: &str) -> Result<FileRow, Fault> {
    let id = id.parse().map_err(|_| Fault::not_found())?;
    let row = cx.app.engine.file(&cx.app.tenant, FileId::new(id)).await?;
    let row = row.ok_or_else(Fault::not_found)?;
    match row.instance {
        Some(instance) => {
            cx.instance(&instance.to_string()).await?;
        }
        None if cx.person.admin || row.uploaded_by.as_ref() == Some(&cx.person.id) => {}
        None => return Err(Fault::not_found()),
    }
    Ok(row)
}
