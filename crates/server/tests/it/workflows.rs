//! Workflows by REST: check, publish, list.

use axum::http::Request;
use serde_json::json;

use crate::{
    app::{Answer, App, PURCHASE, app},
    rest::refused,
};

async fn send(app: &App, person: &str, path: &str, kind: &str, text: impl Into<String>) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("x-person", person)
        .header("content-type", kind);
    app.send(request.body(text.into().into()).unwrap()).await
}

#[tokio::test]
async fn a_check_tells_every_problem_with_its_place() {
    let app = app().await;
    let good = send(
        &app,
        "ann",
        "/workflows/validate",
        "application/yaml",
        PURCHASE,
    )
    .await;
    assert_eq!(good.is(200).json()["valid"], true);
    let text = PURCHASE.replacen("subject:", "subjekt:", 1);
    let bad = send(&app, "ann", "/workflows/validate", "application/yaml", text).await;
    let bad = bad.is(200).json();
    assert_eq!(bad["valid"], false);
    let problem = &bad["problems"][0];
    assert_eq!(problem["code"], "unknown_key");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&json!(6), &json!(1))
    );
    let json = send(
        &app,
        "ann",
        "/workflows/validate",
        "application/json",
        "{\"a\": }",
    )
    .await;
    assert_eq!(json.is(200).json()["problems"][0]["code"], "syntax");
    let other = send(&app, "ann", "/workflows/validate", "image/png", "x").await;
    refused(&other, 415, "unsupported_media_type");
}

#[tokio::test]
async fn only_admins_publish_and_the_same_content_is_the_same_version() {
    let app = app().await;
    let yaml = "application/yaml; charset=utf-8";
    refused(
        &send(&app, "ann", "/workflows", yaml, PURCHASE).await,
        403,
        "not_permitted",
    );
    let same = send(&app, "ada", "/workflows", yaml, PURCHASE).await;
    assert_eq!(same.is(200).json()["version"], 1);
    let text = PURCHASE.replacen("maxLength: 200", "maxLength: 100", 1);
    let new = send(&app, "ada", "/workflows", yaml, text).await;
    let body = new.is(201).json();
    assert_eq!(
        (&body["key"], &body["version"]),
        (&json!("purchase_request"), &json!(2))
    );
    let broken = send(&app, "ada", "/workflows", yaml, "kind: approval").await;
    refused(&broken, 422, "definition_invalid");
    assert!(!broken.json()["errors"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn workflows_are_listed_with_what_the_person_may_start() {
    let app = app().await;
    for (person, may) in [("ann", true), ("rita", false), ("ada", true)] {
        let list = app.get(person, "/api/v1/workflows").await.is(200).json();
        assert_eq!(list["items"][0]["may_start"], may, "{person}");
    }
    let one = app
        .get("ann", "/api/v1/workflows/purchase_request?lang=ar")
        .await
        .is(200)
        .json();
    assert_eq!(one["workflow"]["title"], "موافقة طلب الشراء");
    assert_eq!(one["subject"], "purchase_request");
    assert_eq!(one["data"]["required"], json!(["title", "amount"]));
    refused(
        &app.get("ann", "/api/v1/workflows/nope").await,
        404,
        "not_found",
    );
}
