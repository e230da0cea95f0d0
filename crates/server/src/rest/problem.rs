//! Problems as RFC 9457 wants them.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::fault::Fault;

/// Where each code is explained.
const PAGES: &str = "https://github.com/signoff-rs/signoff/blob/main/docs/errors";

#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem<'a>>,
}

#[derive(Serialize)]
struct FieldProblem<'a> {
    pointer: &'a str,
    code: &'a str,
    message: &'a str,
}

/// Writes every fault as a problem.
pub(super) async fn problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(fault) = response.extensions().get::<Fault>() else {
        return response;
    };
    let errors = fault.fields.iter().map(|field| FieldProblem {
        pointer: field.pointer.as_str(),
        code: &field.code,
        message: &field.message,
    });
    let problem = Problem {
        r#type: format!("{PAGES}/{}.md", fault.code),
        title: fault.status.canonical_reason().unwrap_or_default(),
        status: fault.status.as_u16(),
        code: fault.code,
        detail: &fault.message,
        retryable: fault.retryable,
        errors: errors.collect(),
    };
    let mut written = (fault.status, Json(problem)).into_response();
    let headers = written.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    written
}
