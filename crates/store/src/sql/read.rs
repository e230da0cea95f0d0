//! From rows of the statements to those of the contract.
//!
//! Each takes the columns that are left in the order of its statement, and fails with `Corrupt` when
//! they are not what was once written.

mod entities;
mod lists;
mod load;
mod statistics;
mod stream;

pub(crate) use self::{
    entities::{
        action_row, binding_row, claimed_job, definition_row, draft_row, file_row, job_summary,
        kept_request_row, message_row, request_row, schedule_row, sort_jobs, subscription_row,
        substitution_row, workflow_row,
    },
    lists::{history_row, incident_row, listed_instance, task_place, task_summary},
    load::{live_rows, loaded, task_rows},
    statistics::{instance_count, node_count, person_count},
    stream::{NewEntry, in_order, new_entry, positioned},
};
