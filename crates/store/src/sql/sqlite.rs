//! The statements on SQLite.
//!
//! Parameters are numbered; each statement says what they are. Ids are blobs of 16 bytes, moments
//! nanoseconds, lists JSON arrays of texts.

mod definitions;
mod jobs;
mod load;
mod queries;
mod tasks;

pub use self::{
    definitions::{
        DEFINITION, LATEST, NEW_DEFINITION, NEW_WORKFLOW, NEXT_VERSION, SET_ACTIVE, WORKFLOW,
        WORKFLOWS,
    },
    jobs::{CLAIM, FINISH, JOB_INCIDENT, NEXT_DUE, PARK, RETRY},
    load::{
        LOAD_ACTIVATION, LOAD_ALL, LOAD_HEADER, LOAD_TASK_ACTIVATION, LOAD_TASK_ALL,
        LOAD_TASK_HEADER, LOAD_TASK_OF_TASK, ROW_ACTIVATION, ROW_INSTANCE, ROW_TARGET, ROW_TASK,
        RUNNING, TURN,
    },
    queries::{
        HISTORY, INCIDENTS, INCIDENTS_OF, INSTANCES, INSTANCES_BY_REQUESTER, INSTANCES_BY_SUBJECT,
    },
    tasks::{TASK, TaskList},
};

/// Commits one change whole, or fails with a unique constraint or the message
/// [`CONFLICT`]. Parameters: the fields of [`CommitArgs`](crate::sql::CommitArgs), in order.
pub const COMMIT: &str = "INSERT INTO signoff_commit (
    before, tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, started_at, changed_at, ended_at, state, data, forms, at, person, event,
    tasks, activations, dropped_activations, jobs, dropped_jobs, incidents
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25, ?26, ?27
)";

/// What [`COMMIT`] fails with when a version is not the expected one.
pub const CONFLICT: &str = "signoff conflict";
