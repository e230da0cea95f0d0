//! The statements.
//!
//! Parameters are numbered; each statement says what they are, or comes [bound](crate::sql::Bound).
//! Moments are nanoseconds, truths 0 and 1, lists JSON arrays of texts, ids in them 32 hex digits.

mod actions;
mod bindings;
mod clock;
mod definitions;
mod drafts;
mod fields;
mod files;
mod instances;
mod jobs;
mod load;
mod messages;
mod queries;
mod requests;
mod schedules;
mod statistics;
mod stream;
mod substitutions;
mod tasks;
mod turns;
mod words;

pub(crate) use self::{
    actions::{action, actions, drop_action, put_action},
    bindings::{binding, bindings, drop_binding, put_binding},
    clock::now,
    definitions::{
        change_workflow, definition, definition_as_of, drop_workflow, latest, lock_starts,
        lock_workflow, publish, workflow, workflows,
    },
    drafts::{add_workflow, draft, draft_edits, drop_draft, save_draft},
    files::{drop_files, file, file_content, files_of, keep_files, put_file, release_files},
    instances::{count_instances, instances},
    jobs::{
        claim_jobs, extend_job, finish_job, free_jobs, jobs_of, next_due, park_job, retry_job,
        take_jobs, turns, unpark_job,
    },
    load::{
        ROW_ACTIVATION, ROW_INSTANCE, ROW_TARGET, ROW_TASK, keyed, live, load, lock_instance,
        running, tasks_of,
    },
    messages::{add_message, drop_messages, message, messages, subscribers},
    queries::{history, incidents},
    requests::{
        answer_request, begin_request, drop_requests, forget_request, kept_request, request,
        take_over_request,
    },
    schedules::{due_schedules, move_schedule, next_schedule, set_schedules},
    statistics::statistics,
    stream::{EntryKey, entries, is_new, last_position, lock_sequence, new_entries, number},
    substitutions::{drop_substitution, put_substitution, substitution, substitutions},
    tasks::{TaskList, task},
    turns::{count_turn, lock_pool, members, next_turn, take_turn},
};

/// What a commit fails with on SQLite when a version is not the expected one, or a message is
/// consumed already.
pub const CONFLICT: &str = "signoff conflict";
