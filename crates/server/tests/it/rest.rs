//! The story of a purchase request by REST.

use serde_json::{Value, json};

use crate::app::{Answer, app};

fn review(code: &str) -> Value {
    json!({"outcome": "approve", "form": {"reviewer_comment": "ok", "budget_code": code}})
}

#[tokio::test]
async fn a_purchase_request_goes_from_start_to_end() {
    let app = app().await;
    let data = json!({"title": "Chairs", "amount": 1200});
    let started = app
        .post(
            "ann",
            "/instances",
            json!({"workflow": "purchase_request", "data": data}),
        )
        .await;
    let body = started.is(201).json();
    let id = body["instance"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        started.header("location"),
        format!("/api/v1/instances/{id}")
    );
    assert_eq!(
        body["instance"]["data"],
        json!({"title": "Chairs", "amount": 1200, "priority": "normal"})
    );
    assert_eq!(
        body["instance"]["situation"],
        "Waits for Rita at Initial review, due in 2 days."
    );
    assert_eq!(body["next_tasks"], json!([]));

    let task = app.task_of("rita").await;
    let form = app
        .get("rita", &format!("/api/v1/tasks/{task}/form?lang=ar"))
        .await
        .is(200)
        .json();
    assert_eq!(form["key"], "initial_review");
    assert_eq!(
        form["schema"]["properties"]["budget_code"]["title"],
        "رمز الميزانية"
    );
    let decided = app
        .post(
            "rita",
            &format!("/tasks/{task}/decide"),
            review("BDG-2026-001"),
        )
        .await;
    let decided = decided.is(200).json();
    assert_eq!(decided["task"]["state"], "completed");
    assert_eq!(decided["task"]["outcome"], "approved");
    assert_eq!(
        decided["task"]["closed_by"],
        json!({"id": "rita", "name": "Rita"})
    );
    assert_eq!(decided["instance"]["progress"], 25);

    let task = app.task_of("bob").await;
    let claimed = app
        .post("bob", &format!("/tasks/{task}/claim"), json!({}))
        .await
        .is(200)
        .json();
    assert_eq!(claimed["task"]["assignee"]["name"], "Bob");
    assert_eq!(claimed["next_tasks"][0]["id"], task.as_str());
    app.post("eve", &format!("/tasks/{task}/claim"), json!({}))
        .await
        .is(409);
    app.post("bob", &format!("/tasks/{task}/release"), json!({}))
        .await
        .is(200);
    app.post(
        "eve",
        &format!("/tasks/{task}/decide"),
        json!({"outcome": "approve"}),
    )
    .await
    .is(200);

    let task = app.task_of("cfo").await;
    let last =
        json!({"outcome": "approve", "form": {"finance_ref": "FIN-2026-PR-1"}, "comment": "fine"});
    let done = app
        .post("cfo", &format!("/tasks/{task}/decide"), last)
        .await
        .is(200)
        .json();
    assert_eq!(done["instance"]["status"], "completed");
    assert_eq!(done["instance"]["progress"], 100);
    assert_eq!(done["instance"]["situation"], "Completed just now.");

    let timeline = app
        .get("ann", &format!("/api/v1/instances/{id}/timeline"))
        .await
        .is(200)
        .json();
    let told: Vec<&str> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["text"].as_str().unwrap())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    Ann started the request
    Initial review was given to Rita
    Rita approved Initial review
    Budget approval was offered to anyone with the role Budget manager
    Bob claimed Budget approval
    Bob gave Budget approval back
    Eve approved Budget approval
    Final finance sign-off was given to Carla
    Carla approved Final finance sign-off
    Executive approval was not needed
    The request was completed
    ");
    let tasks = app
        .get("ann", &format!("/api/v1/instances/{id}/tasks"))
        .await
        .is(200)
        .json();
    assert_eq!(tasks["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn it_is_sent_back_delegated_and_rejected() {
    let app = app().await;
    let id = app.start(json!({"title": "Press", "amount": 90_000})).await;
    let task = app.task_of("rita").await;
    app.post(
        "rita",
        &format!("/tasks/{task}/decide"),
        review("BDG-2026-002"),
    )
    .await
    .is(200);
    let task = app.task_of("bob").await;
    let back = json!({"outcome": "resubmit", "to": "initial_review", "reason": "no breakdown"});
    app.post("bob", &format!("/tasks/{task}/decide"), back)
        .await
        .is(200);
    let task = app.task_of("rita").await;
    let over = json!({"to": "eve", "reason": "on leave"});
    let over = app
        .post("rita", &format!("/tasks/{task}/delegate"), over)
        .await
        .is(200)
        .json();
    assert_eq!(over["task"]["assignee"]["id"], "eve");
    assert_eq!(
        over["task"]["delegators"],
        json!([{"id": "rita", "name": "Rita"}])
    );
    let link = &over["task"]["delegations"][0];
    assert_eq!(link["from"]["id"], "rita");
    assert_eq!(link["to"]["id"], "eve");
    assert_eq!(link["reason"], "on leave");
    assert!(link["at"].is_string());
    app.post(
        "rita",
        &format!("/tasks/{task}/decide"),
        review("BDG-2026-002"),
    )
    .await
    .is(403);
    let no = json!({"outcome": "reject", "reason": "not this year"});
    let no = app
        .post("eve", &format!("/tasks/{task}/decide"), no)
        .await
        .is(200)
        .json();
    assert_eq!(no["instance"]["status"], "rejected");
    assert_eq!(no["instance"]["reason"], "not this year");
    assert_eq!(
        no["instance"]["situation"],
        "Rejected by Eve: not this year"
    );
    let seen = app
        .get("ann", &format!("/api/v1/instances/{id}"))
        .await
        .is(200)
        .json();
    assert_eq!(seen["stages"][0]["state"], "rejected");
}

#[tokio::test]
async fn the_requester_may_cancel_with_a_reason() {
    let app = app().await;
    let id = app.start(json!({"title": "Desk", "amount": 1})).await;
    let place = format!("/instances/{id}/cancel");
    refused(
        &app.post("ann", &place, json!({})).await,
        422,
        "reason_required",
    );
    refused(
        &app.post("rita", &place, json!({"reason": "x"})).await,
        403,
        "not_permitted",
    );
    let done = app
        .post("ann", &place, json!({"reason": "not needed"}))
        .await
        .is(200)
        .json();
    assert_eq!(
        done["instance"]["situation"],
        "Cancelled by Ann: not needed"
    );
    refused(
        &app.post("ann", &place, json!({"reason": "again"})).await,
        409,
        "not_running",
    );
}

#[tokio::test]
async fn a_wrong_form_is_a_problem_with_fields() {
    let app = app().await;
    app.start(json!({"title": "Desk", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let wrong = json!({"outcome": "approve", "form": {"budget_code": "nonsense"}});
    let wrong = app
        .post("rita", &format!("/tasks/{task}/decide"), wrong)
        .await;
    assert_eq!(wrong.header("content-type"), "application/problem+json");
    let pretty = serde_json::to_string_pretty(&wrong.is(422).json()).unwrap();
    insta::assert_snapshot!(pretty);
}

#[tokio::test]
async fn refusals_have_their_status_and_code() {
    let app = app().await;
    let start = |data: Value| json!({"workflow": "purchase_request", "data": data});
    let no_amount = app
        .post("ann", "/instances", start(json!({"title": "x"})))
        .await;
    refused(&no_amount, 422, "form_invalid");
    assert_eq!(no_amount.json()["errors"][0]["pointer"], "/amount");
    let fine = start(json!({"title": "x", "amount": 1}));
    refused(
        &app.post("rita", "/instances", fine).await,
        403,
        "not_permitted",
    );
    refused(
        &app.post("ann", "/instances", json!({"workflow": "nope"}))
            .await,
        404,
        "not_found",
    );
    app.start(json!({"title": "x", "amount": 1})).await;
    let task = app.task_of("rita").await;
    for (path, body, status, code) in [
        (
            "decide",
            json!({"outcome": "approve"}),
            422,
            "form_required",
        ),
        (
            "decide",
            json!({"outcome": "reject"}),
            422,
            "reason_required",
        ),
        (
            "decide",
            json!({"outcome": "reject", "reason": "x", "form": {}}),
            422,
            "form_not_allowed",
        ),
        (
            "decide",
            json!({"outcome": "resubmit", "reason": "x", "to": "nowhere"}),
            422,
            "target_invalid",
        ),
        ("delegate", json!({"reason": "x"}), 422, "target_required"),
        (
            "delegate",
            json!({"reason": "x", "to": "nobody"}),
            422,
            "unknown_user",
        ),
        (
            "delegate",
            json!({"reason": "x", "to": "ann"}),
            403,
            "self_approval",
        ),
        (
            "delegate",
            json!({"reason": "x", "to": "ghost"}),
            422,
            "target_invalid",
        ),
        (
            "decide",
            json!({"outcome": "reject", "reason": "x".repeat(70_000)}),
            413,
            "limit_exceeded",
        ),
    ] {
        refused(
            &app.post("rita", &format!("/tasks/{task}/{path}"), body)
                .await,
            status,
            code,
        );
    }
    app.post(
        "rita",
        &format!("/tasks/{task}/decide"),
        review("BDG-2026-001"),
    )
    .await
    .is(200);
    let again = app
        .post(
            "rita",
            &format!("/tasks/{task}/decide"),
            review("BDG-2026-001"),
        )
        .await;
    assert_eq!(again.status, 409, "{}", again.text);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem() {
    let app = app().await;
    app.start(json!({"title": "x", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let decide = format!("/tasks/{task}/decide");
    let unknown = json!({"outcome": "approve", "outcom": "x"});
    let unknown = app.post("rita", &decide, unknown).await;
    refused(&unknown, 400, "malformed_request");
    unknown.shows(&["outcom"]);
    for body in [json!({"outcome": 1}), json!([]), json!({})] {
        refused(
            &app.post("rita", &decide, body).await,
            400,
            "malformed_request",
        );
    }
    for (path, status, code) in [
        ("/tasks?view=theirs", 400, "malformed_request"),
        ("/tasks?limit=0", 400, "malformed_request"),
        ("/tasks?limit=501", 400, "malformed_request"),
        ("/tasks?cursor=nonsense", 400, "malformed_request"),
        ("/tasks?unknown=1", 400, "malformed_request"),
        ("/instances?cursor=nonsense", 400, "malformed_request"),
        ("/tasks/not-an-id", 404, "not_found"),
        (
            "/instances/01900000-0000-7000-8000-000000000001",
            404,
            "not_found",
        ),
        ("/nothing", 404, "not_found"),
        ("/tasks/x/decide", 405, "method_not_allowed"),
    ] {
        refused(
            &app.get("rita", &format!("/api/v1{path}")).await,
            status,
            code,
        );
    }
}

/// Fails unless the answer is a problem with this status and code.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    let problem = answer.json();
    assert_eq!(
        (answer.status.as_u16(), problem["code"].as_str()),
        (status, Some(code)),
        "{}",
        answer.text
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(problem["status"], status);
}

#[tokio::test]
async fn a_path_with_nul_cannot_be_read_and_a_name_with_it_is_told_by_place() {
    let app = app().await;
    for path in ["/api/v1/workflows/a%00b", "/api/v1/subjects/order/%00"] {
        refused(&app.get("ann", path).await, 400, "malformed_request");
    }
    for (id, status, code) in [
        (format!("a{}b", '\0'), 422, "text_invalid"),
        ("1".repeat(401), 422, "limit_exceeded"),
    ] {
        let data = json!({"title": "Chairs", "amount": 1200});
        let subject = json!({"type": "purchase_request", "id": id});
        let new = json!({"workflow": "purchase_request", "subject": subject, "data": data});
        let told = app.post("ann", "/instances", new).await;
        refused(&told, status, code);
        assert_eq!(told.json()["errors"][0]["pointer"], "/subject/id");
    }
}
