//! What admins and people keep beside the definitions: actions and substitutions.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::app::{Answer, App, app};

async fn send(app: &App, person: &str, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"));
    let request = request
        .header("x-person", person)
        .header("content-type", "application/json");
    let body = match body {
        Value::Null => Body::empty(),
        body => body.to_string().into(),
    };
    app.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn admins_keep_actions_beside_a_workflow() {
    let app = app().await;
    let list = "/actions?workflow=purchase_request";
    let new = json!({
        "workflow": "purchase_request", "node": "initial_review", "event": "after_reject",
        "action": {"run": "reserve_budget"},
    });
    send(&app, "ann", "POST", "/actions", &new).await.is(403);
    send(&app, "ann", "GET", list, &Value::Null).await.is(403);
    let kept = send(&app, "ada", "POST", "/actions", &new).await;
    let stored = kept.is(201).json();
    let path = kept
        .header("location")
        .trim_start_matches("/api/v1")
        .to_owned();
    assert_eq!(stored["node"], "initial_review");
    assert_eq!(stored["changed_by"], "ada");
    let changed = json!({"action": {"run": "reserve_budget", "active": false}});
    let changed = send(&app, "ada", "PUT", &path, &changed)
        .await
        .is(200)
        .json();
    assert_eq!(changed["action"]["active"], false);
    let listed = send(&app, "ada", "GET", list, &Value::Null)
        .await
        .is(200)
        .json();
    assert_eq!(listed["items"], json!([changed]));

    let both = json!({
        "workflow": "purchase_request", "node": "a", "group": "b", "event": "after_reject", "action": {},
    });
    send(&app, "ada", "POST", "/actions", &both).await.is(400);
    let wrong = json!({"action": {"run": "nobody"}});
    let told = send(&app, "ada", "PUT", &path, &wrong).await.is(422).json();
    assert_eq!(told["code"], "definition_invalid");

    send(&app, "ada", "DELETE", &path, &Value::Null)
        .await
        .is(204);
    send(&app, "ada", "DELETE", &path, &Value::Null)
        .await
        .is(404);
    send(&app, "ada", "DELETE", "/actions/x", &Value::Null)
        .await
        .is(404);
}

#[tokio::test]
async fn people_name_their_substitutes_and_admins_those_of_all() {
    let app = app().await;
    let mine = json!({"substitute": "eve", "until": "2026-01-09T00:00:00Z"});
    let kept = send(&app, "bob", "POST", "/substitutions", &mine)
        .await
        .is(201)
        .json();
    assert_eq!(kept["principal"], "bob");
    assert_eq!(kept["from"], "2026-01-05T09:00:00Z");
    let theirs = json!({"principal": "bob", "substitute": "ann"});
    send(&app, "ann", "POST", "/substitutions", &theirs)
        .await
        .is(403);
    send(&app, "ada", "POST", "/substitutions", &theirs)
        .await
        .is(201);
    let none = json!({"substitute": "bob"});
    send(&app, "bob", "POST", "/substitutions", &none)
        .await
        .is(422);
    for (person, query, status, count) in [
        ("bob", "", 200, 2),
        ("bob", "?principal=me&at=2026-01-10T00:00:00Z", 200, 1),
        ("ann", "", 200, 0),
        ("ann", "?principal=bob", 403, 0),
        ("ann", "?principal=all", 403, 0),
        ("ada", "?principal=all", 200, 2),
    ] {
        let path = format!("/substitutions{query}");
        let listed = send(&app, person, "GET", &path, &Value::Null).await;
        let listed = listed.is(status).json();
        let items = listed["items"].as_array().map_or(0, Vec::len);
        assert_eq!(items, count, "{person} {query}");
    }
    let path = format!("/substitutions/{}", kept["id"].as_str().unwrap());
    send(&app, "ann", "DELETE", &path, &Value::Null)
        .await
        .is(404);
    send(&app, "bob", "DELETE", &path, &Value::Null)
        .await
        .is(204);
    send(&app, "bob", "DELETE", &path, &Value::Null)
        .await
        .is(404);
}
