//! From a template to a response.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;

use super::did::Did;
use crate::{app::App, fault::Fault};

/// The page.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<Response, Fault> {
    let html = template.render().map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a page cannot be written"
        );
        Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "serialization_failed",
            "the page cannot be written",
        )
    })?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((status, kind, html).into_response())
}

/// Leads to another page, which tells what was done.
pub(super) fn go(app: &App, place: &str, did: Did) -> Response {
    let cookies = CookieJar::new().add(did.cookie(app));
    (cookies, Redirect::to(&app.base.link(place))).into_response()
}
