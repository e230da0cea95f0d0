//! Steps over REST: the statuses that are possible, and setting them.

use serde_json::{Value, json};
use signoff::{Call, Format, InstanceId, TenantId};

use crate::app::{App, app};

const CLAIM: &str = include_str!("../../../../examples/claim.yaml");

async fn claims() -> App {
    let app = app().await;
    let tenant = TenantId::default();
    let sources = [(CLAIM, Format::Yaml)];
    app.engine.publish(&tenant, &sources).await.unwrap();
    app
}

async fn start(app: &App, id: &str) -> Value {
    let body = json!({
        "workflow": "claim",
        "subject": {"type": "claim", "id": id},
        "data": {"claim": {"amount": 5000, "is_high_risk": false}},
    });
    let started = app.post("ann", "/instances", body).await;
    started.json()["instance"].clone()
}

/// The statuses of the step as `person` sees them.
async fn statuses(app: &App, person: &str, instance: &str) -> Value {
    let path = format!("/api/v1/instances/{instance}/statuses");
    app.get(person, &path).await.is(200).json()
}

fn choice<'a>(statuses: &'a Value, key: &str) -> &'a Value {
    let all = statuses["statuses"].as_array().unwrap();
    all.iter().find(|status| status["key"] == key).unwrap()
}

#[tokio::test]
async fn the_statuses_of_a_step_say_which_may_be_given_and_why_not() {
    let app = claims().await;
    let instance = start(&app, "6f1c").await;
    let id = instance["id"].as_str().unwrap();
    assert_eq!(
        instance["step"],
        json!({"key": "intake", "status": "received"})
    );
    let seen = statuses(&app, "ann", id).await;
    assert_eq!(seen["step"], "intake");
    let received = choice(&seen, "received");
    assert_eq!(
        (&received["current"], &received["permitted"]),
        (&json!(true), &json!(true))
    );
    let complete = choice(&seen, "complete");
    assert_eq!(complete["role"], "completion");
    assert_eq!(
        complete["leads_to"],
        json!(["investigation", "senior_review", "payout"])
    );
    let hold = choice(&seen, "on_hold");
    assert_eq!(
        (&hold["permitted"], &hold["code"]),
        (&json!(false), &json!("unknown_status"))
    );
}

#[tokio::test]
async fn a_status_is_set_with_context_and_refused_with_a_code() {
    let app = claims().await;
    let instance = start(&app, "6f1c").await;
    let id = instance["id"].as_str().unwrap();
    let seen = statuses(&app, "ann", id).await;
    let path = format!("/tasks/{}/set_status", seen["task"].as_str().unwrap());
    let wrong = app.post("ann", &path, json!({"status": "paid"})).await;
    assert_eq!(wrong.is(409).json()["code"], "unknown_status");
    let nowhere = json!({"status": "complete", "to": "nowhere"});
    let nowhere = app.post("ann", &path, nowhere).await;
    assert_eq!(nowhere.json()["code"], "target_invalid");
    let context = json!({"claim": {"amount": 50000, "is_high_risk": false}});
    let body = json!({"status": "complete", "context": context, "comment": "كبير"});
    let done = app.post("ann", &path, body.clone()).await.is(200).json();
    assert_eq!(done["instance"]["step"]["key"], "senior_review");
    let twice = app.post("ann", &path, body).await;
    assert_eq!(twice.is(409).json()["code"], "not_open");
    let unknown = app.post("ann", &path, json!({"state": "complete"})).await;
    unknown.is(400);
}

#[tokio::test]
async fn an_active_subject_gives_its_instance_and_many_are_held_at_once() {
    let app = claims().await;
    let first = start(&app, "a-1").await;
    assert_eq!(start(&app, "a-1").await["id"], first["id"]);
    let second = start(&app, "2").await;
    assert_ne!(second["id"], first["id"]);
    let ids = [&first["id"], &second["id"]]
        .map(|id| -> InstanceId { InstanceId::new(id.as_str().unwrap().parse().unwrap()) });
    let cancelled = app
        .engine
        .call(Call::cancel(ids[1]).reason("moved").by("ann"))
        .await;
    assert!(cancelled.is_ok());
    let results = app
        .engine
        .call_all(ids.map(|id| Call::hold(id).by("ann")))
        .await;
    assert!(results[0].is_ok());
    let codes: Vec<Option<&str>> = results
        .iter()
        .map(|result| match result {
            Err(signoff::NotDone::Refused(refusal)) => Some(refusal.code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [None, Some("not_running")]);
}

#[tokio::test]
async fn a_status_that_may_not_be_given_says_why_for_each_reader() {
    let app = claims().await;
    let instance = start(&app, "6f1c").await;
    let id = instance["id"].as_str().unwrap();
    let held = app
        .post("ann", &format!("/instances/{id}/hold"), json!({}))
        .await;
    held.is(200);
    let seen = statuses(&app, "ann", id).await;
    let now = choice(&seen, "on_hold");
    assert_eq!(now["current"], json!(true));
    for key in ["received", "complete"] {
        let refused = choice(&seen, key);
        assert_eq!(
            (&refused["permitted"], &refused["code"]),
            (&json!(false), &json!("on_hold")),
            "{key}"
        );
        assert!(refused["detail"].as_str().unwrap().contains("on_hold"));
    }
    let stranger = app
        .get("zed", &format!("/api/v1/instances/{id}/statuses"))
        .await;
    assert!(stranger.status.is_client_error());
}

#[tokio::test]
async fn the_changes_of_status_are_listed_with_actor_reason_and_transition() {
    let app = claims().await;
    let instance = start(&app, "6f1c").await;
    let id = instance["id"].as_str().unwrap();
    let task = statuses(&app, "ann", id).await["task"].clone();
    let path = format!("/tasks/{}/set_status", task.as_str().unwrap());
    let body = json!({"status": "complete", "comment": "ملف كامل"});
    app.post("max", &path, body).await.is(200);
    let path = format!("/api/v1/instances/{id}/statuses/history");
    let found = app.get("ann", &path).await.is(200).json();
    let told: Vec<Value> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let keys = [
                "by",
                "actor",
                "step",
                "from",
                "to",
                "transition",
                "reason",
                "metadata",
            ];
            json!(keys.map(|key| item[key].clone()))
        })
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["ann", "person", "intake", null, "received", null, null, {}],
            [
                "max",
                "person",
                "intake",
                "received",
                "complete",
                "payout",
                "ملف كامل",
                {}
            ],
            ["max", "person", "payout", null, "scheduled", null, null, {}],
        ])
    );
}

#[tokio::test]
async fn many_are_held_resumed_and_cancelled_by_one_request_with_a_result_for_each() {
    let app = claims().await;
    let mut ids = Vec::new();
    for id in ["1", "2"] {
        ids.push(start(&app, id).await["id"].clone());
    }
    ids.push(json!("6f1c"));
    let task = statuses(&app, "ann", ids[1].as_str().unwrap()).await["task"].clone();
    let path = format!("/tasks/{}/set_status", task.as_str().unwrap());
    app.post("ann", &path, json!({"status": "complete"}))
        .await
        .is(200);
    let all = async |command: &str| {
        let body = json!({"command": command, "ids": ids, "reason": "تدقيق"});
        let found = app
            .post("ann", "/instances/batch", body)
            .await
            .is(200)
            .json();
        let items = found["items"].as_array().unwrap().clone();
        let told = items.into_iter().map(|item| match item["ok"] == true {
            true => item["status"].clone(),
            false => item["refused"]["code"].clone(),
        });
        Value::Array(told.collect())
    };
    assert_eq!(
        all("hold").await,
        json!(["on_hold", "unknown_status", "not_found"])
    );
    assert_eq!(
        all("resume").await,
        json!(["running", "not_on_hold", "not_found"])
    );
    assert_eq!(
        all("cancel").await,
        json!(["cancelled", "cancelled", "not_found"])
    );
    assert_eq!(
        all("cancel").await,
        json!(["not_running", "not_running", "not_found"])
    );
    let many: Vec<&str> = vec!["1"; 501];
    let body = json!({"command": "hold", "ids": many});
    app.post("ann", "/instances/batch", body).await.is(413);
    let body = json!({"command": "approve", "ids": ids});
    app.post("ann", "/instances/batch", body).await.is(400);
}

#[tokio::test]
async fn a_subject_shows_what_ran_about_it_also_of_one_workflow() {
    let app = claims().await;
    let first = start(&app, "7").await;
    let all = app
        .get("ann", "/api/v1/subjects/claim/7")
        .await
        .is(200)
        .json();
    assert_eq!(all["instances"][0]["id"], first["id"]);
    let one = app
        .get("ann", "/api/v1/subjects/claim/7?workflow=claim")
        .await;
    assert_eq!(one.json()["instances"][0]["id"], first["id"]);
    let other = app
        .get("ann", "/api/v1/subjects/claim/7?workflow=survey")
        .await;
    assert_eq!(other.json()["instances"], json!([]));
}

#[tokio::test]
async fn a_page_offers_the_statuses_that_may_be_given() {
    let app = claims().await;
    let instance = start(&app, "6f1c").await;
    let id = instance["id"].as_str().unwrap();
    let task = statuses(&app, "ann", id).await["task"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/tasks/{task}");
    let page = app.get("ann", &path).await;
    page.is(200);
    page.shows(&["Status now: Received", "value=\"status:complete\""]);
    page.hides(&["status:on_hold", "value=\"complete\""]);
    let arabic = app.get("ann", &format!("{path}?lang=ar")).await;
    arabic.shows(&["الحالة الآن"]);
    let done = app
        .submit(
            "ann",
            &format!("{path}/decide"),
            &[("outcome", "status:complete")],
        )
        .await;
    done.is(303);
    let after = statuses(&app, "ann", id).await;
    assert_eq!(after["step"], "payout");
    let wrong = app
        .submit(
            "ann",
            &format!("{path}/decide"),
            &[("outcome", "status:complete")],
        )
        .await;
    wrong.is(409);
}

#[tokio::test]
async fn a_question_is_asked_and_answered_on_pages() {
    let app = app().await;
    let instance = app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let asked = app
        .submit(
            "rita",
            &format!("/tasks/{task}/decide"),
            &[("outcome", "ask"), ("ask_question", "لماذا؟")],
        )
        .await;
    asked.is(303);
    let question = app.task_of("ann").await;
    let page = app.get("ann", &format!("/tasks/{question}")).await;
    page.is(200);
    page.shows(&["لماذا؟", "value=\"answer\""]);
    page.hides(&["value=\"approve\""]);
    let answered = app
        .submit(
            "ann",
            &format!("/tasks/{question}/decide"),
            &[("outcome", "answer"), ("comment", "ten people came")],
        )
        .await;
    answered.is(303);
    let story = app.story("ann", &instance).await;
    assert!(story.ends_with("Ann answered a question about Initial review"));
}
