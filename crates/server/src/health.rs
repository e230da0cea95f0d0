//! Whether the server is there, and whether it can work.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::app::App;

/// The process answers.
pub(crate) async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The store answers too.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    match app.engine.store().workflows(&app.tenant).await {
        Ok(_) => (StatusCode::OK, Json(json!({"status": "ok"}))),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the store does not answer"
            );
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({"status": "unavailable", "code": error.code()})),
            )
        }
    }
}

/// Which version runs.
pub(crate) async fn version() -> Json<Value> {
    Json(json!({"name": "signoff", "version": env!("CARGO_PKG_VERSION")}))
}
