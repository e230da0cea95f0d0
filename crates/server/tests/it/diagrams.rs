//! The picture of an instance.

use serde_json::json;

use crate::{app::app, rest::refused};

#[tokio::test]
async fn whoever_may_see_an_instance_sees_its_diagram_and_nobody_else() {
    let app = app().await;
    let id = app.start(json!({"title": "Chair", "amount": 1})).await;
    let place = format!("/api/v1/instances/{id}/diagram.svg");
    for person in ["ann", "rita", "ada"] {
        let drawn = app.get(person, &place).await;
        drawn
            .is(200)
            .shows(&["<svg ", "marked open", ">Initial review<"]);
        assert_eq!(drawn.header("content-type"), "image/svg+xml");
        let policy = drawn.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    let arabic = app.get("ann", &format!("{place}?lang=ar")).await;
    arabic
        .is(200)
        .shows(&["direction=\"rtl\"", "المراجعة الأولية"]);
    refused(&app.get("max", &place).await, 404, "not_found");
    let task = app.task_of("rita").await;
    let review = json!({"outcome": "approve", "form": {"reviewer_comment": "ok", "budget_code": "BDG-2026-001"}});
    app.post("rita", &format!("/tasks/{task}/decide"), review)
        .await
        .is(200);
    let drawn = app.get("ann", &place).await;
    drawn.is(200).shows(&["marked completed", "marked open"]);
}
