//! A change as one statement, for databases where one statement can change several tables.
//!
//! Its text holds what the change has and nothing else, so there is one for each shape of a change.
//! All parts see the tables as they were before the statement and run in no order; so no row is
//! touched by two of them. Each reads from `changed`, which is empty when the version was not the
//! expected one: then nothing is written.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use signoff_core::change::Rows;

use crate::{
    error::Result,
    sql::{
        Arg, Bound, Sql,
        commit::{args::Stored, steps},
    },
};

/// A part of the statement. `?L` is its list.
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
)
RETURNING 1)";

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
    AND name <> ALL (ARRAY(SELECT value ->> 0 FROM json_array_elements(?L::json))))",
    ),
    always(
        ", fields AS (
INSERT INTO signoff_field (tenant, instance, name, sort_key)
SELECT ?1, ?2, value ->> 0, value ->> 1 FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, instance, name) DO UPDATE SET sort_key = excluded.sort_key)",
    ),
];

const TASKS: &[Part] = &[
    always(
        ", tasks AS (
INSERT INTO signoff_task (
    tenant, id, instance, activation, node, number, state, assignee, candidates, opened_at, due_at,
    closed_at, closed_by, outcome, body, activation_body
)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::uuid, value ->> 2, (value ->> 3)::bigint, value ->> 4,
    value ->> 5, value ->> 6, (value ->> 7)::bigint, (value ->> 8)::bigint, (value ->> 9)::bigint,
    value ->> 10, value ->> 11, value ->> 12, value ->> 13
FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    node = excluded.node, state = excluded.state, assignee = excluded.assignee,
    candidates = excluded.candidates, due_at = excluded.due_at, closed_at = excluded.closed_at,
    closed_by = excluded.closed_by, outcome = excluded.outcome, body = excluded.body,
    activation_body = excluded.activation_body)",
    ),
    later(
        ", dropped_candidates AS (
DELETE FROM signoff_candidate AS c
USING changed, json_array_elements(?L::json) AS new, signoff_task AS old
WHERE old.tenant = ?1 AND old.id = (new.value ->> 0)::uuid
    AND c.tenant = ?1 AND c.opened_at = old.opened_at AND c.task = old.id
    AND c.principal = ANY (ARRAY(SELECT json_array_elements_text(old.candidates::json)))
    AND c.principal <> ALL (ARRAY(SELECT json_array_elements_text((new.value ->> 6)::json))))",
    ),
    always(
        ", candidates AS (
INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT DISTINCT ?1, offer, (value ->> 7)::bigint, (value ->> 0)::uuid,
    CASE WHEN json_array_length((value ->> 6)::json) > 1 THEN 1 ELSE 0 END
FROM changed, json_array_elements(?L::json), json_array_elements_text((value ->> 6)::json) AS offers(offer)
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared)",
    ),
];

const DROPPED_ACTIVATIONS: &[Part] = &[later(
    ", dropped_activations AS (
DELETE FROM signoff_activation USING changed
WHERE tenant = ?1 AND instance = ?2
    AND id = ANY (ARRAY(SELECT json_array_elements_text(?L::json)::uuid)))",
)];

const ACTIVATIONS: &[Part] = &[always(
    ", activations AS (
INSERT INTO signoff_activation (tenant, instance, id, node, body)
SELECT ?1, ?2, (value ->> 0)::uuid, value ->> 1, value ->> 2 FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, instance, id) DO UPDATE SET node = excluded.node, body = excluded.body)",
)];

const DROPPED_JOBS: &[Part] = &[later(
    ", dropped_jobs AS (
DELETE FROM signoff_job USING changed
WHERE tenant = ?1 AND id = ANY (ARRAY(SELECT json_array_elements_text(?L::json)::uuid)))",
)];

const JOBS: &[Part] = &[always(
    ", jobs AS (
INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::bigint, value ->> 2, 0, ?3 << 16, NULL, 0
FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    due_at = excluded.due_at, work = excluded.work, failed = 0,
    token = greatest(signoff_job.token + 1, excluded.token), leased_until = NULL, parked = 0)",
)];

const RESOLVED_INCIDENTS: &[Part] = &[later(
    ", resolved_incidents AS (
DELETE FROM signoff_incident USING changed
WHERE tenant = ?1 AND id = ANY (ARRAY(SELECT json_array_elements_text(?L::json)::uuid)))",
)];

const INCIDENTS: &[Part] = &[always(
    ", incidents AS (
INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, id) DO UPDATE SET
    code = excluded.code, message = excluded.message, node = excluded.node, opened_at = excluded.opened_at
WHERE signoff_incident.instance = excluded.instance)",
)];

const DROPPED_SUBSCRIPTIONS: &[Part] = &[later(
    ", dropped_subscriptions AS (
DELETE FROM signoff_subscription USING changed
WHERE tenant = ?1 AND activation = ANY (ARRAY(SELECT json_array_elements_text(?L::json)::uuid)))",
)];

const SUBSCRIPTIONS: &[Part] = &[always(
    ", subscriptions AS (
INSERT INTO signoff_subscription (tenant, activation, instance, kind, name, message_key, since)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, json_array_elements(?L::json)
ON CONFLICT (tenant, activation) DO UPDATE SET
    instance = excluded.instance, kind = excluded.kind, name = excluded.name,
    message_key = excluded.message_key, since = excluded.since)",
)];

const REQUEST: &[Part] = &[always(
    ", request AS (
INSERT INTO signoff_request (tenant, id, hash, instance, version, notices, answered_at)
SELECT ?1, value ->> 0, value ->> 1, ?2, ?3, value ->> 2, ?22 FROM changed, json_array_elements(?L::json))",
)];

const END: &str = "\nSELECT 1 FROM changed";

/// The first parameter that is a list.
const FIRST_LIST: usize = 25;

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
    let lists = [
        (FIELDS, stored.fields),
        (TASKS, stored.tasks),
        (DROPPED_ACTIVATIONS, stored.dropped_activations),
        (ACTIVATIONS, stored.activations),
        (DROPPED_JOBS, stored.dropped_jobs),
        (JOBS, stored.jobs),
        (RESOLVED_INCIDENTS, stored.resolved_incidents),
        (INCIDENTS, stored.incidents),
        (DROPPED_SUBSCRIPTIONS, stored.dropped_subscriptions),
        (SUBSCRIPTIONS, stored.subscriptions),
        (REQUEST, stored.request),
    ];
    // What a new instance cannot have is not looked for, and is no parameter either.
    let fits = |parts: &[Part]| !is_start || parts.iter().any(|part| part.of_start);
    let lists = lists.map(|(parts, list)| (parts, list.filter(|_| fits(parts))));
    let mut shape = usize::from(is_start);
    for (index, (_, list)) in lists.iter().enumerate() {
        shape |= usize::from(list.is_some()) << (index + 1);
    }
    let parts = || {
        let there = lists.iter().filter(|(_, list)| list.is_some());
        there.map(|(parts, _)| *parts)
    };
    let sql = of_shape(shape, || text(is_start, parts()));
    let bound = Bound::new(sql)
        .bind_all(stored.header)
        .bind(stored.before)
        .bind_all(stored.event);
    let lists = lists.into_iter().filter_map(|(_, list)| list);
    Ok(vec![bound.bind_all(lists.map(Arg::from)).expecting(1)])
}

/// The statement of a shape, which is made once and kept: there are few, and at most 4,096.
fn of_shape(shape: usize, text: impl FnOnce() -> String) -> &'static Sql {
    static KNOWN: OnceLock<Mutex<HashMap<usize, &'static Sql>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(shape)
        .or_insert_with(|| Box::leak(Box::new(Sql::new(text().leak()))))
}

fn text(is_start: bool, lists: impl Iterator<Item = &'static [Part]>) -> String {
    let mut text = String::from(if is_start { START } else { UPDATE });
    text.push_str(EVENT);
    for (index, parts) in lists.enumerate() {
        let list = format!("?{}", FIRST_LIST + index);
        for part in parts.iter().filter(|part| part.of_start || !is_start) {
            text.push_str(&part.text.replace("?L", &list));
        }
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
        let start = text(true, [TASKS].into_iter());
        assert!(start.contains("INSERT INTO signoff_task") && start.contains("?25::json"));
        assert!(!start.contains("DELETE") && !start.contains("signoff_job"));
        let later = text(false, [TASKS, JOBS].into_iter());
        assert!(later.contains("DELETE FROM signoff_candidate"));
        assert!(later.contains("json_array_elements(?26::json)"));
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
