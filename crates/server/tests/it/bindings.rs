//! Types of subjects over REST.

use serde_json::{Value, json};

use crate::app::{App, app};

async fn put(app: &App, person: &str, kind: &str, body: &Value) -> crate::app::Answer {
    let request = axum::http::Request::put(format!("/api/v1/bindings/{kind}"))
        .header("x-person", person)
        .header("content-type", "application/json");
    app.send(request.body(body.to_string().into()).unwrap())
        .await
}

#[tokio::test]
async fn admins_bind_types_and_everybody_sees_what_holds() {
    let app = app().await;
    let body = json!({
        "default_workflow": "purchase_request", "workflows": ["purchase_request"],
        "status_field": "state", "default_status": "new", "direct_change": false,
    });
    put(&app, "ann", "order", &body).await.is(403);
    for _ in 0..2 {
        let bound = put(&app, "ada", "order", &body).await.is(200).json();
        assert_eq!(
            (&bound["binding"], &bound["workflows"]),
            (&body, &json!(["purchase_request"]))
        );
    }
    put(&app, "ada", "order", &json!({"workflow": "x"}))
        .await
        .is(400);
    put(&app, "ada", "order", &json!({"workflows": ["x"]}))
        .await
        .is(422);
    let listed = app.get("ann", "/api/v1/bindings").await.is(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let status = "/api/v1/subjects/order/17/direct_change";
    let told = app.get("ann", status).await.is(200).json();
    assert_eq!(
        (&told["allowed"], &told["refused"]),
        (&json!(false), &json!("not_permitted"))
    );
    let request = axum::http::Request::delete("/api/v1/bindings/order").header("x-person", "ada");
    let deleted = app
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(
        deleted.is(200).json()["binding"],
        json!({"direct_change": true})
    );
    assert_eq!(
        app.get("ann", status).await.is(200).json()["allowed"],
        json!(true)
    );
}
