//! Files over REST: uploaded, referred to, given to those who may see them.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use signoff::{Format, TenantId};

use crate::app::{Answer, App, app};

const OFFER: &str = "
format: signoff/v1
kind: approval
key: offer
forms: {papers: {type: object, required: [offer], properties: {offer: {type: string, format: file}}}}
approvals: [{role: finance_reviewer, form: papers}]
";

async fn upload(app: &App, person: &str, path: &str, content: &[u8]) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("x-person", person)
        .header("content-type", "text/html");
    app.send(request.body(Body::from(content.to_vec())).unwrap())
        .await
}

#[tokio::test]
async fn a_file_is_uploaded_referred_to_and_seen_by_those_who_see_its_instance() {
    let app = app().await;
    let sources = [(OFFER, Format::Yaml)];
    app.engine
        .publish(&TenantId::default(), &sources)
        .await
        .unwrap();
    let started = app
        .post("ann", "/instances", json!({"workflow": "offer"}))
        .await;
    let id = started.is(201).json()["instance"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let name = "/files?name=%D8%B9%D9%82%D8%AF%201.html";
    let file = upload(&app, "rita", name, b"<b>1</b>").await.is(201).json();
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("عقد 1.html"), &json!(8))
    );
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(
        (&file["instance"], &file["uploaded_by"]["name"]),
        (&Value::Null, &json!("Rita"))
    );
    let content = file["url"].as_str().unwrap();
    app.get("ann", content).await.is(404);
    let own = app.get("rita", content).await;
    assert_eq!(own.is(200).text, "<b>1</b>");
    assert_eq!(
        own.header("content-disposition"),
        "attachment; filename*=UTF-8''%D8%B9%D9%82%D8%AF%201.html"
    );
    assert_eq!(
        (
            own.header("content-type"),
            own.header("x-content-type-options")
        ),
        ("text/html", "nosniff")
    );

    let task = app.task_of("rita").await;
    let path = format!("/tasks/{task}/files?name=note.txt");
    let note = upload(&app, "rita", &path, b"see there")
        .await
        .is(201)
        .json();
    assert_eq!(note["task"], json!(task));
    let body = json!({"outcome": "approve", "form": {"offer": file["reference"]}});
    app.post("rita", &format!("/tasks/{task}/decide"), body)
        .await
        .is(200);
    let listed = app
        .get("ann", &format!("/api/v1/instances/{id}/files"))
        .await
        .is(200)
        .json();
    let names: Vec<&Value> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(names, [&json!("عقد 1.html"), &json!("note.txt")]);
    let of_task = app
        .get("ann", &format!("/api/v1/tasks/{task}/files"))
        .await
        .is(200)
        .json();
    assert_eq!(of_task["items"][0]["name"], "note.txt");
    assert_eq!(app.get("ann", content).await.is(200).text, "<b>1</b>");
    app.get("max", content).await.is(404);
    let info = content.strip_suffix("/content").unwrap();
    assert_eq!(
        app.get("ann", info).await.is(200).json()["instance"],
        json!(id)
    );
    app.get("max", info).await.is(404);
    app.get("ann", "/api/v1/files/17").await.is(404);
    let answers = app
        .get("ann", &format!("/api/v1/instances/{id}/answers"))
        .await
        .is(200)
        .json();
    let reference = answers["items"][0]["answers"]["offer"].as_str().unwrap();
    assert_eq!(answers["files"][reference]["url"], json!(content));
    upload(&app, "ann", &format!("/instances/{id}/files"), b"late")
        .await
        .is(409);
}

#[tokio::test]
async fn a_file_may_be_larger_than_other_requests_and_not_too_large() {
    let app = app().await;
    upload(&app, "ann", "/files?name=a", &vec![0; 2 << 20])
        .await
        .is(201);
    let large = upload(&app, "ann", "/files?name=a", &vec![0; (10 << 20) + 1]).await;
    assert_eq!(large.is(413).json()["code"], "limit_exceeded");
    upload(&app, "ann", "/files?nam=a", b"1").await.is(400);
}
