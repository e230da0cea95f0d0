//! A change as one statement, for databases where one statement can change several tables.
//!
//! Its text holds what the change has and nothing else, so there is one for each shape of a change.
//! All parts see the tables as they were before the statement and run in no order; so no row is
//! touched by two of them. Each reads from `changed`, which is empty when the version was not the
//! expected one: then nothing is written.

use std::{
    collections::HashMap,
    iter,
    sync::{Mutex, OnceLock, PoisonError},
};

use signoff_core::{
    change::{Rows, TaskOp},
    instance::TaskRow,
};

use crate::{
    error::Result,
    sql::{
        Arg, Bound, Sql,
        commit::{
            args::Stored,
            steps,
            tasks::{Candidate, Candidates, changing_args, fixed_args, tasks_json, to_json},
        },
    },
};

/// A part of the statement. `?a`, `?b` … are its own parameters; of a list there is one.
#[derive(Debug)]
struct Part {
    text: &'static str,
    /// Whether a new instance can have it.
    of_start: bool,
}

const START: &str = "WITH changed AS (
INSERT INTO signoff_instance (
    tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key
)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, coalesce(?17, '{}'),
    coalesce(?18, '{}'), ?19, ?20
WHERE ?21 = 0 AND (
    NOT EXISTS (SELECT 1 FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?4)
    OR EXISTS (SELECT 1 FROM signoff_definition WHERE tenant = ?1 AND workflow = ?4 AND version = ?5)
)";

// Only while the workflow is active and has this version as its newest.
const NEWEST: &str = " AND EXISTS (
    SELECT 1 FROM signoff_workflow
    WHERE tenant = ?1 AND workflow = ?4 AND status = 'active' AND latest = ?25
)";

const STARTED: &str = "\nRETURNING 1)";

const UPDATE: &str = "WITH changed AS (
UPDATE signoff_instance SET version = ?3, definition = ?5, status = ?6, title = ?7, exclusive = ?10,
    changed_at = ?14, ended_at = ?15, state = ?16, data = coalesce(?17, data), forms = coalesce(?18, forms)
WHERE tenant = ?1 AND id = ?2 AND version = ?21
RETURNING 1)";

const EVENT: &str = ", event AS (
INSERT INTO signoff_event (tenant, instance, version, at, person, body)
SELECT ?1, ?2, ?3, ?22, ?23, ?24 FROM changed)";

const FIELDS: &[Part] = &[
    later(
        ", dropped_fields AS (
DELETE FROM signoff_field WHERE tenant = ?1 AND instance = ?2 AND EXISTS (SELECT 1 FROM changed)
    AND name <> ALL (ARRAY(SELECT value ->> 0 FROM json_array_elements(?a::json))))",
    ),
    always(
        ", fields AS (
INSERT INTO signoff_field (tenant, instance, name, sort_key)
SELECT ?1, ?2, value ->> 0, value ->> 1 FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, instance, name) DO UPDATE SET sort_key = excluded.sort_key)",
    ),
];

const OPENED_TASK: &[Part] = &[always(
    ", opened_task AS (
INSERT INTO signoff_task (
    tenant, instance, id, activation, number, opened_at, node, state, assignee, candidates, due_at, closed_at,
    closed_by, outcome, body, activation_body
)
SELECT ?1, ?2, ?a, ?b, ?c, ?d, ?e, ?f, ?g, ?h, ?i, ?j, ?k, ?l, ?m, ?n FROM changed)",
)];

const CHANGED_TASK: &[Part] = &[later(
    ", changed_task AS (
UPDATE signoff_task SET node = ?b, state = ?c, assignee = ?d, candidates = ?e, due_at = ?f, closed_at = ?g,
    closed_by = ?h, outcome = ?i, body = ?j, activation_body = ?k
FROM changed WHERE tenant = ?1 AND id = ?a)",
)];

const TASKS: &[Part] = &[always(
    ", tasks AS (
INSERT INTO signoff_task (
    tenant, id, instance, activation, node, number, state, assignee, candidates, opened_at, due_at,
    closed_at, closed_by, outcome, body, activation_body
)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::uuid, value ->> 2, (value ->> 3)::bigint, value ->> 4,
    value ->> 5, value ->> 6, (value ->> 7)::bigint, (value ->> 8)::bigint, (value ->> 9)::bigint,
    value ->> 10, value ->> 11, value ->> 12, value ->> 13
FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    node = excluded.node, state = excluded.state, assignee = excluded.assignee,
    candidates = excluded.candidates, due_at = excluded.due_at, closed_at = excluded.closed_at,
    closed_by = excluded.closed_by, outcome = excluded.outcome, body = excluded.body,
    activation_body = excluded.activation_body)",
)];

// By its whole key: the table is often small when the plan is made, and then full of rows that are gone.
const DROPPED_CANDIDATE: &[Part] = &[later(
    ", dropped_candidate AS (
DELETE FROM signoff_candidate USING changed
WHERE tenant = ?1 AND principal = ?a AND opened_at = ?b AND task = ?c)",
)];

// A planner takes a list of JSON for 100 rows and looks for them in the whole table; what is compared
// with itself counts as rare, so it looks up the few that there are.
const DROPPED_CANDIDATES: &[Part] = &[later(
    ", dropped_candidates AS (
DELETE FROM signoff_candidate AS c USING changed, json_array_elements(?a::json) AS old
WHERE coalesce(old.value ->> 0, '') = old.value ->> 0 AND c.tenant = ?1 AND c.principal = old.value ->> 0
    AND c.opened_at = (old.value ->> 1)::bigint AND c.task = (old.value ->> 2)::uuid)",
)];

const CANDIDATE: &[Part] = &[always(
    ", candidate AS (
INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, ?a, ?b, ?c, ?d FROM changed
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared)",
)];

const CANDIDATES: &[Part] = &[always(
    ", candidates AS (
INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, value ->> 0, (value ->> 1)::bigint, (value ->> 2)::uuid, (value ->> 3)::bigint
FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared)",
)];

const DROPPED_ACTIVATIONS: &[Part] = &[later(
    ", dropped_activations AS (
DELETE FROM signoff_activation USING changed
WHERE tenant = ?1 AND instance = ?2
    AND id = ANY (ARRAY(SELECT json_array_elements_text(?a::json)::uuid)))",
)];

const ACTIVATIONS: &[Part] = &[always(
    ", activations AS (
INSERT INTO signoff_activation (tenant, instance, id, node, body)
SELECT ?1, ?2, (value ->> 0)::uuid, value ->> 1, value ->> 2 FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, instance, id) DO UPDATE SET node = excluded.node, body = excluded.body)",
)];

const DROPPED_JOBS: &[Part] = &[later(
    ", dropped_jobs AS (
DELETE FROM signoff_job USING changed
WHERE tenant = ?1 AND id = ANY (ARRAY(SELECT json_array_elements_text(?a::json)::uuid)))",
)];

const JOBS: &[Part] = &[always(
    ", jobs AS (
INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::bigint, value ->> 2, 0, ?3 << 16, NULL, 0
FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    due_at = excluded.due_at, work = excluded.work, failed = 0,
    token = greatest(signoff_job.token + 1, excluded.token), leased_until = NULL, parked = 0)",
)];

const RESOLVED_INCIDENTS: &[Part] = &[later(
    ", resolved_incidents AS (
DELETE FROM signoff_incident USING changed
WHERE tenant = ?1 AND id = ANY (ARRAY(SELECT json_array_elements_text(?a::json)::uuid)))",
)];

const INCIDENTS: &[Part] = &[always(
    ", incidents AS (
INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    code = excluded.code, message = excluded.message, node = excluded.node, opened_at = excluded.opened_at
WHERE signoff_incident.instance = excluded.instance)",
)];

const DROPPED_SUBSCRIPTIONS: &[Part] = &[later(
    ", dropped_subscriptions AS (
DELETE FROM signoff_subscription USING changed
WHERE tenant = ?1 AND activation = ANY (ARRAY(SELECT json_array_elements_text(?a::json)::uuid)))",
)];

const SUBSCRIPTIONS: &[Part] = &[always(
    ", subscriptions AS (
INSERT INTO signoff_subscription (tenant, activation, instance, kind, name, message_key, since)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, json_array_elements(?a::json)
ON CONFLICT (tenant, activation) DO UPDATE SET
    instance = excluded.instance, kind = excluded.kind, name = excluded.name,
    message_key = excluded.message_key, since = excluded.since)",
)];

const REQUEST: &[Part] = &[always(
    ", request AS (
INSERT INTO signoff_request (tenant, id, hash, instance, version, notices, answered_at)
SELECT ?1, value ->> 0, value ->> 1, ?2, ?3, value ->> 2, ?22 FROM changed, json_array_elements(?a::json))",
)];

const END: &str = "\nSELECT 1 FROM changed";

/// The first parameter of the first piece, where the newest version is none.
const FIRST_OWN: usize = 25;

const fn always(text: &'static str) -> Part {
    Part {
        text,
        of_start: true,
    }
}

/// What drops rows, of which a new instance has none.
const fn later(text: &'static str) -> Part {
    Part {
        text,
        of_start: false,
    }
}

/// Commits one change: whole, or fails with a unique constraint, or changes nothing.
pub(super) fn commit(rows: &Rows) -> Result<Vec<Bound>> {
    if !rows.consumed.is_empty() {
        // How many messages were consumed can only be told by a statement of its own.
        return steps::commit(rows);
    }
    let stored = Stored::of(rows)?;
    let is_start = stored.before == 0;
    let list = |list: Option<String>| list.map(|list| vec![Arg::from(list)]);
    let [opened, changed, tasks] = tasks(&rows.tasks)?;
    let candidates = Candidates::of(&rows.tasks);
    let [candidate, candidates_put] = one_or_list(&candidates.put)?;
    let [dropped_candidate, dropped_candidates] = one_or_list(&candidates.dropped)?;
    let pieces = [
        (FIELDS, list(stored.fields)),
        (OPENED_TASK, opened),
        (CHANGED_TASK, changed),
        (TASKS, tasks),
        (DROPPED_CANDIDATE, dropped_candidate),
        (DROPPED_CANDIDATES, dropped_candidates),
        (CANDIDATE, candidate),
        (CANDIDATES, candidates_put),
        (DROPPED_ACTIVATIONS, list(stored.dropped_activations)),
        (ACTIVATIONS, list(stored.activations)),
        (DROPPED_JOBS, list(stored.dropped_jobs)),
        (JOBS, list(stored.jobs)),
        (RESOLVED_INCIDENTS, list(stored.resolved_incidents)),
        (INCIDENTS, list(stored.incidents)),
        (DROPPED_SUBSCRIPTIONS, list(stored.dropped_subscriptions)),
        (SUBSCRIPTIONS, list(stored.subscriptions)),
        (REQUEST, list(stored.request)),
    ];
    // What a new instance cannot have is not looked for, and is no parameter either.
    let fits = |parts: &[Part]| !is_start || parts.iter().any(|part| part.of_start);
    let pieces = pieces.map(|(parts, args)| (parts, args.filter(|_| fits(parts))));
    let newest = rows.newest.filter(|_| is_start);
    let mut shape = usize::from(is_start) | usize::from(newest.is_some()) << 1;
    for (index, (_, args)) in pieces.iter().enumerate() {
        shape |= usize::from(args.is_some()) << (index + 2);
    }
    let there = || {
        let there = pieces.iter();
        there.filter_map(|(parts, args)| Some((*parts, args.as_ref()?.len())))
    };
    let sql = of_shape(shape, || text(is_start, newest.is_some(), there()));
    let bound = Bound::new(sql)
        .bind_all(stored.header)
        .bind(stored.before)
        .bind_all(stored.event)
        .bind_all(newest.map(|newest| i64::from(newest).into()));
    let args = pieces.into_iter().filter_map(|(_, args)| args);
    Ok(vec![bound.bind_all(args.flatten()).expecting(1)])
}

/// What a piece of the statement is run with, when the change has it.
type Piece = Option<Vec<Arg>>;

/// The task that is opened and the one that is changed, each when it is the only one; else all tasks,
/// as a list.
fn tasks(tasks: &[(TaskOp, TaskRow)]) -> Result<[Piece; 3]> {
    let is_new = |(op, _): &&(TaskOp, TaskRow)| *op == TaskOp::Insert;
    let (opened, changed): (Vec<_>, Vec<_>) = tasks.iter().partition(is_new);
    if opened.len() > 1 || changed.len() > 1 {
        let list = tasks_json(tasks)?;
        return Ok([None, None, list.map(|list| vec![list.into()])]);
    }
    let opened = opened.first().map(|(_, row)| {
        let fixed = fixed_args(row).into_iter();
        Ok(fixed.chain(changing_args(row)?).collect())
    });
    let changed = changed.first().map(|(_, row)| {
        let id = Arg::from(row.id.uuid());
        Ok(iter::once(id).chain(changing_args(row)?).collect())
    });
    Ok([opened.transpose()?, changed.transpose()?, None])
}

/// The only candidate, or all as a list.
fn one_or_list(candidates: &[Candidate]) -> Result<[Piece; 2]> {
    match candidates {
        [only] => Ok([Some(only.args().into()), None]),
        _ => Ok([None, to_json(candidates)?.map(|list| vec![list.into()])]),
    }
}

/// The statement of a shape, which is made once and kept: there are few of the many that could be.
fn of_shape(shape: usize, text: impl FnOnce() -> String) -> &'static Sql {
    static KNOWN: OnceLock<Mutex<HashMap<usize, &'static Sql>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(shape)
        .or_insert_with(|| Box::leak(Box::new(Sql::new(text().leak()))))
}

/// The text of a statement with these pieces, each with the number of its parameters.
fn text(
    is_start: bool,
    of_newest: bool,
    pieces: impl Iterator<Item = (&'static [Part], usize)>,
) -> String {
    let mut text = match (is_start, of_newest) {
        (false, _) => UPDATE.to_owned(),
        (true, false) => [START, STARTED].concat(),
        (true, true) => [START, NEWEST, STARTED].concat(),
    };
    text.push_str(EVENT);
    let mut first = FIRST_OWN + usize::from(of_newest);
    for (parts, count) in pieces {
        for part in parts.iter().filter(|part| part.of_start || !is_start) {
            let mut part = part.text.to_owned();
            for (letter, number) in ('a'..='z').zip(first..first + count) {
                part = part.replace(&format!("?{letter}"), &format!("?{number}"));
            }
            text.push_str(&part);
        }
        first += count;
    }
    text.push_str(END);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Dialect;

    #[test]
    fn a_shape_has_what_the_change_has() {
        let start = text(true, false, [(TASKS, 1)].into_iter());
        assert!(start.contains("INSERT INTO signoff_task") && start.contains("?25::json"));
        assert!(!start.contains("DELETE") && !start.contains("signoff_job"));
        let later = text(false, false, [(CHANGED_TASK, 11), (JOBS, 1)].into_iter());
        assert!(later.contains("tenant = ?1 AND id = ?25"));
        assert!(later.contains("json_array_elements(?36::json)"));
    }

    #[test]
    fn a_shape_is_made_once() {
        let first = of_shape(usize::MAX, || "once".to_owned());
        let again = of_shape(usize::MAX, || "twice".to_owned());
        assert!(std::ptr::eq(first, again));
        let bound = Bound::new(again);
        assert_eq!(bound.text(Dialect::Postgres), "once");
    }
}
