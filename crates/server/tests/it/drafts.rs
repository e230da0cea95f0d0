//! Drafts by REST: written under `If-Match`, edited part by part, published when complete.

use axum::http::Request;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App, app},
    rest::refused,
};

const DRAFT: &str = "/api/v1/workflows/leave/draft";

/// A request of a person who has seen this revision.
async fn send(
    app: &App,
    method: &str,
    path: &str,
    (person, seen): (&str, Option<u64>),
    (kind, body): (&str, String),
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-person", person)
        .header("content-type", kind);
    if let Some(seen) = seen {
        request = request.header("if-match", format!("\"{seen}\""));
    }
    app.send(request.body(body.into()).unwrap()).await
}

async fn json(app: &App, method: &str, path: &str, seen: Option<u64>, body: Value) -> Answer {
    let body = ("application/json", body.to_string());
    send(app, method, path, ("ada", seen), body).await
}

#[tokio::test]
async fn a_workflow_is_edited_published_and_switched_off() {
    let app = app().await;
    let document = json!({"title": {"en": "Leave", "ar": "إجازة"}});
    let begun = json(&app, "POST", DRAFT, None, json!({"document": document})).await;
    assert_eq!(begun.is(201).header("etag"), "\"1\"");
    let report = &begun.json()["report"];
    assert_eq!(report["message"], "the workflow `leave` has no pipelines");
    assert_eq!(
        report["element"],
        json!({"kind": "workflow", "key": "leave", "pointer": ""})
    );
    let edits = json!({"edits": [
        {"edit": "add_pipeline", "pipeline": {"key": "hr", "department": "people", "number_of_stages": 2}},
        {"edit": "change_stage", "stage": "hr_stage_1", "with": {"approvals": [{"user": "rita"}]}},
    ]});
    let edited = json(&app, "PATCH", DRAFT, Some(1), edits.clone()).await;
    let edited = edited.is(200).json();
    let stages = &edited["report"]["pipelines"][0]["stages"];
    assert_eq!(
        (&stages[0]["is_active"], &stages[1]["is_active"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&stages[1]["color"], &stages[1]["order"]),
        (&json!("#3498db"), &json!(2))
    );
    assert_eq!(
        edited["report"]["element"]["pointer"],
        "/pipelines/0/stages/1"
    );
    assert_eq!(
        edited["report"]["pipelines"][0]["department"]["id"],
        "people"
    );
    refused(
        &json(&app, "PATCH", DRAFT, Some(1), edits.clone()).await,
        412,
        "conflict",
    );
    refused(
        &json(&app, "PATCH", DRAFT, None, edits).await,
        400,
        "malformed_request",
    );
    let publish = format!("{DRAFT}/publish");
    refused(
        &json(&app, "POST", &publish, Some(2), json!({})).await,
        422,
        "definition_invalid",
    );
    let start = json!({"workflow": "leave"});
    let early = app.post("ann", "/instances", start.clone()).await;
    refused(&early, 409, "definition_inactive");
    assert!(early.text.contains("hr_stage_2"), "{}", early.text);
    let remove = json!({"edits": [{"edit": "remove_stage", "stage": "hr_stage_2"}]});
    json(&app, "PATCH", DRAFT, Some(2), remove).await.is(200);
    let published = json(&app, "POST", &publish, Some(3), json!({})).await;
    assert_eq!(published.is(201).json()["version"], 1);
    app.post("ann", "/instances", start.clone()).await.is(201);
    let off = json(
        &app,
        "PATCH",
        "/api/v1/workflows/leave",
        None,
        json!({"status": "Inactive"}),
    )
    .await;
    assert_eq!(off.is(200).json()["status"], "inactive");
    refused(
        &app.post("ann", "/instances", start).await,
        409,
        "definition_inactive",
    );
    let gone = json(&app, "DELETE", "/api/v1/workflows/leave", None, json!({})).await;
    refused(&gone, 409, "in_use");
}

#[tokio::test]
async fn texts_are_kept_shapes_are_held_and_only_admins_edit() {
    let app = app().await;
    let yaml = "# مسودة\nkey: leave\nkind: approval\npipelines: []\n";
    let begun = json(
        &app,
        "POST",
        DRAFT,
        None,
        json!({"source": yaml, "strategy": 2}),
    )
    .await;
    assert_eq!(begun.is(201).json()["strategy"], 2);
    let staged = format!("{yaml}# stages\n").replace("[]", "[{key: p, stages: [{key: s}]}]");
    let text = |text: &str| ("application/yaml", text.to_owned());
    let wrong = send(&app, "PUT", DRAFT, ("ada", Some(1)), text(&staged)).await;
    refused(&wrong, 422, "definition_invalid");
    assert!(
        wrong
            .text
            .contains("strategy 2 (pipelines with approvals) takes no stages")
    );
    let other = format!("{DRAFT}?strategy=1");
    let put = send(&app, "PUT", &other, ("ada", Some(1)), text(&staged)).await;
    assert_eq!(put.is(200).json()["source"], staged);
    let people = [
        ("ann", 403, "not_permitted"),
        ("nobody", 401, "unauthenticated"),
    ];
    for (person, status, code) in people {
        let refusal = send(&app, "PUT", DRAFT, (person, Some(2)), text(yaml)).await;
        refused(&refusal, status, code);
    }
    refused(&app.get("ann", DRAFT).await, 404, "not_found");
    let seen = app.get("ada", DRAFT).await;
    assert_eq!(seen.is(200).json()["revision"], 2);
    let problem = &seen.json()["report"]["problems"][0];
    assert!(problem["line"].is_number(), "{problem}");
    let listed = app.get("ann", "/api/v1/workflows").await.is(200).json();
    assert_eq!(
        listed["items"].as_array().unwrap().len(),
        1,
        "drafts are the admins'"
    );
    let listed = app.get("ada", "/api/v1/workflows").await.is(200).json();
    let draft = &listed["items"][0];
    let shown = (
        &draft["key"],
        &draft["status"],
        &draft["version"],
        &draft["pipelines"],
    );
    assert_eq!(
        shown,
        (&json!("leave"), &json!("draft"), &json!(0), &json!(1))
    );
    app.get("ada", "/api/v1/workflows/leave").await.is(200);
    json(&app, "DELETE", DRAFT, Some(2), json!({}))
        .await
        .is(204);
    refused(&app.get("ada", DRAFT).await, 404, "not_found");
    json(&app, "DELETE", "/api/v1/workflows/leave", None, json!({}))
        .await
        .is(204);
}

#[tokio::test]
async fn a_published_workflow_is_opened_copied_and_hidden() {
    let app = app().await;
    let purchase = "/api/v1/workflows/purchase_request";
    let opened = json(&app, "POST", &format!("{purchase}/draft"), None, json!({})).await;
    let opened = opened.is(201).json();
    assert_eq!(
        (&opened["version"], &opened["report"]["is_complete"]),
        (&json!(1), &json!(true))
    );
    let copy = json!({"key": "purchase_too", "title": {"en": "Too", "ar": "أيضا"}});
    let copied = json(
        &app,
        "POST",
        &format!("{purchase}/copy"),
        None,
        copy.clone(),
    )
    .await;
    let copied = copied.is(201).json();
    assert_eq!(
        copied["document"]["pipelines"],
        opened["document"]["pipelines"]
    );
    refused(
        &json(&app, "POST", &format!("{purchase}/copy"), None, copy).await,
        409,
        "conflict",
    );
    let hide = json!({"hidden": true, "owner": "acme"});
    let hidden = json(&app, "PATCH", purchase, None, hide)
        .await
        .is(200)
        .json();
    assert_eq!(
        (&hidden["owner"], &hidden["hidden"]),
        (&json!("acme"), &json!(true))
    );
    let keys = |list: Value| {
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["key"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let shown = keys(app.get("ada", "/api/v1/workflows").await.is(200).json());
    assert_eq!(shown, ["purchase_too"]);
    let all = keys(
        app.get("ada", "/api/v1/workflows?hidden=true")
            .await
            .is(200)
            .json(),
    );
    assert_eq!(all, ["purchase_request", "purchase_too"]);
}
