//! What surrounds every page: menu, language, what was just done.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use signoff::store::{TaskFilter, Whose};

use super::did::{DID_COOKIE, Did};
use crate::{
    app::App,
    assets,
    auth::Cx,
    fault::Fault,
    text::{LANGUAGE_COOKIE, Locale, Words, fill},
};

/// Where the reader is, and what was just done.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Path and query without the language, below the base path.
    pub(super) here: String,
    pub(super) did: Option<Did>,
}

impl<S: Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().split('&');
        let kept: Vec<&str> = query
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
            .collect();
        let mark = if kept.is_empty() { "" } else { "?" };
        let cookies = CookieJar::from_headers(&parts.headers);
        Ok(Self {
            here: format!("{}{mark}{}", parts.uri.path(), kept.join("&")),
            did: cookies
                .get(DID_COOKIE)
                .and_then(|cookie| Did::parse(cookie.value())),
        })
    }
}

impl Frame {
    /// A page that is shown in answer to a form.
    pub(super) fn at(here: impl Into<String>) -> Self {
        Self {
            here: here.into(),
            did: None,
        }
    }
}

/// What the layout of every page shows.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) t: &'static Words,
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) base: String,
    pub(super) title: String,
    /// The item of the menu: `inbox`, `start`, `mailbox` or none.
    pub(super) active: &'static str,
    pub(super) style: String,
    pub(super) icon: String,
    /// The other language and the way to it.
    pub(super) other_lang: &'static str,
    pub(super) switch: String,
    /// Who is signed in; empty when nobody is.
    pub(super) name: String,
    /// How many tasks wait for the reader.
    pub(super) to_do: u64,
    pub(super) to_do_title: String,
    pub(super) has_mailbox: bool,
    pub(super) can_sign_out: bool,
    pub(super) flash: Option<&'static str>,
}

impl Shell {
    /// The frame of a page without a reader.
    pub(super) fn bare(app: &App, locale: Locale, title: &str, frame: &Frame) -> Self {
        let other = match locale {
            Locale::Ar => Locale::En,
            Locale::En => Locale::Ar,
        };
        let mark = if frame.here.contains('?') { '&' } else { '?' };
        let words = locale.words();
        Self {
            t: words,
            lang: locale.tag(),
            dir: locale.direction(),
            base: app.base.as_str().to_owned(),
            title: title.to_owned(),
            active: "",
            style: app.base.link(&assets::place("style.css")),
            icon: app.base.link(&assets::place("icon.svg")),
            other_lang: other.tag(),
            switch: app
                .base
                .link(&format!("{}{mark}lang={}", frame.here, other.tag())),
            name: String::new(),
            to_do: 0,
            to_do_title: String::new(),
            has_mailbox: false,
            can_sign_out: false,
            flash: frame.did.map(|did| did.text(words)),
        }
    }

    /// The frame of a page for a reader.
    pub(super) async fn of(
        cx: &Cx,
        title: &str,
        active: &'static str,
        frame: &Frame,
    ) -> Result<Self, Fault> {
        let to_do = to_do(cx).await?;
        Ok(Self {
            active,
            name: cx.profile.display_name().to_owned(),
            to_do,
            to_do_title: fill(cx.locale.words().to_do, &[("n", &to_do.to_string())]),
            has_mailbox: super::mailbox::is_open_to(cx),
            can_sign_out: cx.app.is_demo(),
            ..Self::bare(&cx.app, cx.locale, title, frame)
        })
    }
}

/// How many tasks wait for the reader: those the reader has, and those the reader may take.
async fn to_do(cx: &Cx) -> Result<u64, Fault> {
    let [mine, available] = counts(cx).await?;
    Ok(mine + available)
}

/// How many tasks the reader has, and how many the reader may take.
pub(super) async fn counts(cx: &Cx) -> Result<[u64; 2], Fault> {
    let mut counts = [0; 2];
    let whose = [
        Whose::HeldBy(cx.person.id.clone()),
        Whose::AvailableTo(cx.person.clone()),
    ];
    for (count, whose) in counts.iter_mut().zip(whose) {
        let filter = TaskFilter {
            whose,
            ..TaskFilter::default()
        };
        let found = cx
            .app
            .engine
            .store()
            .count_tasks(&cx.app.tenant, &filter)
            .await;
        *count = found.map_err(signoff::Error::from)?;
    }
    Ok(counts)
}

/// Keeps the language that the address asks for, and forgets what has been told.
pub(super) async fn cookies(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_get = *request.method() == Method::GET;
    let (parts, body) = request.into_parts();
    let asked = Locale::asked(&parts);
    let told = is_get
        && CookieJar::from_headers(&parts.headers)
            .get(DID_COOKIE)
            .is_some();
    let response = next.run(Request::from_parts(parts, body)).await;
    let path = app.base.cookie_path().to_owned();
    let mut jar = CookieJar::new();
    if let Some(locale) = asked {
        let kept = Cookie::build((LANGUAGE_COOKIE, locale.tag()))
            .path(path.clone())
            .http_only(true);
        jar = jar.add(kept.same_site(SameSite::Lax).permanent().build());
    }
    if told && response.status() == StatusCode::OK {
        jar = jar.add(Cookie::build((DID_COOKIE, "")).path(path).removal().build());
    }
    (jar, response).into_response()
}
