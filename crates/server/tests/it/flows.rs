//! Flows by REST: what a task takes, what is refused, what the timeline tells.

use serde_json::{Value, json};

use crate::{
    app::{App, flows},
    rest::refused,
};

#[tokio::test]
async fn a_hello_world_goes_from_start_to_end() {
    let app = flows().await;
    let id = app
        .start_flow("sam", "hello_world", json!({"text": "hi"}))
        .await;
    let task = app.task_of("pia").await;
    let shown = app.get("pia", &format!("/api/v1/tasks/{task}")).await;
    let shown = shown.is(200).json();
    assert_eq!(shown["decisions"], json!(["complete"]));
    assert_eq!(shown["form"], "form");
    let form = app.get("pia", &format!("/api/v1/tasks/{task}/form")).await;
    let form = form.is(200).json();
    assert_eq!(form["prefill"], json!({"approved": false}));
    assert_eq!(
        form["schema"]["properties"],
        json!({"approved": {"type": "boolean", "default": false}})
    );

    let body = json!({"form": {"approved": true}, "comment": "why not"});
    let complete = format!("/tasks/{task}/complete");
    let done = app.post("pia", &complete, body).await.is(200).json();
    assert_eq!(done["task"]["outcome"], "completed");
    assert_eq!(done["task"]["decisions"], json!([]));
    assert_eq!(
        done["instance"]["situation"],
        "The system is working on “Send”."
    );
    app.work_at("2026-01-05T09:01:00Z").await;
    let ended = app.get("sam", &format!("/api/v1/instances/{id}")).await;
    let ended = ended.is(200).json();
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["data"], json!({"text": "hi", "approved": true}));
    insta::assert_snapshot!(app.story("sam", &id).await, @"
    Sam started the request
    “Approve” was offered to anyone with the role Approver
    Pia completed “Approve”
    The system started “Send”
    The system finished “Send”
    The request was completed
    ");
}

#[tokio::test]
async fn a_task_of_an_approval_takes_other_decisions() {
    let app = flows().await;
    app.start(json!({"title": "Desk", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let shown = app.get("rita", &format!("/api/v1/tasks/{task}")).await;
    assert_eq!(
        shown.json()["decisions"],
        json!(["approve", "reject", "resubmit"])
    );
    let form = app.get("rita", &format!("/api/v1/tasks/{task}/form")).await;
    assert_eq!(form.json()["prefill"], json!({}));
    let complete = format!("/tasks/{task}/complete");
    let answer = app.post("rita", &complete, json!({})).await;
    refused(&answer, 409, "unknown_outcome");
}

/// A filled form of `fields.yaml`.
fn filled() -> Value {
    json!({
        "name": "Ann", "story": "long", "guests": 2, "price": 10, "vip": false, "room": "single",
        "arrival": "2026-02-01",
    })
}

/// The filled form, changed at `field`.
fn with(field: &str, value: Value) -> Value {
    let mut form = filled();
    form[field] = value;
    form
}

#[tokio::test]
async fn a_form_that_does_not_fit_is_refused_with_the_field() {
    let app = flows().await;
    app.start_flow("max", "fields", json!({"name": "Max"}))
        .await;
    let path = format!("/tasks/{}/complete", app.task_of("max").await);
    let mut missing = filled();
    missing.as_object_mut().unwrap().remove("story");
    for (form, pointer, code) in [
        (
            with("unknown", json!(1)),
            "/unknown",
            "additional_properties",
        ),
        (with("guests", json!("two")), "/guests", "type"),
        (with("guests", json!(1.5)), "/guests", "type"),
        (with("guests", json!(21)), "/guests", "maximum"),
        (with("vip", json!("yes")), "/vip", "type"),
        (with("room", json!("suite")), "/room", "enum"),
        (with("arrival", json!("tomorrow")), "/arrival", "format"),
        (with("name", Value::Null), "/name", "type"),
        (missing, "/story", "required"),
    ] {
        let answer = app.post("max", &path, json!({"form": form})).await;
        refused(&answer, 422, "form_invalid");
        let errors = &answer.json()["errors"];
        assert_eq!(
            (&errors[0]["pointer"], &errors[0]["code"]),
            (&json!(pointer), &json!(code)),
            "{errors:#}"
        );
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors:#}");
    }
    refused(
        &app.post("max", &path, json!({})).await,
        422,
        "form_required",
    );
    for form in [json!([]), json!("text")] {
        let answer = app.post("max", &path, json!({"form": form})).await;
        refused(&answer, 422, "form_invalid");
    }
    for body in [
        json!({"form": filled(), "outcome": "x"}),
        json!({"from": {}}),
        json!([]),
    ] {
        refused(
            &app.post("max", &path, body).await,
            400,
            "malformed_request",
        );
    }
    let long = json!({"form": with("story", "x".repeat(300 << 10).into())});
    refused(&app.post("max", &path, long).await, 413, "limit_exceeded");
    let huge = json!({"form": with("story", "x".repeat(1 << 20).into())});
    refused(&app.post("max", &path, huge).await, 413, "limit_exceeded");
    let done = app.complete("max", Some(filled())).await;
    assert_eq!(done["instance"]["status"], "completed");
}

#[tokio::test]
async fn only_those_who_are_asked_complete_and_only_once() {
    let app = flows().await;
    app.start_flow("sam", "hello_world", json!({"text": "hi"}))
        .await;
    let path = format!("/tasks/{}", app.task_of("pia").await);
    let complete = format!("{path}/complete");
    let yes = || json!({"form": {"approved": true}});
    refused(&app.post("cleo", &complete, yes()).await, 404, "not_found");
    refused(
        &app.post("sam", &complete, yes()).await,
        403,
        "not_permitted",
    );
    app.post("paul", &format!("{path}/claim"), json!({}))
        .await
        .is(200);
    refused(
        &app.post("pia", &complete, yes()).await,
        409,
        "already_claimed",
    );
    let vote = json!({"outcome": "approve"});
    let vote = app.post("paul", &format!("{path}/decide"), vote).await;
    refused(&vote, 409, "unknown_outcome");
    app.post("paul", &complete, yes()).await.is(200);
    refused(&app.post("paul", &complete, yes()).await, 409, "not_open");
    app.work_at("2026-01-05T09:01:00Z").await;
    refused(
        &app.post("paul", &complete, yes()).await,
        409,
        "not_running",
    );
}

#[tokio::test]
async fn a_task_without_fields_takes_no_form() {
    let app = flows().await;
    app.start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    let path = format!("/tasks/{}", app.task_of("wim").await);
    let form = app.get("wim", &format!("/api/v1{path}/form")).await;
    assert_eq!(
        form.json(),
        json!({"key": null, "schema": null, "prefill": {}, "draft": null})
    );
    let body = json!({"form": {"label": "x"}});
    let answer = app.post("wim", &format!("{path}/complete"), body).await;
    refused(&answer, 422, "form_not_allowed");
    app.complete("wim", None).await;
    // Whoever was offered it learns that it is over; others learn nothing.
    let late = app
        .post("zoe", &format!("{path}/complete"), json!({}))
        .await;
    refused(&late, 409, "not_open");
    refused(
        &app.get("zoe", &format!("/api/v1{path}")).await,
        409,
        "not_open",
    );
    refused(
        &app.get("lou", &format!("/api/v1{path}")).await,
        404,
        "not_found",
    );
    app.get("zoe", &path)
        .await
        .is(409)
        .shows(&["This task is closed", "Somebody else was faster"])
        .hides(&["ACME"]);
}

async fn situation(app: &App, id: &str) -> Value {
    let path = format!("/api/v1/instances/{id}");
    app.get("cleo", &path).await.is(200).json()["situation"].clone()
}

#[tokio::test]
async fn a_shipment_runs_side_by_side_and_comes_together() {
    let app = flows().await;
    let id = app
        .start_flow("cleo", "shipment", json!({"customer": "ACME"}))
        .await;
    assert_eq!(
        situation(&app, &id).await,
        "Waits for Cleo at “Carrier”. Waits for anyone with the role Warehouse at “Package”."
    );
    app.complete("cleo", Some(json!({"carrier": "post"}))).await;
    let next = app.complete("cleo", Some(json!({"insured": true}))).await;
    assert_eq!(next["next_tasks"][0]["title"], "Label");
    let stages: Vec<_> = next["instance"]["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| format!("{} {}", stage["key"], stage["state"]).replace('"', ""))
        .collect();
    assert_eq!(
        stages,
        [
            "carrier done",
            "quote skipped",
            "check_insurance done",
            "label open",
            "insure open",
            "remind ahead",
            "package open",
            "move ahead"
        ]
    );
    app.complete("cleo", Some(json!({"label": "L-1"}))).await;
    app.complete("zoe", None).await;
    app.work_at("2026-01-05T18:00:00Z").await;
    app.complete("lou", None).await;
    assert_eq!(situation(&app, &id).await, "Waits for Zoe at “Move”.");
    app.complete("zoe", None).await;
    insta::assert_snapshot!(app.story("cleo", &id).await, @"
    Cleo started the request
    2 branches of work began at “Work”
    “Carrier” was given to Cleo
    “Package” was offered to anyone with the role Warehouse
    Cleo completed “Carrier”
    “Check insurance” was given to Cleo
    Cleo completed “Check insurance”
    2 branches of work began at “Labels”
    “Insure” was offered to anyone with the role Logistics
    “Label” was given to Cleo
    Cleo completed “Label”
    Zoe completed “Package”
    “Insure” took longer than planned
    The system started “Remind”
    The system finished “Remind”
    Lou completed “Insure”
    All branches of work came together at “Labelled”
    All branches of work came together at “Ready”
    “Move” was given to Zoe
    Zoe completed “Move”
    The request was completed
    ");
}

#[tokio::test]
async fn a_workflow_says_what_is_asked_at_its_start() {
    let app = flows().await;
    for (workflow, title, fields) in [
        ("fields", "Every kind of field", json!(["hint", "name"])),
        ("hello_world", "Hello world request", json!(["text"])),
        (
            "purchase_request",
            "Purchase request approval",
            json!(["amount", "priority", "title"]),
        ),
        ("shipment", "Shipment", json!(["customer"])),
    ] {
        let found = app
            .get("ada", &format!("/api/v1/workflows/{workflow}"))
            .await;
        let found = found.is(200).json();
        let properties = found["form"]["properties"].as_object().unwrap();
        let mut keys: Vec<&String> = properties.keys().collect();
        keys.sort();
        assert_eq!(json!(keys), fields, "{workflow}");
        assert_eq!(found["workflow"]["title"], title);
    }
}

/// One task runs out of time, and what follows ends the others.
const HURRY: &str = "
format: signoff/v1
kind: flow
key: hurry
nodes:
  start: {start: {}, next: both}
  both: {split: [slow, other]}
  slow: {task: {user: max}, on_timeout: {after: PT1H, next: note}, next: note}
  other: {task: {user: wim}, next: done}
  note: {function: write_note, next: stop}
  stop: {terminate: {}}
  done: {end: {}}
";

#[tokio::test]
async fn time_that_runs_out_and_work_that_is_withdrawn_are_told() {
    let app = flows().await;
    publish(&app, HURRY).await;
    let id = app.start_flow("max", "hurry", json!({})).await;
    app.work_at("2026-01-05T10:00:00Z").await;
    insta::assert_snapshot!(app.story("max", &id).await, @"
    Max started the request
    2 branches of work began at “Both”
    “Slow” was given to Max
    “Other” was given to Wim
    Time ran out for “Slow”
    The system carried out “Note”
    “Other” was not needed any more
    The request was completed
    ");
}

/// The system's part fails for good beside a task.
pub(crate) const BROKEN: &str = "
format: signoff/v1
kind: flow
key: broken
nodes:
  start: {start: {}, next: both}
  both: {split: [machine, person]}
  machine: {job: break_down, next: met}
  person: {task: {user: max}, next: met}
  met: {join: all, next: done}
  done: {end: {}}
";

#[tokio::test]
async fn a_failed_job_asks_for_an_operator_beside_what_still_waits() {
    let app = flows().await;
    publish(&app, BROKEN).await;
    let id = app.start_flow("max", "broken", json!({})).await;
    let path = format!("/api/v1/instances/{id}");
    for (time, expected) in [
        (
            None,
            "Waits for Max at “Person”. The system is working on “Machine”.",
        ),
        (
            Some("2026-01-05T09:01:00Z"),
            "Waits for Max at “Person”. A step failed; an operator has to look at it.",
        ),
    ] {
        if let Some(time) = time {
            app.work_at(time).await;
        }
        let instance = app.get("max", &path).await.is(200).json();
        assert_eq!(instance["situation"], expected);
    }
    insta::assert_snapshot!(app.story("max", &id).await, @"
    Max started the request
    2 branches of work began at “Both”
    The system started “Machine”
    “Person” was given to Max
    Something needs an operator: broken: the machine is broken
    “Machine” could not go on
    ");
}

async fn publish(app: &App, text: &str) {
    let sources = [(text, signoff::Format::Yaml)];
    let tenant = signoff::TenantId::default();
    app.engine.publish(&tenant, &sources).await.unwrap();
}
