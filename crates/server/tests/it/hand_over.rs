//! Tasks that change hands, and what people say, by REST.

use serde_json::json;

use crate::app::app;

#[tokio::test]
async fn a_task_is_transferred_assigned_and_escalated() {
    let app = app().await;
    app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let path = |verb: &str| format!("/tasks/{task}/{verb}");
    let over = json!({"to": "eve", "reason": "new team"});
    let over = app
        .post("rita", &path("transfer"), over)
        .await
        .is(200)
        .json();
    assert_eq!(over["task"]["assignee"]["id"], "eve");
    assert_eq!(over["task"]["delegators"], json!([]));
    // The task is none of hers any more, but she had it, and may see what becomes of it.
    app.post("rita", &path("transfer"), json!({"to": "bob"}))
        .await
        .is(403);
    app.get("rita", &format!("/api/v1/tasks/{task}"))
        .await
        .is(200);
    app.get("sam", &format!("/api/v1/tasks/{task}"))
        .await
        .is(404);
    app.post("eve", &path("assign"), json!({"to": "bob"}))
        .await
        .is(403);
    let given = app
        .post("ada", &path("assign"), json!({"to": "rita"}))
        .await
        .is(200)
        .json();
    assert_eq!(given["task"]["assignee"]["id"], "rita");
    // Nobody leads anybody in this directory.
    app.post("rita", &path("escalate"), json!({"reason": "too large"}))
        .await
        .is(422);
}

#[tokio::test]
async fn one_more_is_asked_one_less_and_whoever_leaves_gives_tasks_away() {
    let app = app().await;
    app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let path = |verb: &str| format!("/tasks/{task}/{verb}");
    let eve = || json!({"to": "eve", "reason": "four eyes"});
    let told = app
        .post("rita", &path("add_approver"), eve())
        .await
        .is(403)
        .json();
    assert_eq!(told["code"], "not_permitted");
    app.post("ada", &path("add_approver"), eve()).await.is(200);
    let told = app
        .post("ada", &path("add_approver"), eve())
        .await
        .is(422)
        .json();
    assert_eq!(told["code"], "target_invalid");
    let other = app.task_of("eve").await;
    assert_ne!(other, task);
    app.post("ada", &path("remove_approver"), eve())
        .await
        .is(200);
    let told = app
        .post("ada", &path("remove_approver"), json!({}))
        .await
        .is(422)
        .json();
    assert_eq!(told["code"], "no_approver", "the last one stays");
    // Nobody stands in for her, nor leads her.
    app.post("rita", "/people/rita/left", json!({}))
        .await
        .is(403);
    let mut versions = Vec::new();
    for _ in 0..3 {
        let left = app
            .post("ada", "/people/rita/left", json!({}))
            .await
            .is(200)
            .json();
        assert_eq!(left, json!({"given": 0, "kept": 1, "refused": []}));
        let trail = app.get("ada", "/api/v1/audit?limit=500").await;
        let trail = trail.is(200).json();
        versions.push(trail["items"].as_array().unwrap().len());
    }
    assert_eq!(
        versions[1..],
        [versions[0]; 2],
        "told again, it writes nothing"
    );
    assert_eq!(app.task_of("rita").await, task);
}

#[tokio::test]
async fn people_say_something_of_tasks_and_instances() {
    let app = app().await;
    let id = app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let said = json!({"comment": "أين العرض؟"});
    app.post("rita", &format!("/tasks/{task}/comments"), said)
        .await
        .is(200);
    app.post(
        "ann",
        &format!("/instances/{id}/comments"),
        json!({"comment": "tomorrow"}),
    )
    .await
    .is(200);
    app.post("ann", &format!("/instances/{id}/comments"), json!({}))
        .await
        .is(422);
    let of = async |path: String| {
        let thread = app
            .get("ann", &format!("/api/v1{path}"))
            .await
            .is(200)
            .json();
        let items = thread["items"].as_array().unwrap().clone();
        let texts = items.iter().map(|item| {
            let by = item["by"]["id"].as_str().unwrap();
            format!("{by}: {}", item["text"].as_str().unwrap())
        });
        texts.collect::<Vec<_>>()
    };
    let both = ["rita: أين العرض؟", "ann: tomorrow"];
    assert_eq!(of(format!("/instances/{id}/comments")).await, both);
    let story = app.story("ann", &id).await;
    assert!(story.contains("commented"), "{story}");
}

#[tokio::test]
async fn a_request_is_taken_back() {
    let app = app().await;
    let id = app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let path = format!("/instances/{id}/withdraw");
    let why = json!({"reason": "bought elsewhere"});
    app.post("rita", &path, why.clone()).await.is(403);
    app.post("ann", &path, json!({})).await.is(422);
    let done = app.post("ann", &path, why.clone()).await.is(200).json();
    assert_eq!(done["instance"]["status"], "cancelled");
    app.post("ann", &path, why).await.is(409);
}

#[tokio::test]
async fn an_unknown_decision_is_refused_with_those_that_there_are() {
    let app = app().await;
    app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let said = json!({"outcome": "bless"});
    let refused = app
        .post("rita", &format!("/tasks/{task}/decide"), said)
        .await;
    let refused = refused.is(409).json();
    assert_eq!(refused["code"], "unknown_outcome");
    let detail = refused["detail"].as_str().unwrap();
    for known in ["`bless`", "`approve`", "`reject`", "`resubmit`"] {
        assert!(detail.contains(known), "{detail}");
    }
}

#[tokio::test]
async fn a_question_is_asked_and_answered() {
    let app = app().await;
    app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let asked = json!({"comment": "لأي فريق؟"});
    app.post("rita", &format!("/tasks/{task}/request_info"), asked)
        .await
        .is(200);
    let question = app.task_of("ann").await;
    let said = json!({"comment": "للمبيعات"});
    let path = format!("/tasks/{question}/answer");
    app.post("rita", &path, said.clone()).await.is(403);
    let done = app.post("ann", &path, said).await.is(200).json();
    assert_eq!(done["task"]["outcome"], "answered");
    assert_eq!(done["task"]["question"], "لأي فريق؟");
}

#[tokio::test]
async fn the_requester_revises_what_is_returned() {
    let app = app().await;
    let id = app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    let path = format!("/tasks/{task}/return");
    app.post("rita", &path, json!({})).await.is(422);
    let why = json!({"reason": "لأي فريق؟"});
    app.post("sam", &path, why.clone()).await.is(404);
    let done = app.post("rita", &path, why.clone()).await.is(200).json();
    assert_eq!(done["task"]["outcome"], "returned");
    app.post("rita", &path, why).await.is(409);
    let revise = app.task_of("ann").await;
    let shown = app
        .get("ann", &format!("/api/v1/tasks/{revise}"))
        .await
        .is(200)
        .json();
    assert_eq!(shown["node"], "revise");
    assert_eq!(shown["decisions"], json!(["complete"]));
    let form = app
        .get("ann", &format!("/api/v1/tasks/{revise}/form"))
        .await
        .is(200)
        .json();
    assert_eq!(form["prefill"]["title"], "Chairs");
    assert!(form["schema"]["properties"]["amount"].is_object());
    let path = format!("/tasks/{revise}/complete");
    let wrong = json!({"form": {"amount": "many"}});
    app.post("ann", &path, wrong).await.is(422);
    let form = json!({"form": {"amount": 1100}});
    app.post("ann", &path, form).await.is(200);
    let shown = app
        .get("rita", &format!("/api/v1/instances/{id}"))
        .await
        .is(200)
        .json();
    assert_eq!(shown["data"]["amount"], 1100);
    app.task_of("rita").await;
    let story = app.story("ann", &id).await;
    assert!(story.contains("Rita sent Initial review back"), "{story}");
}
