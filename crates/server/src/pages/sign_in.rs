//! Signing in by choosing a person: for demos.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;
use signoff::{PersonId, Profile};

use super::{
    frame::{Frame, Shell},
    render,
};
use crate::{
    app::{App, local},
    auth::{SESSION_COOKIE, Sessions},
    fault::Fault,
    text::Locale,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    s: Shell,
    people: Vec<Choice>,
    next: String,
    error: Option<&'static str>,
}

struct Choice {
    id: String,
    name: String,
    initial: String,
    roles: String,
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    next: String,
}

/// Who signs in.
#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    person: String,
    #[serde(default)]
    next: String,
}

/// The people to choose from.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    locale: Locale,
    frame: Frame,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, Fault> {
    sessions(&app)?;
    let Query(after) = after?;
    choose(&app, locale, &frame, after.next, None).await
}

/// Signs the chosen person in.
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    locale: Locale,
    jar: CookieJar,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Result<Response, Fault> {
    let sessions = sessions(&app)?;
    let Form(chosen) = chosen?;
    let id = PersonId::from(chosen.person);
    let found = app.engine.directory().profile(&app.tenant, &id).await;
    let found = found.map_err(|error| Fault::directory(&error))?;
    if !found.is_some_and(|profile| profile.active) {
        let error = Some(locale.words().person_unknown);
        return choose(&app, locale, &Frame::at("/sign-in"), chosen.next, error).await;
    }
    if let Some(old) = jar.get(SESSION_COOKIE) {
        sessions.close(old.value());
    }
    let token = sessions
        .open(id, app.engine.clock().now())
        .map_err(|error| {
            tracing::error!(%error, "the system has no randomness");
            Fault::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "something went wrong here",
            )
        })?;
    let cookie = Cookie::build((SESSION_COOKIE, token))
        .path(app.base.cookie_path().to_owned())
        .http_only(true)
        .same_site(SameSite::Lax)
        .build();
    let place = local(&chosen.next).unwrap_or("/inbox");
    Ok((
        CookieJar::new().add(cookie),
        Redirect::to(&app.base.link(place)),
    )
        .into_response())
}

/// Ends the session.
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    jar: CookieJar,
) -> Result<Response, Fault> {
    let sessions = sessions(&app)?;
    if let Some(token) = jar.get(SESSION_COOKIE) {
        sessions.close(token.value());
    }
    let gone = Cookie::build((SESSION_COOKIE, ""))
        .path(app.base.cookie_path().to_owned())
        .removal();
    let there = Redirect::to(&app.base.link("/sign-in"));
    Ok((CookieJar::new().add(gone.build()), there).into_response())
}

fn sessions(app: &App) -> Result<&Sessions, Fault> {
    app.sessions.as_ref().ok_or_else(Fault::not_found)
}

async fn choose(
    app: &App,
    locale: Locale,
    frame: &Frame,
    next: String,
    error: Option<&'static str>,
) -> Result<Response, Fault> {
    let people = app.engine.directory().list(&app.tenant).await;
    let people = people.map_err(|error| Fault::directory(&error))?;
    let active = people.into_iter().filter(|profile| profile.active);
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = Page {
        s: Shell::bare(app, locale, locale.words().sign_in, frame),
        people: active
            .map(|profile| Choice::new(&profile, locale))
            .collect(),
        next,
        error,
    };
    render::page(status, &page)
}

impl Choice {
    fn new(profile: &Profile, locale: Locale) -> Self {
        let admin = profile
            .admin
            .then(|| locale.words().administrator.to_owned());
        let roles = profile
            .roles
            .iter()
            .map(|role| locale.of_key(role.as_str()));
        let roles: Vec<String> = admin.into_iter().chain(roles).collect();
        let name = profile.display_name();
        Self {
            id: profile.id.to_string(),
            initial: name.chars().take(1).flat_map(char::to_uppercase).collect(),
            name: name.to_owned(),
            roles: locale.list(&roles),
        }
    }
}
