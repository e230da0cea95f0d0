//! What people see when something is wrong.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    frame::{Frame, Shell},
    render,
};
use crate::{app::App, auth::Cx, fault::Fault, text::Locale};

#[derive(Template)]
#[template(path = "fault.html")]
struct Page {
    s: Shell,
    status: u16,
    heading: &'static str,
    advice: &'static str,
}

/// Makes a page of every fault; who is not signed in is led there in a demo.
pub(super) async fn faults(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = (parts.method == Method::GET).then(|| parts.uri.to_string());
    let locale = Locale::of(&parts, None);
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(fault) = response.extensions().get::<Fault>() else {
        return response;
    };
    if fault.status == StatusCode::UNAUTHORIZED && app.is_demo() {
        let next = asked.filter(|asked| asked != "/").unwrap_or_default();
        let next = utf8_percent_encode(&next, NON_ALPHANUMERIC);
        return Redirect::to(&app.base.link(&format!("/sign-in?next={next}"))).into_response();
    }
    let cx = response.extensions().get::<Cx>();
    let mut page = match written(&app, fault, cx, locale).await {
        Ok(page) => page,
        Err(fault) => fault.status.into_response(),
    };
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}

async fn written(
    app: &App,
    fault: &Fault,
    cx: Option<&Cx>,
    locale: Locale,
) -> Result<Response, Fault> {
    let locale = cx.map_or(locale, |cx| cx.locale);
    let words = locale.words();
    let (heading, advice) = match fault.status {
        StatusCode::UNAUTHORIZED => (words.error_401, words.error_401_next),
        StatusCode::FORBIDDEN => (words.error_403, words.error_403_next),
        StatusCode::NOT_FOUND => (words.error_404, words.error_404_next),
        StatusCode::METHOD_NOT_ALLOWED => (words.error_405, words.error_405_next),
        StatusCode::CONFLICT => (words.error_409, words.error_409_next),
        StatusCode::PAYLOAD_TOO_LARGE => (words.error_413, words.error_413_next),
        status if status.is_server_error() => (words.error_500, words.error_500_next),
        _ => (words.error_400, words.error_400_next),
    };
    let frame = Frame::at("/inbox");
    let shell = match cx {
        // When the store itself fails, its counts must not fail the page about it.
        Some(cx) if !fault.status.is_server_error() => Shell::of(cx, heading, "", &frame).await?,
        _ => Shell::bare(app, locale, heading, &frame),
    };
    let page = Page {
        s: shell,
        status: fault.status.as_u16(),
        heading,
        advice,
    };
    render::page(fault.status, &page)
}
