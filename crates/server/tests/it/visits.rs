//! Visits and permissions by REST.

use serde_json::json;
use signoff::{Format, TenantId};

use crate::app::{App, app};

const PARCEL: &str = "format: signoff/v1
kind: flow
key: parcel
title: {en: Parcel, ar: طرد}
nodes:
  start: {start: {}, next: {to: pack, data: {number: '7'}}}
  pack: {title: {en: Pack, ar: تعبئة}, task: {role: employee}, seed: '\"b-1\"', artifact: task.data, next: ship}
  ship: {job: remind_logistics, delay: PT1H, seed: nodes.pack.artifact, next: end}
  end: {end: {}}
";

const CHECKED: &str = "format: signoff/v1
kind: flow
key: checked
title: {en: Parcel, ar: طرد}
nodes:
  start: {start: {}, next: pack}
  pack: {title: {en: Pack, ar: تعبئة}, task: {permission: true}, next: end}
  end: {end: {}}
";

async fn parcels() -> App {
    let app = app().await;
    app.engine
        .publish(
            &TenantId::default(),
            &[(PARCEL, Format::Yaml), (CHECKED, Format::Yaml)],
        )
        .await
        .unwrap();
    app
}

#[tokio::test]
async fn visits_are_listed_with_their_tasks_jobs_and_what_they_were_about() {
    let app = parcels().await;
    let new = json!({"workflow": "parcel"});
    let begun = app.post("ann", "/instances", new).await.is(201).json();
    let id = begun["instance"]["id"].as_str().unwrap();
    let path = format!("/api/v1/instances/{id}/visits");
    let found = app.get("ann", &path).await.is(200).json();
    let pack = &found["items"][0];
    for (key, expected) in [
        ("node", json!("pack")),
        ("title", json!("Pack")),
        ("kind", json!("task")),
        ("status", json!("ready")),
        ("left_at", json!(null)),
        ("data", json!({"number": 7})),
        ("seed", json!("b-1")),
        ("artifact", json!(null)),
        ("after", json!([])),
    ] {
        assert_eq!(pack[key], expected, "{key}");
    }
    assert_eq!(pack["tasks"][0]["state"], "ready");
    assert_eq!(pack["tasks"][0]["candidates"], json!(["role:employee"]));
    let task = pack["tasks"][0]["id"].as_str().unwrap();
    let done = format!("/tasks/{task}/complete");
    app.post("ada", &done, json!({})).await.is(200);
    let found = app.get("ann", &path).await.is(200).json();
    let (pack, ship) = (&found["items"][0], &found["items"][1]);
    assert_eq!(pack["status"], "completed");
    assert_eq!(pack["artifact"], json!({"number": 7}));
    assert_eq!(pack["after"], json!([ship["id"]]));
    assert_eq!(
        (&ship["kind"], &ship["status"]),
        (&json!("job"), &json!("scheduled"))
    );
    assert_eq!(ship["seed"], pack["artifact"]);
    assert!(ship["job"].is_string() && ship["scheduled_at"].is_string());
    app.get("max", &path).await.is(404);
    let arabic = app.get("ann", &format!("{path}?lang=ar")).await;
    assert_eq!(arabic.is(200).json()["items"][0]["title"], "تعبئة");
}

#[tokio::test]
async fn the_permissions_that_a_workflow_asks_for_are_listed() {
    let app = parcels().await;
    let path = "/api/v1/workflows/checked/permissions";
    let found = app.get("ann", path).await.is(200).json();
    assert_eq!(
        found["items"],
        json!([{
            "role": "checked.pack",
            "node": "pack",
            "title": "Parcel – Pack",
            "text": "May do “Pack” of “Parcel”",
        }])
    );
    let arabic = app.get("ann", &format!("{path}?lang=ar")).await;
    let text = &arabic.is(200).json()["items"][0]["text"];
    assert_eq!(text, "يجوز له تنفيذ «تعبئة» في «طرد»");
    let none = "/api/v1/workflows/purchase_request/permissions";
    assert_eq!(
        app.get("ann", none).await.is(200).json()["items"],
        json!([])
    );
    let unknown = "/api/v1/workflows/nothing/permissions";
    app.get("ann", unknown).await.is(404);
}
