//! REST: `/api/v1`, JSON in and out, problems as RFC 9457.

mod actions;
mod audit;
mod batch;
mod bindings;
mod body;
mod bpmn;
mod catalogue;
mod command;
mod comments;
mod csv;
mod decide;
mod design;
mod diagram;
mod drafts;
mod files;
mod grammar;
mod incidents;
mod instance_dto;
mod instances;
mod list;
mod migrate;
mod once;
mod people;
mod problem;
mod reading;
mod reports;
mod status_history;
mod statuses;
mod subjects;
mod substitutions;
mod task_dto;
mod tasks;
mod visits;
mod workflows;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{delete, get, patch, post, put},
};

use crate::{
    app::App,
    auth::{known, same_origin, signed_in},
    fault::Fault,
};

/// The routes below `/api/v1`; nobody gets in who is not known.
///
/// Every `POST` may be named, and is then done once: those of one instance are noted with the change
/// that they make, the answers of all others are kept.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let commands = of_instances().merge(of_tasks());
    let others = of_the_tenant().merge(of_workflows());
    let files = of_files().layer(middleware::from_fn(once::kept));
    // What they bring may be larger than other requests.
    let files = files.layer(DefaultBodyLimit::max(app.engine.limits().file_bytes));
    commands
        .layer(middleware::from_fn(once::named))
        .merge(others.layer(middleware::from_fn(once::kept)))
        .merge(files)
        .fallback(missing)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(signed_in))
        .layer(middleware::from_fn_with_state(Arc::clone(app), known))
        .layer(middleware::from_fn(same_origin))
        .layer(middleware::from_fn(without_nul))
        .layer(middleware::from_fn(problem::problems))
}

/// Nothing is named by U+0000, and some databases fail when they are asked for it.
async fn without_nul(request: Request, next: Next) -> Response {
    if request.uri().path().contains("%00") {
        return Fault::malformed("the path has the character U+0000").into_response();
    }
    next.run(request).await
}

/// The routes of what is of no workflow, or of many instances.
fn of_the_tenant() -> Router<Arc<App>> {
    Router::new()
        .route("/statistics", get(reports::of_all))
        .route("/statuses", get(catalogue::list))
        .route("/bindings", get(bindings::list))
        .route(
            "/bindings/{type}",
            get(bindings::one)
                .put(bindings::put)
                .delete(bindings::delete),
        )
        .route("/subjects/{type}/{id}", get(subjects::one))
        .route(
            "/subjects/{type}/{id}/direct_change",
            get(bindings::direct_change),
        )
        .route("/actions", get(actions::list).post(actions::add))
        .route(
            "/actions/{id}",
            put(actions::change).delete(actions::delete),
        )
        .route(
            "/substitutions",
            get(substitutions::list).post(substitutions::add),
        )
        .route("/substitutions/{id}", delete(substitutions::delete))
        .route("/audit", get(audit::list))
        .route("/audit/export", get(audit::export))
        .route("/incidents", get(incidents::all))
        .route("/incidents/{id}/retry", post(incidents::retry))
        .route("/jobs/{id}/retry", post(incidents::retry_job))
        .route("/people/{id}/left", post(people::left))
        .route("/instances/batch", post(batch::instances))
}

/// The routes of workflows.
fn of_workflows() -> Router<Arc<App>> {
    Router::new()
        .route("/workflows/validate", post(workflows::validate))
        .route("/workflows", get(workflows::list).post(workflows::publish))
        .route("/workflows/import", post(bpmn::import))
        .route("/workflows/{key}/bpmn", get(bpmn::export))
        .route(
            "/workflows/{key}",
            get(workflows::one)
                .patch(drafts::change)
                .delete(drafts::delete),
        )
        .route("/workflows/{key}/copy", post(drafts::copy))
        .route(
            "/workflows/{key}/draft",
            get(drafts::one)
                .post(drafts::begin)
                .put(drafts::write)
                .patch(drafts::edit)
                .delete(drafts::discard),
        )
        .route("/workflows/{key}/draft/publish", post(drafts::publish))
        .route("/workflows/{key}/migrate", post(migrate::all))
        .route("/workflows/{key}/design", get(design::one))
        .route("/workflows/{key}/diagram.svg", get(diagram::of_workflow))
        .route("/workflows/{key}/structure", get(reports::structure))
        .route(
            "/workflows/{key}/approval_summary",
            get(reports::approval_summary),
        )
        .route("/workflows/{key}/permissions", get(reports::permissions))
        .route("/workflows/{key}/statistics", get(reports::of_workflow))
}

/// The routes of an instance: what changes something is one command.
fn of_instances() -> Router<Arc<App>> {
    Router::new()
        .route("/instances", get(instances::list).post(instances::start))
        .route("/instances/search", post(instances::search))
        .route("/instances/{id}", get(instances::one))
        .route("/instances/{id}/diagram.svg", get(diagram::of_instance))
        .route("/instances/{id}/progress", get(reading::progress))
        .route("/instances/{id}/detail", get(reading::detail))
        .route("/instances/{id}/approvals", get(reading::approvals))
        .route("/instances/{id}/answers", get(reading::answers))
        .route("/instances/{id}/timeline", get(instances::timeline))
        .route("/instances/{id}/tasks", get(instances::tasks))
        .route("/instances/{id}/visits", get(visits::list))
        .route("/instances/{id}/incidents", get(incidents::of_instance))
        .route("/instances/{id}/jobs", get(incidents::jobs))
        .route("/instances/{id}/statuses", get(statuses::list))
        .route(
            "/instances/{id}/statuses/history",
            get(status_history::list),
        )
        .route("/instances/{id}/start", post(instances::begin))
        .route("/instances/{id}/cancel", post(instances::cancel))
        .route("/instances/{id}/withdraw", post(instances::withdraw))
        .route(
            "/instances/{id}/comments",
            get(comments::of_instance).post(comments::say_of_instance),
        )
        .route("/instances/{id}/migrate", post(migrate::one))
        .route("/instances/{id}/run_action", post(instances::run_action))
        .route("/instances/{id}/hold", post(instances::hold))
        .route("/instances/{id}/resume", post(instances::resume))
        .route("/instances/{id}/data", patch(instances::patch_data))
        .route("/instances/{id}/metadata", patch(instances::patch_metadata))
}

/// The routes of a task: what changes something is one command.
fn of_tasks() -> Router<Arc<App>> {
    Router::new()
        .route("/tasks", get(tasks::list))
        .route("/tasks/search", post(tasks::search))
        .route("/tasks/counts", get(tasks::counts))
        .route("/tasks/{id}", get(tasks::one))
        .route("/tasks/{id}/form", get(tasks::form))
        .route("/tasks/{id}/decide", post(decide::decide))
        .route("/tasks/{id}/complete", post(decide::complete))
        .route("/tasks/{id}/set_status", post(statuses::set))
        .route("/tasks/{id}/claim", post(decide::claim))
        .route("/tasks/{id}/release", post(decide::release))
        .route("/tasks/{id}/start_work", post(decide::start_work))
        .route("/tasks/{id}/snooze", post(decide::snooze))
        .route("/tasks/{id}/draft", put(decide::save_draft))
        .route("/tasks/{id}/suspend", post(decide::suspend))
        .route("/tasks/{id}/resume", post(decide::resume))
        .route("/tasks/{id}/delegate", post(decide::delegate))
        .route("/tasks/{id}/add_approver", post(decide::add_approver))
        .route("/tasks/{id}/remove_approver", post(decide::remove_approver))
        .route("/tasks/{id}/follow_members", post(decide::follow_members))
        .route("/tasks/{id}/transfer", post(decide::transfer))
        .route("/tasks/{id}/assign", post(decide::assign))
        .route("/tasks/{id}/return", post(decide::give_back))
        .route("/tasks/{id}/escalate", post(decide::escalate))
        .route("/tasks/{id}/request_info", post(decide::request_info))
        .route("/tasks/{id}/answer", post(decide::answer))
        .route(
            "/tasks/{id}/comments",
            get(comments::of_task).post(comments::say_of_task),
        )
}

/// The routes of files.
fn of_files() -> Router<Arc<App>> {
    Router::new()
        .route("/files", post(files::upload))
        .route("/files/{id}", get(files::one))
        .route("/files/{id}/content", get(files::content))
        .route(
            "/instances/{id}/files",
            get(files::of_instance).post(files::add_to_instance),
        )
        .route(
            "/tasks/{id}/files",
            get(files::of_task).post(files::add_to_task),
        )
}

async fn missing(uri: Uri) -> Fault {
    Fault {
        message: format!("there is no resource `{}`", uri.path()),
        ..Fault::not_found()
    }
}

async fn wrong_method() -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "the resource does not take this method",
    )
}
