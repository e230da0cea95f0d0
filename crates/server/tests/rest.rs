//! The REST interface as a program sees it, on a memory store.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, request::Parts},
};
use serde_json::{Value, json};
use signoff::{
    BoxError, Engine, Format, MemoryDirectory, PersonId, Profile, TenantId, store::MemoryStore,
};
use signoff_server::{Authenticator, Server};
use tower::ServiceExt as _;

/// Trusts a header.
#[derive(Debug)]
struct Header;

#[async_trait::async_trait]
impl Authenticator for Header {
    async fn person(&self, request: &Parts) -> Result<Option<PersonId>, BoxError> {
        let name = request
            .headers
            .get("x-person")
            .and_then(|name| name.to_str().ok());
        Ok(name.map(PersonId::from))
    }
}

async fn app() -> Router {
    let person = |id: &str, roles: &[&str], admin| Profile {
        id: id.into(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        admin,
        ..Profile::default()
    };
    let people = [
        person("ann", &["employee"], false),
        person("max", &["employee"], false),
        person("rita", &["finance_reviewer"], false),
        person("bob", &["budget_manager"], false),
        person("cfo", &["cfo"], false),
        person("xia", &["executive"], false),
        person("ada", &[], true),
    ];
    let engine = Engine::builder()
        .store(MemoryStore::default())
        .directory(MemoryDirectory::new(people))
        .action("reserve_budget", |_| async { Ok(Value::Null) })
        .build()
        .unwrap();
    let definition = include_str!("../../../examples/purchase_request.yaml");
    engine
        .publish(&TenantId::default(), &[(definition, Format::Yaml)])
        .await
        .unwrap();
    Server::builder(engine)
        .authenticator(Header)
        .build()
        .unwrap()
        .router()
}

async fn send(
    app: &Router,
    person: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"));
    if !person.is_empty() {
        request = request.header("x-person", person);
    }
    let body = match body {
        Some(json) => {
            request = request.header("content-type", "application/json");
            Body::from(json.to_string())
        }
        None => Body::empty(),
    };
    let response = app
        .clone()
        .oneshot(request.body(body).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

async fn start(app: &Router) -> String {
    let body = json!({"workflow": "purchase_request", "data": {"title": "Chairs", "amount": 1200}});
    let (status, answer) = send(app, "ann", "POST", "/instances", Some(body)).await;
    assert!(status.is_success(), "{status} {answer}");
    find_id(&answer).to_owned()
}

/// The id of the instance, wherever the answer has it.
fn find_id(answer: &Value) -> &str {
    let instance = answer.get("instance").unwrap_or(answer);
    instance["id"].as_str().unwrap()
}

async fn task_of(app: &Router, person: &str, view: &str) -> String {
    let (status, page) = send(app, person, "GET", &format!("/tasks?view={view}"), None).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"][0]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{person} has no task: {page}"))
        .to_owned()
}

async fn decide(app: &Router, person: &str, task: &str, body: Value) -> (StatusCode, Value) {
    send(
        app,
        person,
        "POST",
        &format!("/tasks/{task}/decide"),
        Some(body),
    )
    .await
}

#[tokio::test]
async fn a_purchase_goes_from_start_to_end() {
    let app = app().await;
    let id = start(&app).await;
    let task = task_of(&app, "rita", "mine").await;
    let form = json!({"reviewer_comment": "ok", "budget_code": "BDG-2026-001"});
    let (status, answer) = decide(
        &app,
        "rita",
        &task,
        json!({"outcome": "approve", "form": form}),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let task = task_of(&app, "bob", "available").await;
    let (status, _) = decide(&app, "bob", &task, json!({"outcome": "approve"})).await;
    assert_eq!(status, StatusCode::OK);
    let task = task_of(&app, "cfo", "mine").await;
    let body = json!({"outcome": "approve", "form": {"finance_ref": "FIN-2026-PR-1"}});
    let (status, _) = decide(&app, "cfo", &task, body).await;
    assert_eq!(status, StatusCode::OK);
    let (status, instance) = send(&app, "ann", "GET", &format!("/instances/{id}"), None).await;
    assert_eq!(
        (status, instance["status"].as_str()),
        (StatusCode::OK, Some("completed")),
        "{instance}"
    );
    assert_eq!(instance["progress"], 100);
    let (status, timeline) = send(
        &app,
        "ann",
        "GET",
        &format!("/instances/{id}/timeline"),
        None,
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        timeline.to_string().contains("instance_completed"),
        "{timeline}"
    );
}

#[tokio::test]
async fn a_no_is_a_problem_with_its_code_and_nothing_is_written() {
    let app = app().await;
    let id = start(&app).await;
    let task = task_of(&app, "rita", "mine").await;
    let approve = |form: Value| json!({"outcome": "approve", "form": form});
    for (body, status, code) in [
        (json!({"outcome": "approve"}), 422, "form_required"),
        (
            approve(json!({"reviewer_comment": "ok", "budget_code": "x"})),
            422,
            "form_invalid",
        ),
        (json!({"outcome": "reject"}), 422, "reason_required"),
        (
            json!({"outcome": "resubmit", "to": "final_sign_off", "reason": "r"}),
            422,
            "target_invalid",
        ),
        (json!({"outcome": "sign"}), 422, "malformed_request"),
        (
            json!({"outcome": "approve", "stranger": 1}),
            422,
            "malformed_request",
        ),
    ] {
        let (found, problem) = decide(&app, "rita", &task, body.clone()).await;
        let malformed = code == "malformed_request" && found == StatusCode::BAD_REQUEST;
        assert!(
            malformed || found == StatusCode::from_u16(status).unwrap(),
            "{body}: {found} {problem}"
        );
        assert_eq!(problem["code"], code, "{body}: {problem}");
    }
    let (_, problem) = decide(
        &app,
        "rita",
        &task,
        approve(json!({"reviewer_comment": "ok", "budget_code": "x"})),
    )
    .await;
    assert_eq!(problem["errors"][0]["pointer"], "/budget_code", "{problem}");
    let (_, timeline) = send(
        &app,
        "ann",
        "GET",
        &format!("/instances/{id}/timeline"),
        None,
    )
    .await;
    assert!(
        !timeline.to_string().contains("decision_made"),
        "{timeline}"
    );
}

#[tokio::test]
async fn who_may_not_see_finds_nothing_and_who_is_unknown_gets_nowhere() {
    let app = app().await;
    let id = start(&app).await;
    let task = task_of(&app, "rita", "mine").await;
    for (person, method, path, status) in [
        ("", "GET", "/tasks".to_owned(), 401),
        ("nobody", "GET", "/tasks".to_owned(), 401),
        ("xia", "GET", format!("/instances/{id}"), 404),
        ("xia", "GET", format!("/tasks/{task}"), 404),
        ("ann", "GET", "/instances/nonsense".to_owned(), 404),
        ("ada", "GET", format!("/instances/{id}"), 200),
    ] {
        let (found, answer) = send(&app, person, method, &path, None).await;
        assert_eq!(found.as_u16(), status, "{person} {path}: {answer}");
    }
    let (status, problem) = decide(&app, "xia", &task, json!({"outcome": "approve"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{problem}");
    let (status, problem) = decide(&app, "ann", &task, json!({"outcome": "approve"})).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("not_permitted")),
        "{problem}"
    );
}

#[tokio::test]
async fn deciding_twice_is_a_conflict() {
    let app = app().await;
    start(&app).await;
    let task = task_of(&app, "rita", "mine").await;
    let form = json!({"reviewer_comment": "ok", "budget_code": "BDG-2026-001"});
    let body = json!({"outcome": "approve", "form": form});
    assert_eq!(
        decide(&app, "rita", &task, body.clone()).await.0,
        StatusCode::OK
    );
    let (status, problem) = decide(&app, "rita", &task, body).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (StatusCode::CONFLICT, Some("not_open")),
        "{problem}"
    );
}

#[tokio::test]
async fn starting_needs_the_role_and_data_that_fit() {
    let app = app().await;
    let body = |data: Value| Some(json!({"workflow": "purchase_request", "data": data}));
    let good = json!({"title": "Desk", "amount": 5});
    for (person, body, status, code) in [
        ("rita", body(good.clone()), 403, "not_permitted"),
        ("ann", body(json!({"title": "Desk"})), 422, "form_invalid"),
        (
            "ann",
            Some(json!({"workflow": "none", "data": {}})),
            404,
            "not_found",
        ),
    ] {
        let (found, problem) = send(&app, person, "POST", "/instances", body).await;
        assert_eq!(
            (found.as_u16(), problem["code"].as_str()),
            (status, Some(code)),
            "{person}: {problem}"
        );
    }
}
