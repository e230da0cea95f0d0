//! Diagrams by REST and on pages: what they show, to whom, and what is kept of them.

use axum::{body::Body, http::Request};
use serde_json::json;
use signoff::{Format, Start, TenantId};

use crate::{
    app::{Answer, App, Setup, app, flows},
    rest::refused,
};

const SHIPMENT: &str = "/api/v1/workflows/shipment/diagram.svg";

/// The marks of a diagram by node: `carrier open, move skipped`.
#[track_caller]
fn marked(svg: &Answer) -> String {
    let nodes = svg.is(200).text.split("<g class=\"node marked ").skip(1);
    let mark = |node: &str| {
        let mut parts = node.split('"');
        let (mark, key) = (parts.next().unwrap(), parts.nth(1).unwrap());
        format!("{key} {mark}")
    };
    let marks: Vec<String> = nodes.map(mark).collect();
    marks.join(", ")
}

#[tokio::test]
async fn a_workflow_is_drawn_with_its_own_style_and_nothing_else() {
    let app = flows().await;
    let svg = app.get("max", SHIPMENT).await;
    svg.is(200)
        .shows(&["<svg ", "Check insurance", "direction=\"ltr\"", "auto"]);
    assert_eq!(marked(&svg), "");
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert_eq!(svg.header("x-content-type-options"), "nosniff");
    assert_eq!(svg.header("cache-control"), "private, no-cache");
    assert_eq!(
        svg.header("content-security-policy"),
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    );
    svg.hides(&["<script", "href", "url("]);
}

#[tokio::test]
async fn the_reader_says_how_it_is_drawn() {
    let app = app().await;
    let path = "/api/v1/workflows/purchase_request/diagram.svg";
    let at_start = |svg: &Answer| {
        let x = svg
            .text
            .split_once("class=\"shape event start\" cx=\"")
            .unwrap()
            .1;
        let x: i64 = x.split('"').next().unwrap().parse().unwrap();
        let width = svg.text.split_once(" width=\"").unwrap().1;
        let width: i64 = width.split('"').next().unwrap().parse().unwrap();
        if x * 2 < width { "left" } else { "right" }
    };
    for (query, side, theme, lang, title) in [
        ("", "left", "auto", "en", "Initial review"),
        ("?lang=ar", "right", "auto", "ar", "المراجعة الأولية"),
        ("?locale=ar-EG", "right", "auto", "ar-EG", "المراجعة الأولية"),
        (
            "?locale=ar&dir=ltr",
            "left",
            "auto",
            "ar",
            "المراجعة الأولية",
        ),
        ("?lang=ar&locale=de", "left", "auto", "de", "Initial review"),
        (
            "?dir=rtl&theme=dark",
            "right",
            "dark",
            "en",
            "Initial review",
        ),
        (
            "?theme=light&version=1",
            "left",
            "light",
            "en",
            "Initial review",
        ),
    ] {
        let svg = app.get("ann", &format!("{path}{query}")).await;
        svg.is(200).shows(&[
            &format!("class=\"signoff-diagram {theme}\""),
            &format!("lang=\"{lang}\""),
            title,
        ]);
        assert_eq!(at_start(&svg), side, "{query}");
    }
}

#[tokio::test]
async fn a_parameter_that_is_none_is_refused_and_an_unknown_workflow_is_not_there() {
    let app = flows().await;
    let id = app
        .start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    let instance = format!("/api/v1/instances/{id}/diagram.svg");
    for path in [SHIPMENT, &instance] {
        for query in [
            "dir=up",
            "dir=",
            "theme=pink",
            "locale=",
            "locale=a_b",
            "locale=%22%3E%3Cscript%3E",
            "locale=abcdefghijklmnopqrstuvwxyzabcdefghijkl",
            "version=one",
            "version=-1",
            "color=red",
            "dir=ltr&dir=rtl",
        ] {
            let answer = app.get("cleo", &format!("{path}?{query}")).await;
            refused(&answer, 400, "malformed_request");
        }
    }
    // An instance has the version that it has.
    let answer = app.get("cleo", &format!("{instance}?version=1")).await;
    refused(&answer, 400, "malformed_request");
    for path in [
        "/api/v1/workflows/nope/diagram.svg",
        "/api/v1/workflows/shipment/diagram.svg?version=2",
        "/api/v1/workflows/shipment/diagram.svg?version=0",
        "/api/v1/instances/nope/diagram.svg",
        "/api/v1/instances/0195b5a0-0000-7000-8000-000000000000/diagram.svg",
    ] {
        refused(&app.get("ada", path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn only_those_who_may_see_the_instance_see_its_diagram() {
    let app = flows().await;
    let id = app
        .start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    let path = format!("/api/v1/instances/{id}/diagram.svg");
    // Who asked for it, who may take a task of it, and admins.
    for person in ["cleo", "wim", "ada"] {
        app.get(person, &path).await.is(200);
    }
    for person in ["lou", "sam"] {
        refused(&app.get(person, &path).await, 404, "not_found");
    }
    for place in [&*path, SHIPMENT] {
        for person in ["ghost", "stranger"] {
            refused(&app.get(person, place).await, 401, "unauthenticated");
        }
        let nobody = Request::get(place).body(Body::empty()).unwrap();
        refused(&app.send(nobody).await, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn another_tenant_has_diagrams_of_its_own() {
    let app = flows().await;
    let other = TenantId::from("other");
    let text = "
format: signoff/v1
kind: flow
key: secret
viewers: [user:max]
nodes:
  start: {start: {}, next: work}
  work: {task: {user: max}, next: done}
  done: {end: {}}
";
    let published = app.engine.publish(&other, &[(text, Format::Yaml)]).await;
    published.unwrap();
    let start = Start::of("secret").tenant(other).by("max");
    let id = app.engine.start(start).await.unwrap().id().to_string();
    for path in [
        "/api/v1/workflows/secret/diagram.svg".to_owned(),
        format!("/api/v1/instances/{id}/diagram.svg"),
    ] {
        for person in ["max", "ada"] {
            refused(&app.get(person, &path).await, 404, "not_found");
        }
    }
    app.get("max", &format!("/instances/{id}")).await.is(404);
}

#[tokio::test]
async fn marks_follow_the_tokens() {
    let app = flows().await;
    let id = app
        .start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    let path = format!("/api/v1/instances/{id}/diagram.svg");
    let svg = app.get("cleo", &path).await;
    assert_eq!(marked(&svg), "work completed, carrier open, package open");
    app.complete("cleo", Some(json!({"carrier": "courier"})))
        .await;
    app.complete("cleo", Some(json!({"quote": 12}))).await;
    let svg = app.get("cleo", &path).await;
    // One token waits at the join for the other one.
    assert_eq!(
        marked(&svg),
        "work completed, carrier completed, by_post completed, quote completed, package open, ready open"
    );
    let arabic = app.get("cleo", &format!("{path}?locale=ar")).await;
    arabic.is(200).shows(&["مكتمل", "مفتوح"]);
    let cancel = format!("/instances/{id}/cancel");
    app.post("cleo", &cancel, json!({"reason": "not needed"}))
        .await
        .is(200);
    let svg = app.get("cleo", &path).await;
    assert_eq!(
        marked(&svg),
        "work completed, carrier completed, by_post completed, quote completed, package cancelled"
    );
}

#[tokio::test]
async fn a_failed_step_is_marked_beside_what_is_open() {
    let app = flows().await;
    publish(&app, crate::flows::BROKEN).await;
    let id = app.start_flow("max", "broken", json!({})).await;
    let path = format!("/api/v1/instances/{id}/diagram.svg");
    let svg = app.get("max", &path).await;
    assert_eq!(marked(&svg), "both completed, machine open, person open");
    app.work_at("2026-01-05T09:01:00Z").await;
    let svg = app.get("max", &path).await;
    assert_eq!(marked(&svg), "both completed, machine failed, person open");
}

#[tokio::test]
async fn what_is_sent_back_is_to_be_done_again_and_has_no_mark() {
    let app = app().await;
    let id = app.start(json!({"title": "Lamp", "amount": 1200})).await;
    let path = format!("/api/v1/instances/{id}/diagram.svg");
    let form = json!({"reviewer_comment": "ok", "budget_code": "BDG-2026-001"});
    decide(&app, "rita", json!({"outcome": "approve", "form": form})).await;
    let svg = app.get("ann", &path).await;
    assert_eq!(
        marked(&svg),
        "initial_review completed, budget_approval open"
    );
    let back = json!({"outcome": "resubmit", "to": "initial_review", "reason": "too little"});
    decide(&app, "bob", back).await;
    let svg = app.get("ann", &path).await;
    assert_eq!(marked(&svg), "initial_review open");
    decide(&app, "rita", json!({"outcome": "reject", "reason": "no"})).await;
    let svg = app.get("ann", &path).await;
    assert_eq!(marked(&svg), "initial_review rejected");
}

#[tokio::test]
async fn a_diagram_that_the_reader_has_is_not_sent_again_until_something_happens() {
    let app = flows().await;
    let id = app
        .start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    let path = format!("/api/v1/instances/{id}/diagram.svg");
    let ask = async |path: &str, person: &str, known: &str| {
        let request = Request::get(path)
            .header("x-person", person)
            .header("if-none-match", known);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    for path in [&*path, SHIPMENT] {
        let first = app.get("cleo", path).await;
        let tag = first.is(200).header("etag");
        for known in [tag, &format!("\"other\", W/{tag}"), "*"] {
            let same = ask(path, "cleo", known).await;
            same.is(304);
            assert_eq!(same.text, "");
            for name in ["etag", "content-security-policy", "cache-control"] {
                assert_eq!(same.header(name), first.header(name), "{name}");
            }
        }
        for other in ["?dir=rtl", "?theme=dark", "?locale=ar", "?lang=ar"] {
            ask(&format!("{path}{other}"), "cleo", tag).await.is(200);
        }
    }
    // Having it once is no right to have it.
    let known = app.get("cleo", &path).await.header("etag").to_owned();
    ask(&path, "lou", &known).await.is(404);
    app.complete("cleo", Some(json!({"carrier": "post"}))).await;
    ask(&path, "cleo", &known).await.is(200);
}

#[tokio::test]
async fn a_new_version_of_a_workflow_is_another_diagram() {
    let app = flows().await;
    let known = app.get("cleo", SHIPMENT).await.header("etag").to_owned();
    let text = include_str!("../../../../examples/shipment.yaml");
    publish(&app, &text.replace("role: logistics", "role: porter")).await;
    let new = app.get("cleo", SHIPMENT).await;
    new.is(200).shows(&["role: porter"]);
    assert_ne!(new.header("etag"), known);
    let old = app.get("cleo", &format!("{SHIPMENT}?version=1")).await;
    old.is(200).shows(&["role: logistics"]);
    assert_eq!(old.header("etag"), known);
}

#[tokio::test]
async fn pages_hold_the_diagram_in_the_language_of_the_reader_and_its_room() {
    let app = Setup {
        flows: true,
        base: "/approvals",
        ..Setup::default()
    }
    .build()
    .await;
    let started = app
        .submit(
            "cleo",
            "/approvals/start/shipment",
            &[("form.customer", "ACME")],
        )
        .await;
    let instance = started.is(303).header("location").to_owned();
    let api = instance.replace("/approvals", "/approvals/api/v1");
    let workflow = "/approvals/api/v1/workflows/shipment/diagram.svg?version=1&locale=en";
    for (page, picture, alt) in [
        (
            instance.clone(),
            format!("{api}/diagram.svg?locale=en"),
            "How far this request is; the list of stages says the same in words.\" aria-describedby=\"stages\"",
        ),
        (
            format!("{instance}?lang=ar"),
            format!("{api}/diagram.svg?locale=ar"),
            "أين وصل هذا الطلب؛",
        ),
        (
            "/approvals/start/shipment".to_owned(),
            workflow.to_owned(),
            "Diagram of “Shipment”: Carrier, Quote, Check insurance, Label, Insure, Remind, Package and Move.\"",
        ),
    ] {
        let svg = app.get("cleo", &picture).await;
        let size = svg.is(200).text.split_once("\" width=").unwrap().1;
        let size = size.split_once('>').unwrap().0;
        let picture = picture.replace('&', "&#38;");
        let page = app.get("cleo", &page).await;
        page.is(200).shows(&[
            &format!("<a href=\"{picture}\""),
            &format!("<img src=\"{picture}\" alt=\"{alt}"),
            &format!(" width={size}></div>"),
            "role=\"group\" aria-labelledby=\"diagram\" tabindex=\"0\"",
        ]);
        // What describes the picture is there.
        let is_told = page.text.contains("aria-describedby=\"stages\"");
        assert_eq!(page.text.contains("id=\"stages\""), is_told);
    }
}

async fn publish(app: &App, text: &str) {
    let sources = [(text, Format::Yaml)];
    let published = app.engine.publish(&TenantId::default(), &sources).await;
    published.unwrap();
}

/// Decides the only task of the person.
async fn decide(app: &App, person: &str, decision: serde_json::Value) {
    let path = format!("/tasks/{}/decide", app.task_of(person).await);
    app.post(person, &path, decision).await.is(200);
}
