//! A change as one statement, through a view whose trigger does the work.

use signoff_core::change::Rows;

use crate::{
    error::Result,
    sql::{
        Arg, Bound, Sql,
        commit::{
            args::Stored,
            tasks::{Candidates, tasks_json},
        },
    },
};

// Parameters: the columns of the view, in order.
static COMMIT: Sql = Sql::new(
    "INSERT INTO signoff_commit (
    before, tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key,
    at, person, event,
    tasks, candidates, dropped_candidates, activations, dropped_activations, jobs, dropped_jobs,
    incidents, resolved_incidents, subscriptions, dropped_subscriptions, consumed, fields, request, newest
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39
)",
);

/// Commits one change whole, or fails with a unique constraint or the message
/// [`CONFLICT`](crate::sql::CONFLICT).
pub(super) fn commit(rows: &Rows) -> Result<Bound> {
    let Stored {
        before,
        header,
        event,
        activations,
        dropped_activations,
        jobs,
        dropped_jobs,
        incidents,
        resolved_incidents,
        subscriptions,
        dropped_subscriptions,
        consumed,
        fields,
        request,
        ..
    } = Stored::of(rows)?;
    let tasks = tasks_json(&rows.tasks)?;
    let [candidates, dropped_candidates] = Candidates::of(&rows.tasks).lists()?;
    let lists = [
        tasks,
        candidates,
        dropped_candidates,
        activations,
        dropped_activations,
        jobs,
        dropped_jobs,
        incidents,
        resolved_incidents,
        subscriptions,
        dropped_subscriptions,
        consumed,
        fields,
        request,
    ];
    Ok(Bound::new(&COMMIT)
        .bind(before)
        .bind_all(header)
        .bind_all(event)
        .bind_all(lists.map(Arg::from))
        .bind(rows.newest.map(i64::from)))
}
