//! Lists: whose, in which parts.

use serde_json::{Value, json};

use crate::{app::app, rest::refused};

fn ids(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn tasks_come_in_parts_that_do_not_overlap() {
    let app = app().await;
    for n in 0..5 {
        app.start(json!({"title": format!("Chair {n}"), "amount": 1}))
            .await;
    }
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/api/v1/tasks?limit=2".to_owned();
    for part in 0..3 {
        let list = app.get("rita", &path).await.is(200).json();
        assert_eq!(ids(&list).len(), if part < 2 { 2 } else { 1 });
        seen.extend(ids(&list).into_iter().map(ToOwned::to_owned));
        let Some(cursor) = list["next_cursor"].as_str() else {
            break;
        };
        let cursor: String = cursor.bytes().map(|byte| format!("%{byte:02x}")).collect();
        path = format!("/api/v1/tasks?limit=2&cursor={cursor}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn people_list_their_own_instances_and_admins_all() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    for (person, query, expected) in [
        ("ann", "", 1),
        ("ann", "?status=running&workflow=purchase_request", 1),
        ("ann", "?status=completed", 0),
        ("max", "", 0),
        ("rita", "?requester=me", 0),
        ("ada", "", 1),
        ("ada", "?requester=me", 0),
        ("ada", "?requester=all&workflow=other", 0),
    ] {
        let list = app
            .get(person, &format!("/api/v1/instances{query}"))
            .await
            .is(200)
            .json();
        assert_eq!(ids(&list).len(), expected, "{person} {query}");
    }
    let list = app.get("ann", "/api/v1/instances").await.json();
    assert_eq!(ids(&list), [id.as_str()]);
    assert_eq!(
        list["items"][0]["requester"],
        json!({"id": "ann", "name": "Ann"})
    );
    refused(
        &app.get("max", "/api/v1/instances?requester=all").await,
        403,
        "not_permitted",
    );
}

#[tokio::test]
async fn a_decided_task_moves_from_mine_to_done() {
    let app = app().await;
    app.start(json!({"title": "Chair", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let no = json!({"outcome": "reject", "reason": "no"});
    app.post("rita", &format!("/tasks/{task}/decide"), no)
        .await
        .is(200);
    for (view, expected) in [("mine", 0), ("available", 0), ("done", 1)] {
        let list = app
            .get("rita", &format!("/api/v1/tasks?view={view}"))
            .await
            .is(200)
            .json();
        assert_eq!(ids(&list).len(), expected, "{view}");
    }
}
