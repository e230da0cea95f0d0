//! Commands with an `Idempotency-Key`.

use axum::http::Request;
use serde_json::{Value, json};

use crate::app::{Answer, App, app};

async fn post(app: &App, person: &str, path: &str, key: &str, body: Value) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("x-person", person)
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    app.send(request.body(body.to_string().into()).unwrap())
        .await
}

#[tokio::test]
async fn a_command_that_is_sent_again_gets_the_same_answer() {
    let app = app().await;
    let data = json!({"title": "Chairs", "amount": 1200});
    let new = json!({"workflow": "purchase_request", "data": data});
    let first = post(&app, "ann", "/instances", "k1", new.clone()).await;
    let again = post(&app, "ann", "/instances", "k1", new.clone()).await;
    assert_eq!(first.is(201).json(), again.is(201).json());
    assert_eq!(first.header("location"), again.header("location"));
    // Another person, or another path, is another name.
    let other = post(&app, "max", "/instances", "k1", new)
        .await
        .is(201)
        .json();
    assert_ne!(other["instance"]["id"], first.json()["instance"]["id"]);

    let id = first.json()["instance"]["id"].as_str().unwrap().to_owned();
    let place = format!("/instances/{id}/comments");
    for _ in 0..2 {
        let said = json!({"comment": "the offer is attached"});
        post(&app, "ann", &place, "k1", said).await.is(200);
    }
    let thread = app.get("ann", &format!("/api/v1{place}")).await.json();
    assert_eq!(thread["items"].as_array().unwrap().len(), 1);

    let reused = post(&app, "ann", &place, "k1", json!({"comment": "other"})).await;
    assert_eq!(reused.is(422).json()["code"], "request_reused");
}

#[tokio::test]
async fn of_many_each_is_done_once() {
    let app = app().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(app.start(json!({"title": "Chairs", "amount": 1200})).await);
    }
    let hold = json!({"command": "cancel", "ids": ids, "reason": "a mistake"});
    let first = post(&app, "ada", "/instances/batch", "k1", hold.clone()).await;
    let again = post(&app, "ada", "/instances/batch", "k1", hold.clone()).await;
    assert_eq!(first.is(200).json(), again.is(200).json());
    assert_eq!(first.json()["items"][1]["status"], "cancelled");
    let anew = post(&app, "ada", "/instances/batch", "k2", hold).await;
    assert_eq!(anew.is(200).json()["items"][0]["ok"], false);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_told() {
    let app = app().await;
    for key in ["", &"x".repeat(256)] {
        let answer = post(&app, "ann", "/instances", key, json!({})).await;
        assert_eq!(answer.is(400).json()["code"], "malformed_request");
    }
}
