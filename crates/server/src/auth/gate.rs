//! Finds out who is asking, and lets nobody in who is not known.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use signoff::{PersonId, Profile};

use crate::{
    app::App,
    auth::{Cx, SESSION_COOKIE},
    fault::Fault,
    text::Locale,
};

/// Notes who is asking and in which language, for everything inside.
pub(crate) async fn known(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let profile = match profile(&app, &parts).await {
        Ok(profile) => profile,
        Err(fault) => return fault.into_response(),
    };
    let locale = Locale::of(
        &parts,
        profile
            .as_ref()
            .and_then(|profile| profile.locale.as_deref()),
    );
    parts.extensions.insert(locale);
    let cx = profile.map(|profile| Cx {
        app,
        person: profile.person(),
        profile,
        locale,
        once: None,
        attempt: None,
    });
    if let Some(cx) = cx.clone() {
        parts.extensions.insert(cx);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(cx) = cx {
        // Whoever writes the page about a fault knows for whom.
        response.extensions_mut().insert(cx);
    }
    response
}

/// Lets nobody in who is not known.
pub(crate) async fn signed_in(request: Request, next: Next) -> Response {
    if request.extensions().get::<Cx>().is_none() {
        return Fault::unauthenticated().into_response();
    }
    next.run(request).await
}

/// The active person who is asking.
async fn profile(app: &App, parts: &Parts) -> Result<Option<Profile>, Fault> {
    let Some(id) = person(app, parts).await? else {
        return Ok(None);
    };
    let found = app.engine.directory().profile(&app.tenant, &id).await;
    let found = found.map_err(|error| Fault::directory(&error))?;
    Ok(found.filter(|profile| profile.active))
}

async fn person(app: &App, parts: &Parts) -> Result<Option<PersonId>, Fault> {
    if let Some(authenticator) = &app.authenticator {
        let found = authenticator.person(parts).await;
        let found = found.map_err(|error| Fault::directory(&error))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let Some(sessions) = &app.sessions else {
        return Ok(None);
    };
    let cookies = CookieJar::from_headers(&parts.headers);
    let token = cookies.get(SESSION_COOKIE);
    Ok(token.and_then(|token| sessions.person(token.value(), app.engine.clock().now())))
}
