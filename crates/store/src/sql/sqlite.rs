//! The statements on SQLite.
//!
//! Parameters are numbered; each statement says what they are, or comes [bound](crate::sql::Bound).
//! Ids are blobs of 16 bytes, moments nanoseconds, lists JSON arrays of texts.

mod bindings;
mod definitions;
mod drafts;
mod fields;
mod files;
mod jobs;
mod load;
mod messages;
mod queries;
mod schedules;
mod statistics;
mod tasks;

use signoff_core::change::Rows;

pub use self::{
    bindings::{binding, bindings, drop_binding, put_binding},
    definitions::{
        DEFINITION, LATEST, NEW_DEFINITION, NEW_WORKFLOW, NEXT_VERSION, WORKFLOW, WORKFLOWS,
        change_workflow, definition_as_of, drop_workflow,
    },
    drafts::{draft, draft_edits, drop_draft, save_draft},
    files::{drop_files, file, file_content, files_of, keep_files, put_file, release_files},
    jobs::{CLAIM, EXTEND, FINISH, JOB_INCIDENT, JOBS_OF, NEXT_DUE, PARK, RETRY, SETTLE, UNPARK},
    load::{
        LOAD_ACTIVATION, LOAD_ALL, LOAD_HEADER, LOAD_TASK_ACTIVATION, LOAD_TASK_ALL,
        LOAD_TASK_HEADER, LOAD_TASK_OF_TASK, ROW_ACTIVATION, ROW_INSTANCE, ROW_TARGET, ROW_TASK,
        RUNNING, TURN, live, tasks_of,
    },
    messages::{add_message, drop_messages, message, messages, subscribers},
    queries::{HISTORY, incidents, instances},
    schedules::{due_schedules, move_schedule, next_schedule, set_schedules},
    statistics::statistics,
    tasks::{TASK, TaskList},
};
use crate::{
    error::Result,
    sql::{Bound, commit_args},
};

/// Commits one change whole, or fails with a unique constraint or the message [`CONFLICT`].
///
/// # Errors
/// `Other` when a row has no JSON form or a version is beyond 63 bits.
pub fn commit(rows: &Rows) -> Result<Bound> {
    Ok(Bound {
        sql: COMMIT,
        args: commit_args(rows)?,
    })
}

/// What [`commit`] fails with when a version is not the expected one, or a message is consumed
/// already.
pub const CONFLICT: &str = "signoff conflict";

// Parameters: those of `commit_args`, in order.
const COMMIT: &str = "INSERT INTO signoff_commit (
    before, tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, at, person, event,
    tasks, activations, dropped_activations, jobs, dropped_jobs, incidents, resolved_incidents,
    subscriptions, dropped_subscriptions, consumed, fields
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33
)";
