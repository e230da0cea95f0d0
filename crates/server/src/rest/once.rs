//! Requests that their senders name, by `Idempotency-Key`.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use signoff::{NotDone, Once, Unsuccessful};

use crate::{auth::Cx, fault::Fault};

const HEADER: &str = "idempotency-key";
/// The longest key, in bytes.
const LONGEST: usize = 255;
/// What an answer says beside its body.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Gives a command the name that its sender gave it; it is noted with the change that it makes.
pub(super) async fn named(request: Request, next: Next) -> Response {
    if request.method() == Method::GET || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match name(request).await {
        Ok(request) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

/// Does a `POST` that has a name once, and keeps its answer. What was refused is tried anew.
pub(super) async fn kept(request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    let request = match name(request).await {
        Ok(request) => request,
        Err(fault) => return fault.into_response(),
    };
    // Whoever has gone does not leave it half done.
    let done = tokio::spawn(keep(request, next)).await;
    done.unwrap_or_else(|error| Fault::internal(error.to_string()).into_response())
}

async fn keep(mut request: Request, next: Next) -> Response {
    let Some(Cx {
        app,
        once: Some(once),
        ..
    }) = request.extensions().get::<Cx>().cloned()
    else {
        return next.run(request).await;
    };
    let work = async |attempt| {
        if let Some(cx) = request.extensions_mut().get_mut::<Cx>() {
            cx.attempt = Some(attempt);
        }
        Answer::of(next.run(request).await).await
    };
    match app.engine.once(&app.tenant, &once, work).await {
        Ok(answer) => answer.into_response(),
        Err(NoAnswer(response)) => *response,
    }
}

/// What a request was answered with.
#[derive(Debug, Deserialize, Serialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// What is not kept: the request failed or was refused.
#[derive(Debug)]
struct NoAnswer(Box<Response>);

impl From<NotDone> for NoAnswer {
    fn from(not_done: NotDone) -> Self {
        Self(Box::new(Fault::from(not_done).into_response()))
    }
}

impl Unsuccessful for NoAnswer {
    fn wrote_nothing(&self) -> bool {
        !self.0.status().is_server_error()
    }
}

impl Answer {
    async fn of(response: Response) -> Result<Self, NoAnswer> {
        if !response.status().is_success() {
            return Err(NoAnswer(Box::new(response)));
        }
        let (parts, body) = response.into_parts();
        let failed = |message: String| {
            let response = Fault::internal(message).into_response();
            NoAnswer(Box::new(response))
        };
        let body = to_bytes(body, usize::MAX).await;
        let body = body.map_err(|error| failed(error.to_string()))?;
        let body = String::from_utf8(body.into()).map_err(|error| failed(error.to_string()))?;
        let said = |name: &HeaderName| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        };
        Ok(Self {
            status: parts.status.as_u16(),
            headers: KEPT.iter().filter_map(said).collect(),
            body,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        if let Ok(status) = StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_str(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Reads the name. It is of one person and one path; what is asked is the query, the body, what that is
/// said to be, and the revision that is meant.
async fn name(request: Request) -> Result<Request, Fault> {
    let key = request.headers().get(HEADER);
    let key = key.and_then(|key| key.to_str().ok()).map(str::to_owned);
    let key = key.filter(|key| !key.is_empty() && key.len() <= LONGEST);
    let Some(key) = key else {
        let message = format!("`Idempotency-Key` must be 1 to {LONGEST} letters of ASCII");
        return Err(Fault::malformed(message));
    };
    let (parts, body) = request.into_parts();
    let (head, extensions) = (parts.clone(), parts.extensions.clone());
    let body = Bytes::from_request(Request::from_parts(parts, body), &()).await?;
    let content = asked(&head, &body);
    let mut request = Request::from_parts(head, Body::from(body));
    *request.extensions_mut() = extensions;
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if let Some(cx) = request.extensions_mut().get_mut::<Cx>() {
        let name = [cx.person.id.as_str(), method.as_str(), &path, &key];
        cx.once = Some(Once::new(name, content));
    }
    Ok(request)
}

fn asked(head: &Parts, body: &Bytes) -> Vec<u8> {
    let mut content = head.uri.query().unwrap_or_default().as_bytes().to_vec();
    for name in [header::CONTENT_TYPE, header::IF_MATCH] {
        content.push(b'\n');
        content.extend_from_slice(head.headers.get(name).map_or(b"", HeaderValue::as_bytes));
    }
    content.push(b'\n');
    content.extend_from_slice(body);
    content
}
