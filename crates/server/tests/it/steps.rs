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

/// A step whose form takes one field, and whose transition needs a ticket.
const TICKET: &str = "
format: signoff/v1
kind: steps
key: ticket
subject: claim
data: {type: object, properties: {hours: {type: number}, secret: {type: number}}}
steps:
  - key: work
    initial: true
    form: [hours]
    statuses:
      - {key: open, default: true, category: waiting, color: '#3498db', icon: inbox, meta: {sla: 3}}
      - {key: solved, completion: true, title: {en: Solved, ar: تم الحل}}
  - key: closed
    final: true
    statuses: [{key: open, default: true}, {key: done, completion: true}]
transitions: [{from: work, to: closed, required: [ticket], by: ['role:employee']}]
";

#[tokio::test]
async fn a_transition_takes_the_fields_of_its_form_and_what_it_requires_or_nothing_changes() {
    let app = claims().await;
    let tenant = TenantId::default();
    let published = app.engine.publish(&tenant, &[(TICKET, Format::Yaml)]).await;
    published.unwrap();
    let body = json!({"workflow": "ticket", "data": {"hours": 1}});
    let started = app.post("ann", "/instances", body).await.json();
    let id = started["instance"]["id"].as_str().unwrap();
    let task = statuses(&app, "ann", id).await["task"].clone();
    let path = format!("/tasks/{}/set_status", task.as_str().unwrap());
    let body = |form: Value, metadata: Value| json!({"status": "solved", "form": form, "metadata": metadata});
    for (body, status, code, pointer) in [
        (
            body(json!({"hours": 2, "secret": 9}), json!({"ticket": 7})),
            422,
            "form_invalid",
            "/secret",
        ),
        (
            body(json!({"hours": 2}), json!({})),
            422,
            "form_required",
            "/metadata/ticket",
        ),
        (
            body(json!({"hours": 2}), json!({"owner": 1})),
            422,
            "form_invalid",
            "/metadata/owner",
        ),
    ] {
        let refused = app.post("ann", &path, body).await;
        let told = refused.is(status).json();
        assert_eq!(
            (&told["code"], &told["errors"][0]["pointer"]),
            (&json!(code), &json!(pointer))
        );
        let seen = app
            .get("ann", &format!("/api/v1/instances/{id}"))
            .await
            .json();
        assert_eq!(seen["data"], json!({"hours": 1}));
        assert_eq!(seen["step"], json!({"key": "work", "status": "open"}));
    }
    let seen = statuses(&app, "rita", id).await;
    let way = &choice(&seen, "solved")["ways"][0];
    assert_eq!(
        (&way["to"], &way["code"]),
        (&json!("closed"), &json!("not_permitted"))
    );
    let seen = statuses(&app, "ann", id).await;
    let way = &choice(&seen, "solved")["ways"][0];
    assert_eq!(
        (&way["permitted"], &way["code"]),
        (&json!(true), &json!("form_required"))
    );
    let done = app
        .post(
            "ann",
            &path,
            body(json!({"hours": 2}), json!({"ticket": 7})),
        )
        .await;
    let done = done.is(200).json();
    assert_eq!(done["instance"]["step"]["key"], "closed");
    assert_eq!(done["instance"]["data"], json!({"hours": 2}));
}

#[tokio::test]
async fn a_page_takes_a_status_with_its_form_or_neither() {
    let app = claims().await;
    let open = TICKET.replace("required: [ticket], ", "");
    let tenant = TenantId::default();
    let sources = [(open.as_str(), Format::Yaml)];
    app.engine.publish(&tenant, &sources).await.unwrap();
    let body = json!({"workflow": "ticket", "data": {"hours": 1}});
    let started = app.post("ann", "/instances", body).await.json();
    let id = started["instance"]["id"].as_str().unwrap();
    let task = statuses(&app, "ann", id).await["task"].clone();
    let path = format!("/tasks/{}", task.as_str().unwrap());
    let page = app.get("ann", &path).await;
    page.is(200);
    page.shows(&["name=\"form.hours\"", "value=\"status:solved\""]);
    page.hides(&["name=\"form.secret\""]);
    for (hours, status, stands, data) in [
        ("many", 422, "work", json!({"hours": 1})),
        ("2", 303, "closed", json!({"hours": 2})),
    ] {
        let fields = [
            ("outcome", "status:solved"),
            ("form.hours", hours),
            ("form.secret", "9"),
        ];
        let sent = app.submit("ann", &format!("{path}/decide"), &fields).await;
        sent.is(status);
        let seen = app
            .get("ann", &format!("/api/v1/instances/{id}"))
            .await
            .json();
        assert_eq!(
            (&seen["step"]["key"], &seen["data"]),
            (&json!(stands), &data)
        );
    }
}

#[tokio::test]
async fn a_no_names_one_of_the_steps_that_the_task_tells() {
    let app = claims().await;
    let visa = TICKET.replace("key: ticket", "key: visa").replace(
        "required: [ticket], by: ['role:employee']",
        "approvals: [{user: max}], on_reject: {move: [work, closed]}",
    );
    let tenant = TenantId::default();
    let sources = [(visa.as_str(), Format::Yaml)];
    app.engine.publish(&tenant, &sources).await.unwrap();
    let body = json!({"workflow": "visa", "data": {"hours": 1}});
    let started = app.post("ann", "/instances", body).await.json();
    let id = started["instance"]["id"].as_str().unwrap();
    let task = statuses(&app, "ann", id).await["task"].clone();
    let path = format!("/tasks/{}/set_status", task.as_str().unwrap());
    let body = json!({"status": "solved", "form": {"hours": 2}});
    app.post("ann", &path, body).await.is(200);
    let task = app.task_of("max").await;
    let seen = app
        .get("max", &format!("/api/v1/tasks/{task}"))
        .await
        .json();
    let told = json!([{"key": "work", "title": "Work"}, {"key": "closed", "title": "Closed"}]);
    assert_eq!(seen["reject_to"], told);
    let no = async |to: Value| {
        let body = json!({"outcome": "reject", "reason": "لا", "to": to});
        app.post("max", &format!("/tasks/{task}/decide"), body)
            .await
    };
    assert_eq!(no(Value::Null).await.json()["code"], "target_required");
    assert_eq!(no(json!("nowhere")).await.json()["code"], "target_invalid");
    let done = no(json!("work")).await.is(200).json();
    assert_eq!(
        done["instance"]["step"],
        json!({"key": "work", "status": "open"})
    );
}

#[tokio::test]
async fn a_design_is_written_and_read_whole_in_one_call_each() {
    let app = claims().await;
    let broken = format!("{TICKET}x: 1\n");
    let publish = async |text: &str| {
        let request = axum::http::Request::post("/api/v1/workflows")
            .header("x-person", "ada")
            .header("content-type", "application/yaml");
        app.send(request.body(text.to_owned().into()).unwrap())
            .await
    };
    publish(&broken).await.is(422);
    app.get("ada", "/api/v1/workflows/ticket").await.is(404);
    assert!(publish(TICKET).await.status.is_success());
    let path = "/api/v1/workflows/ticket/design";
    let design = app.get("ada", path).await.is(200).json();
    assert_eq!(
        design["document"]["transitions"][0]["required"],
        json!(["ticket"])
    );
    let nodes = design["nodes"].as_array().unwrap();
    let keys: Vec<&Value> = nodes.iter().map(|node| &node["key"]).collect();
    assert_eq!(
        keys,
        [&json!(null), &json!("work"), &json!("closed"), &json!(null)]
    );
    assert_eq!(nodes[1]["notes"][1], "Open, Solved");
    let edges = design["edges"].as_array().unwrap();
    let ends: Vec<Value> = edges
        .iter()
        .map(|edge| json!([edge["from"], edge["to"]]))
        .collect();
    assert_eq!(json!(ends), json!([[0, 1], [1, 2], [2, 3]]));
    let arabic = app.get("ada", &format!("{path}?lang=ar")).await.json();
    assert_eq!(arabic["nodes"][1]["notes"][1], "Open, تم الحل");
    app.get("ann", path).await.is(403);
    app.get("ada", "/api/v1/workflows/other/design")
        .await
        .is(404);
}

#[tokio::test]
async fn the_statuses_of_a_type_of_subject_are_listed_with_their_looks() {
    let app = claims().await;
    let tenant = TenantId::default();
    let published = app.engine.publish(&tenant, &[(TICKET, Format::Yaml)]).await;
    published.unwrap();
    let path = "/api/v1/statuses?subject_type=claim";
    let found = app.get("ann", path).await.is(200).json();
    let items = found["items"].as_array().unwrap();
    let of = |workflow: &str| {
        items
            .iter()
            .filter(|item| item["workflow"] == workflow)
            .count()
    };
    assert_eq!((of("claim"), of("ticket"), items.len()), (10, 4, 14));
    let open = items
        .iter()
        .find(|item| item["workflow"] == "ticket")
        .unwrap();
    assert_eq!(open["color"], "#3498db");
    assert_eq!(open["meta"], json!({"sla": 3}));
    let arabic = app.get("ann", &format!("{path}&lang=ar")).await.json();
    assert_eq!(arabic["items"][11]["title"], "تم الحل");
    let none = app.get("ann", "/api/v1/statuses?subject_type=ship").await;
    assert_eq!(none.json()["items"], json!([]));
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
            &[("outcome", "ask"), ("ask_reason", "لماذا؟")],
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
