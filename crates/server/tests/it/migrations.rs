//! Requests that go on by another version of their workflow, by REST and on pages.

use serde_json::{Value, json};

use crate::{
    app::{App, app},
    rest::refused,
};

const FIRST: &str = "
format: signoff/v1
kind: flow
key: order
title: Order
managers: [role:clerk]
nodes:
  start: {start: {}, next: check}
  check: {title: Check, task: {role: staff}, next: pay}
  pay: {title: Pay, task: {user: max}, next: end}
  end: {end: {}}
";

/// `check` has another key and title and a deadline, `pay` is gone.
const SECOND: &str = "
format: signoff/v1
kind: flow
key: order
title: Order
managers: [role:clerk]
nodes:
  start: {start: {}, next: verify}
  verify: {title: {en: Verify, ar: تدقيق}, task: {role: staff, due: P2D}, was: check, next: end}
  end: {end: {}}
";

async fn publish(app: &App, text: &str) {
    let sources = [(text, signoff::Format::Yaml)];
    let tenant = signoff::TenantId::default();
    app.engine.publish(&tenant, &sources).await.unwrap();
}

/// An order at `check` and one at `pay`, of the version before the newest.
async fn orders() -> (App, String, String) {
    let app = app().await;
    publish(&app, FIRST).await;
    let paying = app.start_flow("ann", "order", json!({})).await;
    app.complete("sam", None).await;
    let checking = app.start_flow("ann", "order", json!({})).await;
    publish(&app, SECOND).await;
    (app, checking, paying)
}

/// What becomes of visits, by node.
fn becomes(visits: &Value) -> Vec<String> {
    let visits = visits.as_array().unwrap().iter();
    visits
        .map(|visit| {
            let word = |key: &str| visit[key].as_str().unwrap();
            assert!(!word("activation").is_empty());
            format!("{} {}", word("node"), word("becomes"))
        })
        .collect()
}

#[tokio::test]
async fn one_is_migrated_by_its_managers_after_a_look_at_what_would_be() {
    let (app, checking, _) = orders().await;
    let path = format!("/instances/{checking}/migrate");
    let dry = format!("{path}?dry_run=true");
    refused(
        &app.post("ann", &path, json!({})).await,
        403,
        "not_permitted",
    );
    refused(&app.post("bob", &path, json!({})).await, 404, "not_found");
    let foreseen = app.post("cleo", &dry, json!({})).await.is(200).json();
    assert_eq!(becomes(&foreseen["visits"]), ["verify kept"]);
    let version = async || {
        let path = format!("/api/v1/instances/{checking}");
        app.get("cleo", &path).await.is(200).json()["workflow_version"].clone()
    };
    assert_eq!(version().await, 1, "nothing was written");
    for (plan, code) in [
        (json!({"to": 9}), "target_invalid"),
        (json!({"to": 1}), "target_invalid"),
        (json!({"anew": ["nowhere"]}), "target_invalid"),
    ] {
        refused(&app.post("cleo", &path, plan).await, 422, code);
    }
    app.post("cleo", &path, json!({"too": 2})).await.is(400);
    app.post("cleo", &path, json!({"removed": "burn"}))
        .await
        .is(400);
    let done = app
        .post("cleo", &path, json!({"to": 2}))
        .await
        .is(200)
        .json();
    assert_eq!(done["instance"]["workflow_version"], 2);
    assert_eq!(version().await, 2);
    app.complete("sam", None).await;
    insta::assert_snapshot!(app.story("ann", &checking).await, @"
    Ann started the request
    “Verify” was offered to anyone with the role Staff
    Cleo moved the request to version 2 of the workflow
    The deadlines of “Verify” changed
    Sam completed “Verify”
    The request was completed
    ");
}

#[tokio::test]
async fn what_is_gone_is_seen_as_obsolete_until_somebody_moves_it() {
    let (app, _, paying) = orders().await;
    let path = format!("/instances/{paying}/migrate");
    app.post("cleo", &path, json!({})).await.is(200);
    let seen = app
        .get("ann", &format!("/api/v1/instances/{paying}"))
        .await
        .is(200)
        .json();
    let stages = seen["stages"].as_array().unwrap().iter();
    let stages = stages.map(|stage| {
        let word = |key: &str| stage[key].as_str().unwrap();
        format!("{} {}", word("key"), word("state"))
    });
    assert_eq!(stages.collect::<Vec<_>>(), ["verify done", "pay obsolete"]);
    let page = |language: &str| format!("/instances/{paying}?lang={language}");
    let english = "is not in this version of the workflow";
    app.get("ann", &page("en"))
        .await
        .is(200)
        .shows(&[english, "obsolete"]);
    let arabic = "ليست في هذا الإصدار من المسار";
    app.get("ann", &page("ar"))
        .await
        .is(200)
        .shows(&[arabic, "تدقيق"]);
    insta::assert_snapshot!(app.story("ann", &paying).await, @"
    Ann started the request
    “Verify” was offered to anyone with the role Staff
    Sam completed “Verify”
    Pay was given to Max
    Cleo moved the request to version 2 of the workflow
    Something needs an operator: `order@2` has no node `pay`
    Pay is not in this version of the workflow
    ");
}

#[tokio::test]
async fn all_of_a_workflow_are_migrated_each_by_itself() {
    let (app, checking, paying) = orders().await;
    let path = "/workflows/order/migrate";
    let plan = json!({"removed": "refuse", "from": 1});
    refused(
        &app.post("ann", path, plan.clone()).await,
        403,
        "not_permitted",
    );
    let nowhere = "/workflows/nothing/migrate";
    refused(&app.post("ada", nowhere, json!({})).await, 404, "not_found");
    let of = |list: &Value, id: &str| {
        let items = list["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["instance"] == id);
        found.unwrap().clone()
    };
    let dry = format!("{path}?dry_run=true");
    for path in [&*dry, path] {
        let list = app.post("cleo", path, plan.clone()).await.is(200).json();
        let good = of(&list, &checking);
        assert_eq!(good["from"], 1);
        assert_eq!(becomes(&good["visits"]), ["verify kept"]);
        let bad = of(&list, &paying);
        assert_eq!(bad["refused"]["code"], "target_invalid");
        assert!(
            bad["refused"]["message"]
                .as_str()
                .unwrap()
                .contains("`pay`")
        );
    }
    let rest = app.post("ada", path, json!({})).await.is(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(becomes(&rest["items"][0]["visits"]), ["pay obsolete"]);
    let none = app.post("ada", path, json!({})).await.is(200).json();
    assert_eq!(none["items"], json!([]));
    let back = json!({"to": 1, "nodes": {"verify": "check"}});
    let back = app.post("ada", path, back).await.is(200).json();
    assert_eq!(becomes(&of(&back, &paying)["visits"]), ["pay anew"]);
}

#[tokio::test]
async fn who_starts_says_whether_it_follows_the_newest_version() {
    let app = app().await;
    let data = json!({"title": "Chair", "amount": 1});
    for follows in [true, false] {
        let body = json!({"workflow": "purchase_request", "data": data, "follow_latest": follows});
        let started = app.post("ann", "/instances", body).await.is(201).json();
        assert_eq!(started["instance"]["follow_latest"], json!(follows));
    }
}
