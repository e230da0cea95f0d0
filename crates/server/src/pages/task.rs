//! The page of a task.

use axum::{extract::Path, http::StatusCode, response::Response};

use super::{frame::Frame, render, task_page::Page};
use crate::{auth::Cx, fault::Fault};

/// What is asked, of whom, and what can be said.
pub(super) async fn show(cx: Cx, frame: Frame, Path(id): Path<String>) -> Result<Response, Fault> {
    let view = cx.task(&id).await?;
    let page = Page::new(&cx, view, &frame, None).await?;
    render::page(StatusCode::OK, &page)
}
