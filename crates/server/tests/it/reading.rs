//! What is read of instances, workflows and subjects.

use serde_json::{Value, json};

use crate::{
    app::{App, app, flows},
    rest::refused,
};

async fn get(app: &App, person: &str, path: &str) -> Value {
    app.get(person, &format!("/api/v1{path}"))
        .await
        .is(200)
        .json()
}

async fn approve(app: &App, person: &str, comment: &str) {
    let task = app.task_of(person).await;
    let path = format!("/tasks/{task}/decide");
    let body = json!({"outcome": "approve", "comment": comment, "form": {"reviewer_comment": "ok", "budget_code": "BDG-2026-001"}});
    app.post(person, &path, body).await.is(200);
}

#[tokio::test]
async fn progress_says_where_an_instance_stands_and_what_comes_next() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    let progress = get(&app, "ann", &format!("/instances/{id}/progress")).await;
    assert_eq!(
        (&progress["status"], &progress["percent"], &progress["done"]),
        (&json!("running"), &json!(0), &json!(0))
    );
    assert_eq!(progress["started_at"], "2026-01-05T09:00:00Z");
    assert_eq!(progress["ended_at"], Value::Null);
    let at = &progress["at"][0];
    assert_eq!(at["key"], "initial_review");
    assert!(at["title"].is_string() && at["group"]["title"].is_string());
    assert!(progress["next"][0]["key"].is_string());
    app.get("max", &format!("/api/v1/instances/{id}/progress"))
        .await
        .is(404);
}

#[tokio::test]
async fn a_detail_nests_groups_stages_visits_and_what_was_said() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    approve(&app, "rita", "looks fine").await;
    let detail = get(&app, "ann", &format!("/instances/{id}/detail")).await;
    let stages: Vec<&Value> = detail["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["stages"].as_array().unwrap())
        .collect();
    let stage = stages[0];
    assert_eq!(stage["key"], "initial_review");
    assert_eq!(stage["state"], "done");
    assert_eq!(stage["performers"], json!(["rita"]));
    assert_eq!(stage["entered_at"], "2026-01-05T09:00:00Z");
    assert_eq!(stage["left_at"], "2026-01-05T09:00:00Z");
    let entry = &stage["visits"][0]["entries"][0];
    assert_eq!(
        (
            &entry["state"],
            &entry["approved"],
            &entry["required"],
            &entry["total"]
        ),
        (&json!("approved"), &json!(1), &json!(1), &json!(1))
    );
    let said = &entry["approvals"][0];
    assert_eq!(said["by"], "rita");
    assert_eq!(said["comment"], "looks fine");
    assert_eq!(said["said"], "approved");
    assert_eq!(stages[1]["state"], "open");
    assert_eq!(detail["people"]["rita"], "Rita");
    assert!(detail["situation"].as_str().unwrap().contains("Waits for"));

    let approvals = get(&app, "ann", &format!("/instances/{id}/approvals")).await;
    let summary = &approvals["summary"];
    assert_eq!(
        (&summary["approved"], &summary["waiting"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(approvals["current"][0]["node"], stages[1]["key"]);
    assert_eq!(approvals["all"].as_array().unwrap().len(), 2);
    app.get("max", &format!("/api/v1/instances/{id}/detail"))
        .await
        .is(404);
}

#[tokio::test]
async fn a_list_of_instances_says_how_far_each_is_and_who_must_act() {
    let app = app().await;
    app.start(json!({"title": "Chair", "amount": 1})).await;
    let list = get(&app, "ann", "/instances").await;
    let one = &list["items"][0];
    assert_eq!(one["progress"]["at"][0]["key"], "initial_review");
    assert_eq!(one["waits_for"].as_array().unwrap().len(), 1);
    assert_eq!(one["needs_operator"], false);
    assert_eq!(
        get(&app, "ann", "/instances?subject_type=order").await["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_workflow_shows_its_structure_and_counts_its_approvals() {
    let app = app().await;
    let structure = get(&app, "ann", "/workflows/purchase_request/structure?lang=ar").await;
    let groups = structure["groups"].as_array().unwrap();
    let stages: Vec<&Value> = groups
        .iter()
        .flat_map(|group| group["stages"].as_array().unwrap())
        .collect();
    assert_eq!(groups[0]["order"], 1);
    assert!(groups[0]["title"].is_string());
    assert_eq!(stages[0]["key"], "initial_review");
    assert_eq!(stages[0]["order"], 1);
    assert!(stages[0]["has_forms"].is_boolean());
    let summary = get(&app, "ann", "/workflows/purchase_request/approval_summary").await;
    let entries: usize = stages
        .iter()
        .map(|stage| stage["approvals"].as_array().unwrap().len())
        .sum();
    assert_eq!(summary["total"], json!(entries));
    assert_eq!(summary["stages"], json!(stages.len()));
    let by_type: u64 = summary["by_type"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    let by_select: u64 = summary["by_select"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(
        (json!(by_type), json!(by_select)),
        (json!(entries), json!(entries))
    );
    assert_eq!(summary["groups"].as_array().unwrap().len(), groups.len());
    for path in ["structure", "approval_summary"] {
        app.get("ann", &format!("/api/v1/workflows/nothing/{path}"))
            .await
            .is(404);
    }
}

#[tokio::test]
async fn workflows_are_listed_with_counts_and_filtered_by_whether_they_are_active() {
    let app = flows().await;
    let all = get(&app, "ann", "/workflows").await;
    let total = all["total_count"].as_u64().unwrap();
    assert_eq!(total, 4);
    assert_eq!(all["statistics"]["workflows"], total);
    assert_eq!(all["statistics"]["inactive"], 0);
    let hello = "hello_world".into();
    let tenant = signoff::TenantId::default();
    let store = app.engine.store();
    assert!(store.set_active(&tenant, &hello, false).await.unwrap());
    for (query, expected) in [("?active=true", 3), ("?active=false", 1), ("", 4)] {
        let list = get(&app, "ann", &format!("/workflows{query}")).await;
        assert_eq!(list["total_count"], expected, "{query}");
        assert_eq!(list["items"].as_array().unwrap().len(), expected);
        assert_eq!(list["statistics"]["inactive"], 1);
    }
}

#[tokio::test]
async fn statistics_count_and_time_and_are_for_admins() {
    let app = app().await;
    app.start(json!({"title": "Chair", "amount": 1})).await;
    app.clock.set("2026-01-05T10:00:00Z".parse().unwrap());
    approve(&app, "rita", "").await;
    let found = get(&app, "ada", "/statistics").await;
    assert_eq!(found["by_status"], json!({"running": 1}));
    assert_eq!(found["system"]["workflows"], 1);
    let review = &found["nodes"][0];
    assert_eq!(review["node"], "initial_review");
    assert_eq!(
        (&review["done"], &review["average_seconds"]),
        (&json!(1), &json!(3600))
    );
    let rita = found["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|load| load["person"] == "rita")
        .unwrap();
    assert_eq!((&rita["done"], &rita["open"]), (&json!(1), &json!(0)));
    let of_one = get(&app, "ada", "/workflows/purchase_request/statistics").await;
    assert_eq!(of_one["workflows"][0]["instances"], 1);
    app.get("ada", "/api/v1/workflows/nothing/statistics")
        .await
        .is(404);
    refused(
        &app.get("rita", "/api/v1/statistics").await,
        403,
        "not_permitted",
    );
}

#[tokio::test]
async fn a_person_counts_and_filters_what_waits_and_what_was_decided() {
    let app = app().await;
    for title in ["Chair", "Table"] {
        app.start(json!({"title": title, "amount": 1})).await;
    }
    let list = get(&app, "rita", "/tasks?view=available&total=true").await;
    let mine = get(&app, "rita", "/tasks?view=mine&total=true").await;
    let sum = list["total"].as_u64().unwrap() + mine["total"].as_u64().unwrap();
    assert_eq!(sum, 2);
    let tasks: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .chain(mine["items"].as_array().unwrap())
        .collect();
    let path = format!("/tasks/{}/decide", tasks[0]["id"].as_str().unwrap());
    app.post("rita", &path, json!({"outcome": "reject", "reason": "no"}))
        .await
        .is(200);
    let counts = get(&app, "rita", "/tasks/counts").await;
    let said = &counts["counts"];
    assert_eq!(
        (&said["rejected"], &said["approved"], &said["done"]),
        (&json!(1), &json!(0), &json!(1))
    );
    assert_eq!(counts["last"].as_array().unwrap().len(), 1);
    for (query, expected) in [
        ("view=done&outcome=rejected", 1),
        ("view=done&outcome=approved", 0),
        ("view=done&workflow=purchase_request", 1),
        ("view=done&workflow=other", 0),
        ("view=done&search=nowhere", 0),
    ] {
        let list = get(&app, "rita", &format!("/tasks?{query}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), expected, "{query}");
    }
    let overdue = "/tasks?view=all&overdue=true&total=true";
    assert_eq!(get(&app, "ada", overdue).await["total"], 0);
    app.clock.set("2026-02-05T10:00:00Z".parse().unwrap());
    assert_eq!(get(&app, "ada", overdue).await["total"], 1);
    refused(
        &app.get("rita", "/api/v1/tasks?view=all").await,
        403,
        "not_permitted",
    );
}

#[tokio::test]
async fn a_subject_shows_its_instances_and_who_must_act() {
    let app = app().await;
    let body = json!({
        "workflow": "purchase_request",
        "data": {"title": "Chair", "amount": 1},
        "subject": {"type": "purchase_request", "id": "17"},
    });
    app.post("ann", "/instances", body).await.is(201);
    let path = "/subjects/purchase_request/17";
    let hers = get(&app, "ann", path).await;
    assert_eq!(hers["instances"].as_array().unwrap().len(), 1);
    assert_eq!(hers["must_act"], json!([]));
    assert_eq!(hers["approvals"]["summary"]["waiting"], 1);
    let task = app.task_of("rita").await;
    assert_eq!(get(&app, "rita", path).await["must_act"], json!([task]));
    let others = get(&app, "max", path).await;
    assert_eq!(others["instances"], json!([]));
    assert_eq!(others["approvals"], Value::Null);
    assert_eq!(
        get(&app, "ann", "/subjects/purchase_request/18").await["instances"],
        json!([])
    );
}

#[tokio::test]
async fn own_fields_of_a_step_are_in_structures_details_and_tasks() {
    let app = app().await;
    let document = "{format: signoff/v1, kind: approval, key: own, defaults: {meta: {cost_center: 7, title: {en: Cost, ar: كلفة}}}, approvals: [{user: rita}]}";
    let sources = [(document, signoff::Format::Yaml)];
    let tenant = signoff::TenantId::default();
    app.engine.publish(&tenant, &sources).await.unwrap();
    let started = app
        .post("ann", "/instances", json!({"workflow": "own"}))
        .await;
    let started = started.is(201).json();
    let id = started["instance"]["id"].as_str().unwrap();
    let meta = json!({"cost_center": 7, "title": {"en": "Cost", "ar": "كلفة"}});
    let structure = get(&app, "ann", "/workflows/own/structure?lang=ar").await;
    let entry = &structure["groups"][0]["stages"][0]["approvals"][0];
    assert_eq!(entry["meta"], meta);
    let detail = get(&app, "ann", &format!("/instances/{id}/detail")).await;
    let entry = &detail["groups"][0]["stages"][0]["approvals"][0];
    assert_eq!(entry["meta"], meta);
    let tasks = get(&app, "rita", "/tasks?view=mine").await;
    assert_eq!(tasks["items"][0]["meta"], meta);
    let task = tasks["items"][0]["id"].as_str().unwrap();
    let one = get(&app, "rita", &format!("/tasks/{task}")).await;
    assert_eq!(one["meta"], meta);
}

const PAY: &str = "
format: signoff/v1
kind: flow
key: pay
description: Who is paid, and when.
summary: {en: 'Pay ${ to }', ar: 'ادفع إلى ${ to }'}
result: 'Paid ${ to }'
data: {type: object, required: [to], properties: {to: {type: string}}}
nodes:
  start: {start: {}, next: check}
  check: {task: {}, description: Is it right?, summary: 'Check ${ to }', result: 'Right for ${ to }', next: end}
  end: {end: {}}
";

#[tokio::test]
async fn instances_and_tasks_are_told_in_brief() {
    let app = app().await;
    let tenant = signoff::TenantId::default();
    let sources = [(PAY, signoff::Format::Yaml)];
    app.engine.publish(&tenant, &sources).await.unwrap();
    let body = json!({"workflow": "pay", "data": {"to": "Layla"}});
    let started = app.post("ann", "/instances", body).await.is(201).json();
    assert_eq!(started["instance"]["brief"], "Pay Layla");
    assert_eq!(started["next_tasks"][0]["brief"], "Check Layla");
    let id = started["instance"]["id"].as_str().unwrap().to_owned();
    let task = started["next_tasks"][0]["id"].as_str().unwrap().to_owned();
    let arabic = get(&app, "ann", &format!("/instances/{id}?lang=ar")).await;
    assert_eq!(arabic["brief"], "ادفع إلى Layla");
    let listed = get(&app, "ann", "/instances").await;
    assert_eq!(listed["items"][0]["brief"], "Pay Layla");
    let waits = &listed["items"][0]["waits_for"][0];
    assert_eq!(waits["brief"], "Check Layla");
    let mine = get(&app, "ann", "/tasks?view=available").await;
    assert_eq!(mine["items"][0]["brief"], "Check Layla");
    assert_eq!(mine["items"][0]["description"], "Is it right?");
    let path = format!("/tasks/{task}/complete");
    let done = app.post("ann", &path, json!({})).await.is(200).json();
    assert_eq!(done["instance"]["brief"], "Paid Layla");
    let one = get(&app, "ann", &format!("/tasks/{task}")).await;
    assert_eq!(one["brief"], "Right for Layla");
    let structure = get(&app, "ann", "/workflows/pay/structure").await;
    assert_eq!(structure["description"], "Who is paid, and when.");
    let stage = &structure["groups"][0]["stages"][0];
    assert_eq!(
        (&stage["title"], &stage["description"]),
        (&json!("Check"), &json!("Is it right?"))
    );
}

#[tokio::test]
async fn answers_tell_what_was_asked_in_the_readers_language() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    approve(&app, "rita", "fine").await;
    let told = get(&app, "ann", &format!("/instances/{id}/answers?lang=ar")).await;
    let form = &told["items"][0];
    assert_eq!(
        (&form["node"], &form["by"]),
        (&json!("initial_review"), &json!("rita"))
    );
    assert_eq!(form["answers"]["reviewer_comment"], "ok");
    assert!(form["schema"]["properties"].is_object());
    let fields = form["fields"].as_array().unwrap();
    assert!(fields.iter().all(|field| field["title"].is_string()));
    let said = fields
        .iter()
        .find(|field| field["key"] == "reviewer_comment");
    assert_eq!(said.unwrap()["answer"], "ok");
    assert_eq!(told["people"]["rita"], "Rita");
    app.get("max", &format!("/api/v1/instances/{id}/answers"))
        .await
        .is(404);
}
