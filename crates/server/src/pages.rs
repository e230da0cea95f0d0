//! Pages for the people who ask and decide: server-rendered, without a line of script.

mod act;
mod did;
mod faults;
mod field;
mod form;
mod frame;
mod inbox;
mod instance;
mod mailbox;
mod message;
mod operation;
mod picture;
mod related;
mod render;
mod sign_in;
mod start;
mod task;
mod task_bar;
mod task_page;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    middleware,
    response::Redirect,
    routing::{get, post},
};

use crate::{
    app::App,
    auth::{known, same_origin, signed_in},
    fault::Fault,
};

/// The pages; nobody gets in who is not known, but to sign in.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/inbox", get(inbox::show))
        .route("/start", get(start::choose))
        .route("/start/{workflow}", get(start::show).post(start::start))
        .route("/tasks/{id}", get(task::show))
        .route("/tasks/{id}/decide", post(act::decide))
        .route("/instances/{id}", get(instance::show))
        .route("/instances/{id}/act", post(instance::act))
        .route("/mailbox", get(mailbox::list))
        .route("/mailbox/{id}", get(mailbox::show))
        .route("/mailbox/{id}/html", get(mailbox::html))
        .route_layer(middleware::from_fn(signed_in))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(app), known))
        .layer(middleware::from_fn(same_origin))
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            faults::faults,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(app),
            frame::cookies,
        ))
}

async fn home(State(app): State<Arc<App>>) -> Redirect {
    Redirect::to(&app.base.link("/inbox"))
}

async fn missing() -> Fault {
    Fault::not_found()
}

async fn wrong_method() -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this cannot be done here",
    )
}
