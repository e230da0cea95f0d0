//! The audit trail by REST.

use serde_json::json;
use signoff::{Format, TenantId};

use crate::{app::app, rest::refused};

const LEAVE: &str = "format: signoff/v1
kind: approval
key: time_off
approvals: [{user: max}]
";

#[tokio::test]
async fn admins_read_what_was_done_by_position() {
    let app = app().await;
    app.engine
        .publish(&TenantId::default(), &[(LEAVE, Format::Yaml)])
        .await
        .unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let new = json!({"workflow": "time_off"});
        let begun = app.post("ann", "/instances", new).await.is(201).json();
        ids.push(begun["instance"]["id"].as_str().unwrap().to_owned());
    }
    refused(&app.get("ann", "/api/v1/audit").await, 403, "not_permitted");
    let all = app.get("ada", "/api/v1/audit").await.is(200).json();
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for (item, position) in items.iter().zip(1..) {
        assert_eq!(item["position"], position);
        assert_eq!(
            (&item["by"], &item["actor"]),
            (&json!("ann"), &json!("person"))
        );
        assert!(
            item["events"]
                .as_array()
                .is_some_and(|events| !events.is_empty())
        );
    }
    assert_eq!(all["next_cursor"], json!(null));
    let first = app.get("ada", "/api/v1/audit?limit=2").await.is(200).json();
    assert_eq!(first["items"].as_array().unwrap()[..], items[..2]);
    assert_eq!(first["next_cursor"], "2");
    let rest = app.get("ada", "/api/v1/audit?cursor=2&limit=2").await;
    let rest = rest.is(200).json();
    assert_eq!(rest["items"].as_array().unwrap()[..], items[2..]);
    assert_eq!(rest["next_cursor"], json!(null));
    for (query, count) in [
        (format!("instance={}", ids[1]), 1),
        ("person=ann".to_owned(), 3),
        ("person=max".to_owned(), 0),
        ("event=instance_started".to_owned(), 3),
        ("event=decision_made".to_owned(), 0),
        ("cursor=99".to_owned(), 0),
    ] {
        let found = app.get("ada", &format!("/api/v1/audit?{query}")).await;
        let found = found.is(200).json();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    app.get("ada", "/api/v1/audit?cursor=x").await.is(400);
    app.get("ada", "/api/v1/audit?limit=0").await.is(400);
    app.get("ada", "/api/v1/audit?instance=x").await.is(404);
}
