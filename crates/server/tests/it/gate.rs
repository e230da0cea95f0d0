//! Who gets in, and which requests are meant.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::{
    app::{App, Browser, Setup, app},
    rest::refused,
};

async fn anonymous(app: &App, path: &str) -> crate::app::Answer {
    app.send(Request::get(path).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn nobody_gets_in_who_is_not_known_and_active() {
    let app = app().await;
    for person in [None, Some("ghost"), Some("stranger")] {
        for path in [
            "/inbox",
            "/start",
            "/start/purchase_request",
            "/tasks/x",
            "/instances/x",
            "/mailbox",
            "/",
        ] {
            let answer = match person {
                None => anonymous(&app, path).await,
                Some(person) => app.get(person, path).await,
            };
            answer.is(401).shows(&["Please sign in"]);
        }
        let answer = match person {
            None => anonymous(&app, "/api/v1/tasks").await,
            Some(person) => app.get(person, "/api/v1/tasks").await,
        };
        refused(&answer, 401, "unauthenticated");
    }
    refused(
        &app.get("!", "/api/v1/tasks").await,
        503,
        "directory_unavailable",
    );
    app.get("!", "/inbox")
        .await
        .is(503)
        .shows(&["Something went wrong"]);
    for path in ["/healthz", "/readyz", "/version", "/assets/style.css"] {
        anonymous(&app, path).await.is(200);
    }
    for path in ["/sign-in", "/assets/../Cargo.toml", "/assets/none.css"] {
        anonymous(&app, path).await.is(404);
    }
}

#[tokio::test]
async fn what_a_person_may_not_see_does_not_exist() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let decide = format!("/tasks/{task}/decide");
    for path in [format!("/tasks/{task}"), format!("/instances/{id}")] {
        app.get("max", &path)
            .await
            .is(404)
            .shows(&["There is nothing here"])
            .hides(&["Chair"]);
        app.get("rita", &path).await.is(200).shows(&["Chair"]);
        refused(
            &app.get("max", &format!("/api/v1{path}")).await,
            404,
            "not_found",
        );
    }
    for path in [
        format!("/tasks/{task}/form"),
        format!("/instances/{id}/timeline"),
        format!("/instances/{id}/tasks"),
    ] {
        refused(
            &app.get("max", &format!("/api/v1{path}")).await,
            404,
            "not_found",
        );
    }
    let reject = json!({"outcome": "reject", "reason": "x"});
    refused(&app.post("max", &decide, reject).await, 404, "not_found");
    app.submit(
        "max",
        &decide,
        &[("outcome", "reject"), ("reject_reason", "x")],
    )
    .await
    .is(404);
    app.submit(
        "max",
        &format!("/instances/{id}/act"),
        &[("outcome", "cancel"), ("cancel_reason", "x")],
    )
    .await
    .is(404);
    app.submit("rita", "/start/purchase_request", &[])
        .await
        .is(404);
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_act() {
    let app = Setup {
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let browser = Browser::new(&app);
    browser
        .submit("/sign-in", &[("person", "ann")])
        .await
        .is(303);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("x-none", ""),
    ] {
        let request = |path: &str, kind: &str, body: &'static str| {
            Request::post(path)
                .header("host", "signoff.test")
                .header(name, value)
                .header("content-type", kind)
                .body(Body::from(body))
                .unwrap()
        };
        let form = "application/x-www-form-urlencoded";
        let page = browser
            .send(request(
                "/start/purchase_request",
                form,
                "form.title=x&form.amount=1",
            ))
            .await;
        page.is(403).shows(&["This is not allowed"]);
        let body =
            "{\"workflow\": \"purchase_request\", \"data\": {\"title\": \"x\", \"amount\": 1}}";
        let rest = browser
            .send(request("/api/v1/instances", "application/json", body))
            .await;
        refused(&rest, 403, "cross_origin");
    }
    let list = browser.get("/api/v1/instances").await.is(200).json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn every_answer_protects_the_browser() {
    let app = app().await;
    for path in ["/inbox", "/nothing", "/api/v1/tasks", "/healthz"] {
        let answer = app.get("ann", path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        answer.hides(&["<script", "style=\"", "onclick"]);
    }
    let style = app.get("ann", "/assets/style.css").await;
    assert!(style.header("cache-control").contains("immutable"));
    let request = Request::get("/assets/style.css").header("if-none-match", style.header("etag"));
    app.send(request.body(Body::empty()).unwrap()).await.is(304);
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_refused() {
    let app = app().await;
    let large = "x".repeat((1 << 20) + 1);
    let rest = app
        .post("ann", "/instances", json!({"workflow": large}))
        .await;
    refused(&rest, 413, "limit_exceeded");
    let page = app
        .submit("ann", "/start/purchase_request", &[("form.title", &large)])
        .await;
    page.is(413).shows(&["This is too large"]);
}

#[tokio::test]
async fn a_demo_lets_people_choose_and_leave() {
    let app = Setup {
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let browser = Browser::new(&app);
    let away = browser.get("/inbox?view=done").await;
    assert_eq!(
        away.is(303).header("location"),
        "/sign-in?next=%2Finbox%3Fview%3Ddone"
    );
    browser
        .get("/sign-in?next=%2Finbox")
        .await
        .is(200)
        .shows(&["Ann", "Finance reviewer", "Administrator"])
        .hides(&["Ghost"]);
    browser
        .submit("/sign-in", &[("person", "ghost")])
        .await
        .is(422)
        .shows(&["This person cannot sign in"]);
    for (next, expected) in [
        ("/inbox?view=done", "/inbox?view=done"),
        ("//evil.example", "/inbox"),
        ("https://evil.example", "/inbox"),
    ] {
        let went = browser
            .submit("/sign-in", &[("person", "ann"), ("next", next)])
            .await;
        assert_eq!(went.is(303).header("location"), expected);
    }
    let cookie = browser.submit("/sign-in", &[("person", "ann")]).await;
    let cookie = cookie.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let token = browser.cookie("signoff_session").unwrap();
    browser
        .get("/inbox")
        .await
        .is(200)
        .shows(&["Ann", "Sign out"]);
    assert_eq!(
        browser
            .submit("/sign-out", &[])
            .await
            .is(303)
            .header("location"),
        "/sign-in"
    );
    browser.get("/inbox").await.is(303);
    let stolen = Request::get("/inbox").header("cookie", format!("signoff_session={token}"));
    app.send(stolen.body(Body::empty()).unwrap()).await.is(303);
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let app = Setup {
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let browser = Browser::new(&app);
    browser
        .submit("/sign-in", &[("person", "ann")])
        .await
        .is(303);
    browser.get("/inbox").await.is(200);
    app.clock.set("2026-01-05T21:00:00Z".parse().unwrap());
    browser.get("/inbox").await.is(303);
}

#[tokio::test]
async fn every_link_honours_the_base_path() {
    let app = Setup {
        base: "/approvals",
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let browser = Browser::new(&app);
    assert_eq!(
        browser.get("/approvals").await.is(303).header("location"),
        "/approvals/sign-in?next="
    );
    let went = browser
        .submit(
            "/approvals/sign-in",
            &[("person", "ann"), ("next", "/start")],
        )
        .await;
    assert_eq!(went.is(303).header("location"), "/approvals/start");
    assert!(went.header("set-cookie").contains("Path=/approvals"));
    let fields = [("form.title", "Chair"), ("form.amount", "1")];
    let started = browser
        .submit("/approvals/start/purchase_request", &fields)
        .await;
    let place = started.is(303).header("location").to_owned();
    assert!(place.starts_with("/approvals/instances/"), "{place}");
    for path in [
        "/approvals/inbox",
        "/approvals/inbox?view=requested",
        "/approvals/start",
        &place,
        "/approvals/none",
    ] {
        let page = browser.get(path).await;
        for link in page.text.split("=\"/").skip(1) {
            assert!(link.starts_with("approvals/"), "{link} on {path}");
        }
    }
}
