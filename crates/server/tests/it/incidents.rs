//! Incidents, jobs and their retry by REST.

use jiff::SignedDuration;
use serde_json::json;
use signoff::{Call, Clock, Format, InstanceId, TenantId};

use crate::{app::app, rest::refused};

const PARCEL: &str = "format: signoff/v1
kind: flow
key: parcel
managers: [role:logistics]
data: {type: object, properties: {weight: {type: integer}, label: {type: integer}}}
nodes:
  start: {start: {}, next: ship}
  ship: {job: remind_logistics, delay: PT1H, next: note}
  note: {set: {label: weight + 1}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn incidents_and_jobs_are_listed_and_retried_by_those_who_manage_them() {
    let app = app().await;
    app.engine
        .publish(&TenantId::default(), &[(PARCEL, Format::Yaml)])
        .await
        .unwrap();
    let new = json!({"workflow": "parcel"});
    let begun = app.post("ann", "/instances", new).await.is(201).json();
    let id = begun["instance"]["id"].as_str().unwrap();
    let jobs = format!("/api/v1/instances/{id}/jobs");
    let listed = app.get("lou", &jobs).await.is(200).json();
    let job = &listed["items"][0];
    assert_eq!(
        (&job["kind"], &job["name"]),
        (&json!("job"), &json!("remind_logistics"))
    );
    assert_eq!(
        (&job["gave_up"], &job["failed"]),
        (&json!(false), &json!(0))
    );
    refused(&app.get("ann", &jobs).await, 403, "not_permitted");
    app.get("max", &jobs).await.is(404);

    app.clock
        .set(app.clock.now() + SignedDuration::from_hours(1));
    app.engine.tick().await.unwrap();
    let own = format!("/api/v1/instances/{id}/incidents");
    let listed = app.get("lou", &own).await.is(200).json();
    let incident = &listed["items"][0];
    assert_eq!(incident["code"], "node_failed");
    assert_eq!(
        (&incident["node"], &incident["instance"]),
        (&json!("note"), &json!(id))
    );
    refused(&app.get("ann", &own).await, 403, "not_permitted");
    let all = app
        .get("ada", "/api/v1/incidents?limit=5")
        .await
        .is(200)
        .json();
    assert_eq!(all["items"], listed["items"]);
    refused(
        &app.get("lou", "/api/v1/incidents").await,
        403,
        "not_permitted",
    );

    let retry = format!("/incidents/{}/retry", incident["id"].as_str().unwrap());
    let none = json!({});
    refused(
        &app.post("ann", &retry, none.clone()).await,
        403,
        "not_permitted",
    );
    app.post("max", &retry, none.clone()).await.is(404);
    let of_job = retry.replace("incidents", "jobs");
    app.post("lou", &of_job, none.clone()).await.is(404);
    let early = app.post("lou", &retry, none.clone()).await;
    refused(&early, 422, "node_failed");
    let values = serde_json::Map::from_iter([("weight".to_owned(), json!(3))]);
    let set = Call::set_data(InstanceId::new(id.parse().unwrap()), values);
    app.engine.call(set).await.unwrap();
    let again = app.post("lou", &retry, none.clone()).await.is(200).json();
    assert_eq!(
        (&again["id"], &again["status"]),
        (&json!(id), &json!("completed"))
    );
    let listed = app.get("lou", &own).await.is(200).json();
    assert_eq!(listed["items"], json!([]));
    app.post("lou", &retry, none.clone()).await.is(404);
    app.post("lou", "/incidents/x/retry", none).await.is(404);
}
