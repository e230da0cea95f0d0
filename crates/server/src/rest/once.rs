//! Requests that their senders name, by `Idempotency-Key`.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use signoff::Once;

use crate::{auth::Cx, fault::Fault};

const HEADER: &str = "idempotency-key";
/// The longest key, in bytes.
const LONGEST: usize = 255;

/// Gives a command the name that its sender gave it. Names are of one person and one path; what is
/// asked is the query and the body. Reads are not named, and files are not either.
pub(super) async fn named(request: Request, next: Next) -> Response {
    let is_json = request.headers().get("content-type").is_none_or(|kind| {
        kind.to_str()
            .is_ok_and(|kind| kind.starts_with("application/json"))
    });
    if request.method() == Method::GET || !request.headers().contains_key(HEADER) || !is_json {
        return next.run(request).await;
    }
    match name(request).await {
        Ok(request) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

async fn name(request: Request) -> Result<Request, Fault> {
    let key = request.headers().get(HEADER);
    let key = key.and_then(|key| key.to_str().ok()).map(str::to_owned);
    let key = key.filter(|key| !key.is_empty() && key.len() <= LONGEST);
    let Some(key) = key else {
        let message = format!("`Idempotency-Key` must be 1 to {LONGEST} letters of ASCII");
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "malformed_request",
            message,
        ));
    };
    let (parts, body) = request.into_parts();
    let (head, extensions) = (parts.clone(), parts.extensions.clone());
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await?;
    let mut content = head.uri.query().unwrap_or_default().as_bytes().to_vec();
    content.push(b'\n');
    content.extend_from_slice(&body);
    let mut request = Request::from_parts(head, Body::from(body));
    *request.extensions_mut() = extensions;
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if let Some(cx) = request.extensions_mut().get_mut::<Cx>() {
        let name = [cx.person.id.as_str(), method.as_str(), &path, &key];
        cx.once = Some(Once::new(name, content));
    }
    Ok(request)
}
