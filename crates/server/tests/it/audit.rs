//! The audit trail by REST.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use signoff::{Format, Profile, Start, TenantId};

use crate::{
    app::{App, Setup, app},
    counted::Counted,
    rest::refused,
};
use tower::ServiceExt as _;

const LEAVE: &str = "format: signoff/v1
kind: approval
key: time_off
approvals: [{user: max}]
";

#[tokio::test]
async fn admins_read_what_was_done_by_position() {
    let app = app().await;
    app.engine
        .publish(&TenantId::default(), &[(LEAVE, Format::Yaml)])
        .await
        .unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let new = json!({"workflow": "time_off"});
        let begun = app.post("ann", "/instances", new).await.is(201).json();
        ids.push(begun["instance"]["id"].as_str().unwrap().to_owned());
    }
    refused(&app.get("ann", "/api/v1/audit").await, 403, "not_permitted");
    let all = app.get("ada", "/api/v1/audit").await.is(200).json();
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for (item, position) in items.iter().zip(1..) {
        assert_eq!(item["position"], position);
        assert_eq!(
            (&item["by"], &item["actor"]),
            (&json!("ann"), &json!("person"))
        );
        assert!(
            item["events"]
                .as_array()
                .is_some_and(|events| !events.is_empty())
        );
    }
    assert_eq!(all["next_cursor"], json!(null));
    let whole = app.get("ada", "/api/v1/audit?limit=3").await.is(200).json();
    assert_eq!(whole["next_cursor"], json!(null), "that was all");
    let first = app.get("ada", "/api/v1/audit?limit=2").await.is(200).json();
    assert_eq!(first["items"].as_array().unwrap()[..], items[..2]);
    assert_eq!(first["next_cursor"], "2");
    let rest = app.get("ada", "/api/v1/audit?cursor=2&limit=2").await;
    let rest = rest.is(200).json();
    assert_eq!(rest["items"].as_array().unwrap()[..], items[2..]);
    assert_eq!(rest["next_cursor"], json!(null));
    for (query, count) in [
        (format!("instance={}", ids[1]), 1),
        ("person=ann".to_owned(), 3),
        ("person=max".to_owned(), 0),
        ("event=instance_started".to_owned(), 3),
        ("event=decision_made".to_owned(), 0),
        ("cursor=99".to_owned(), 0),
    ] {
        let found = app.get("ada", &format!("/api/v1/audit?{query}")).await;
        let found = found.is(200).json();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    app.get("ada", "/api/v1/audit?cursor=x").await.is(400);
    app.get("ada", "/api/v1/audit?limit=0").await.is(400);
    app.get("ada", "/api/v1/audit?instance=x").await.is(404);
}

/// A person whose id a sheet would compute.
const FORMULA: &str = "=HYPERLINK(\"http://x\",\"y\")";

/// Some requests of a person with an ordinary id, and one of a person without.
async fn requests(count: usize) -> (App, Counted) {
    let store = Counted::default();
    let app = Setup {
        store: Some(Arc::new(store.clone())),
        ..Setup::default()
    };
    let app = app.build().await;
    app.directory.put(Profile {
        id: FORMULA.into(),
        active: true,
        ..Profile::default()
    });
    let source = [(LEAVE, Format::Yaml)];
    let published = app.engine.publish(&TenantId::default(), &source).await;
    published.unwrap();
    for n in 0..count {
        let by = if n == 0 { FORMULA } else { "ann" };
        app.engine
            .start(Start::of("time_off").by(by))
            .await
            .unwrap();
    }
    (app, store)
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_trail_is_exported_as_lines_of_json() {
    let (app, _) = requests(3).await;
    let listed = app.get("ada", "/api/v1/audit").await.is(200).json();
    let listed = listed["items"].as_array().unwrap().clone();
    for path in ["/api/v1/audit/export", "/api/v1/audit/export?format=jsonl"] {
        let file = app.get("ada", path).await;
        file.is(200);
        assert_eq!(file.header("content-type"), "application/jsonl");
        let name = "attachment; filename=\"audit.jsonl\"";
        assert_eq!(file.header("content-disposition"), name);
        assert_eq!(lines(&file.text), listed);
    }
    let one = listed[1]["instance"].as_str().unwrap();
    for (query, expected) in [
        ("cursor=1".to_owned(), &listed[1..]),
        ("cursor=3".to_owned(), &[]),
        (format!("instance={one}"), &listed[1..2]),
        ("person=ann".to_owned(), &listed[1..]),
        ("event=decision_made".to_owned(), &[]),
    ] {
        let path = format!("/api/v1/audit/export?{query}");
        let file = app.get("ada", &path).await;
        assert_eq!(lines(&file.is(200).text), expected, "{query}");
    }
}

#[tokio::test]
async fn the_trail_is_exported_as_cells_that_compute_nothing() {
    let (app, _) = requests(2).await;
    let file = app.get("ada", "/api/v1/audit/export?format=csv").await;
    file.is(200);
    let kind = "text/csv; charset=utf-8; header=present";
    assert_eq!(file.header("content-type"), kind);
    let name = "attachment; filename=\"audit.csv\"";
    assert_eq!(file.header("content-disposition"), name);
    let rows: Vec<&str> = file.text.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 3, "{}", file.text);
    let head = "position,instance,version,command,at,by,actor,events,details";
    assert_eq!(rows[0], head);
    assert!(rows[1].starts_with("1,"), "{}", rows[1]);
    let by = ",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",person,instance_started ";
    assert!(rows[1].contains(by), "{}", rows[1]);
    assert!(rows[2].contains(",ann,person,"), "{}", rows[2]);
    assert!(rows[2].ends_with("]\""), "{}", rows[2]);
    let none = "/api/v1/audit/export?format=csv&person=max";
    let none = app.get("ada", none).await;
    assert_eq!(none.is(200).text, format!("{head}\r\n"));
}

#[tokio::test]
async fn an_export_is_read_part_by_part() {
    let (app, store) = requests(1_001).await;
    let request = Request::get("/api/v1/audit/export").header("x-person", "ada");
    let request = request.body(Body::empty()).unwrap();
    store.take();
    let response = app.router.clone().oneshot(request).await.unwrap();
    let mut body = response.into_body().into_data_stream();
    let mut parts = Vec::new();
    let mut asked = vec![store.take()];
    while let Some(part) = body.next().await {
        parts.push(part.unwrap().iter().filter(|byte| **byte == b'\n').count());
        asked.push(store.take());
    }
    assert_eq!(parts, [500, 500, 1]);
    assert_eq!(asked, [1, 0, 1, 1], "no part is read before it is sent");
}

#[tokio::test]
async fn an_export_says_what_it_cannot_do() {
    let (app, _) = requests(1).await;
    for (query, told) in [
        (
            "export?format=xes",
            "`jsonl` or `csv` for `format`, found `xes`",
        ),
        ("export?limit=5", "`limit`"),
        ("export?cursor=x", "a position"),
        ("export?sort=at", "sort"),
        (
            "export?event=decison_made",
            "unknown event `decison_made`; did you mean `decision_made`?",
        ),
        ("?event=decison_made", "did you mean `decision_made`?"),
        ("?event=x", "`task_opened`"),
        ("?format=csv", "`/audit/export`"),
    ] {
        let path = format!("/api/v1/audit/{query}").replace("/?", "?");
        let answer = app.get("ada", &path).await;
        refused(&answer, 400, "malformed_request");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(told), "{query}: {detail}");
    }
    let other = app.get("ann", "/api/v1/audit/export").await;
    refused(&other, 403, "not_permitted");
    let unknown = app.get("ada", "/api/v1/audit/export?instance=x").await;
    refused(&unknown, 404, "not_found");
}
