//! Requests that change something must be meant: they come from our own pages, or from no browser.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::fault::Fault;

/// Refuses a request that another site made a browser send.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || is_meant(request.headers()) {
        return next.run(request).await;
    }
    let message = "the request comes from another origin, or does not say from which";
    Fault::new(StatusCode::FORBIDDEN, "cross_origin", message).into_response()
}

/// Browsers say where a request comes from. One that says nothing is no browser's, and then no cookie
/// may speak for it.
fn is_meant(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return !headers.contains_key(header::COOKIE);
    };
    let from = origin.split_once("://").map(|(_, host)| host);
    from.is_some() && from == text(header::HOST.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_use_a_cookie() {
        for (headers, meant) in [
            (
                &[("cookie", "a=b"), ("sec-fetch-site", "same-origin")][..],
                true,
            ),
            (&[("cookie", "a=b"), ("sec-fetch-site", "same-site")], false),
            (
                &[("cookie", "a=b"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (&[("cookie", "a=b"), ("sec-fetch-site", "none")], false),
            (
                &[("cookie", "a=b"), ("host", "h:1"), ("origin", "http://h:1")],
                true,
            ),
            (
                &[("cookie", "a=b"), ("host", "h:1"), ("origin", "http://h:2")],
                false,
            ),
            (
                &[("cookie", "a=b"), ("host", "h:1"), ("origin", "null")],
                false,
            ),
            (&[("cookie", "a=b"), ("origin", "http://h:1")], false),
            (&[("cookie", "a=b"), ("host", "h:1")], false),
            (&[("host", "h:1"), ("origin", "http://evil")], false),
            (&[("authorization", "Bearer x")], true),
            (&[], true),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(is_meant(&headers), meant, "{headers:?}");
        }
    }
}
