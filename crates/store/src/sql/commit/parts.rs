//! What a change is made of, for databases where one statement can change several tables.

use std::iter;

use signoff_core::{
    change::{Rows, TaskOp},
    instance::TaskRow,
};
use uuid::Uuid;

use crate::{
    error::Result,
    sql::{
        Arg,
        commit::{
            args::Stored,
            tasks::{Candidate, Candidates, changing_args, fixed_args, tasks_json, to_json},
        },
    },
};

/// A part of a statement that commits. `?1`, `?2` … are what every change has, `?a`, `?b` … what the
/// part itself is given; of a list there is one. All of it is none when a change does not have the part.
///
/// Each part reads from `changed`, the changes whose version was the expected one.
#[derive(Debug)]
pub(super) struct Part {
    text: &'static str,
    /// The text for several changes at once, where it is another.
    of_several: Option<&'static str>,
    /// Whether a new instance can have it.
    of_start: bool,
}

/// The row of a new instance, of what is given by `FROM` behind it.
pub(super) const START: &str = "INSERT INTO signoff_instance (
    tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key
)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, coalesce(?17, '{}'),
    coalesce(?18, '{}'), ?19, ?20";

/// When an instance may begin: the last condition, while the workflow is active and has the version as
/// its newest, is asked only for where that version is given.
pub(super) const MAY_START: &str = "
WHERE ?21 = 0 AND (
    NOT EXISTS (SELECT 1 FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?4)
    OR EXISTS (SELECT 1 FROM signoff_definition WHERE tenant = ?1 AND workflow = ?4 AND version = ?5)
) AND (?25 IS NULL OR EXISTS (
    SELECT 1 FROM signoff_workflow
    WHERE tenant = ?1 AND workflow = ?4 AND status = 'active' AND latest = ?25
))";

/// The row of an instance that goes on.
pub(super) const UPDATE: &str =
    "UPDATE signoff_instance SET version = ?3, definition = ?5, status = ?6, title = ?7, exclusive = ?10,
    changed_at = ?14, ended_at = ?15, state = ?16, data = coalesce(?17, data), forms = coalesce(?18, forms)";

/// When it may.
pub(super) const MAY_UPDATE: &str = "
WHERE tenant = ?1 AND id = ?2 AND version = ?21";

/// The event row, which every change has.
pub(super) const EVENT: &str = ", event AS (
INSERT INTO signoff_event (tenant, instance, version, at, person, body)
SELECT ?1, ?2, ?3, ?22, ?23, ?24 FROM changed)";

/// How many parameters every change has: the columns of the instance row, the version before, moment,
/// person and body of the event row, and the newest version that a start goes by.
pub(super) const COMMON: usize = 25;

const FIELDS: &[Part] = &[
    later(
        ", dropped_fields AS (
DELETE FROM signoff_field USING changed WHERE tenant = ?1 AND instance = ?2 AND ?a IS NOT NULL
    AND name <> ALL (ARRAY(SELECT value ->> 0 FROM jsonb_array_elements(?a::jsonb))))",
    ),
    always(
        ", fields AS (
INSERT INTO signoff_field (tenant, instance, name, sort_key)
SELECT ?1, ?2, value ->> 0, value ->> 1 FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, instance, name) DO UPDATE SET sort_key = excluded.sort_key)",
    ),
];

const OPENED_TASK: &[Part] = &[always(
    ", opened_task AS (
INSERT INTO signoff_task (
    tenant, instance, id, activation, number, opened_at, node, state, assignee, candidates, due_at, closed_at,
    closed_by, outcome, body, activation_body
)
SELECT ?1, ?2, ?a, ?b, ?c, ?d, ?e, ?f, ?g, ?h, ?i, ?j, ?k, ?l, ?m, ?n FROM changed WHERE ?a IS NOT NULL)",
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
FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, id) DO UPDATE SET
    node = excluded.node, state = excluded.state, assignee = excluded.assignee,
    candidates = excluded.candidates, due_at = excluded.due_at, closed_at = excluded.closed_at,
    closed_by = excluded.closed_by, outcome = excluded.outcome, body = excluded.body,
    activation_body = excluded.activation_body)",
)];

// What is dropped is looked up by its whole key, and lists, which are sorted, between their first and last
// besides: a plan that was made while the table was empty looks for what else it is asked for in all that it
// finds by these, and is kept while the table grows.
//
// Where several changes drop one each, the planner would still rather read a table that it believes empty. It
// cannot turn round a lookup for each of them that tells where the row is. Rows of candidates change only with
// the version of their instance, so what was found is what there is.
const DROPPED_CANDIDATE: &[Part] = &[Part {
    of_several: Some(
        ", dropped_candidate AS (
DELETE FROM signoff_candidate WHERE ctid = ANY (ARRAY(
    SELECT found.place FROM changed CROSS JOIN LATERAL (
        SELECT ctid AS place FROM signoff_candidate
        WHERE tenant = ?1 AND principal = ?a AND opened_at = ?b AND task = ?c OFFSET 0
    ) AS found
)))",
    ),
    ..later(
        ", dropped_candidate AS (
DELETE FROM signoff_candidate USING changed
WHERE tenant = ?1 AND principal = ?a AND opened_at = ?b AND task = ?c)",
    )
}];

// A planner takes a list of JSON for 100 rows and looks for them in the whole table; what is compared
// with itself counts as rare, so it looks up the few that there are.
const DROPPED_CANDIDATES: &[Part] = &[later(
    ", dropped_candidates AS (
DELETE FROM signoff_candidate AS c USING changed, jsonb_array_elements(?a::jsonb) AS old
WHERE coalesce(old.value ->> 0, '') = old.value ->> 0 AND c.tenant = ?1 AND c.principal = old.value ->> 0
    AND c.opened_at = (old.value ->> 1)::bigint AND c.task = (old.value ->> 2)::uuid
    AND c.principal BETWEEN ?a::jsonb -> 0 ->> 0 AND ?a::jsonb -> -1 ->> 0)",
)];

const CANDIDATE: &[Part] = &[always(
    ", candidate AS (
INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, ?a, ?b, ?c, ?d FROM changed WHERE ?c IS NOT NULL
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared)",
)];

const CANDIDATES: &[Part] = &[always(
    ", candidates AS (
INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, value ->> 0, (value ->> 1)::bigint, (value ->> 2)::uuid, (value ->> 3)::bigint
FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared)",
)];

const DROPPED_ACTIVATIONS: &[Part] = &[later(
    ", dropped_activations AS (
DELETE FROM signoff_activation USING changed, jsonb_array_elements_text(?a::jsonb) AS old
WHERE coalesce(old.value, '') = old.value AND tenant = ?1 AND instance = ?2 AND id = old.value::uuid
    AND id BETWEEN (?a::jsonb ->> 0)::uuid AND (?a::jsonb ->> -1)::uuid)",
)];

const ACTIVATIONS: &[Part] = &[always(
    ", activations AS (
INSERT INTO signoff_activation (tenant, instance, id, node, body)
SELECT ?1, ?2, (value ->> 0)::uuid, value ->> 1, value ->> 2 FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, instance, id) DO UPDATE SET node = excluded.node, body = excluded.body)",
)];

const DROPPED_JOBS: &[Part] = &[later(
    ", dropped_jobs AS (
DELETE FROM signoff_job USING changed
WHERE tenant = ?1 AND id BETWEEN (?a::jsonb ->> 0)::uuid AND (?a::jsonb ->> -1)::uuid
    AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?a::jsonb)::uuid)))",
)];

const JOBS: &[Part] = &[always(
    ", jobs AS (
INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::bigint, value ->> 2, 0, ?3 << 16, NULL, 0
FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, id) DO UPDATE SET
    due_at = excluded.due_at, work = excluded.work, failed = 0,
    token = greatest(signoff_job.token + 1, excluded.token), leased_until = NULL, parked = 0)",
)];

const RESOLVED_INCIDENTS: &[Part] = &[later(
    ", resolved_incidents AS (
DELETE FROM signoff_incident USING changed
WHERE tenant = ?1 AND id BETWEEN (?a::jsonb ->> 0)::uuid AND (?a::jsonb ->> -1)::uuid
    AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?a::jsonb)::uuid)))",
)];

const INCIDENTS: &[Part] = &[always(
    ", incidents AS (
INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, id) DO UPDATE SET
    code = excluded.code, message = excluded.message, node = excluded.node, opened_at = excluded.opened_at
WHERE signoff_incident.instance = excluded.instance)",
)];

const DROPPED_SUBSCRIPTIONS: &[Part] = &[later(
    ", dropped_subscriptions AS (
DELETE FROM signoff_subscription USING changed
WHERE tenant = ?1 AND activation BETWEEN (?a::jsonb ->> 0)::uuid AND (?a::jsonb ->> -1)::uuid
    AND activation = ANY (ARRAY(SELECT jsonb_array_elements_text(?a::jsonb)::uuid)))",
)];

const SUBSCRIPTIONS: &[Part] = &[always(
    ", subscriptions AS (
INSERT INTO signoff_subscription (tenant, activation, instance, kind, name, message_key, since)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM changed, jsonb_array_elements(?a::jsonb)
ON CONFLICT (tenant, activation) DO UPDATE SET
    instance = excluded.instance, kind = excluded.kind, name = excluded.name,
    message_key = excluded.message_key, since = excluded.since)",
)];

const REQUEST: &[Part] = &[always(
    ", request AS (
INSERT INTO signoff_request (tenant, id, hash, instance, version, notices, answered_at)
SELECT ?1, value ->> 0, value ->> 1, ?2, ?3, value ->> 2, ?22 FROM changed, jsonb_array_elements(?a::jsonb))",
)];

/// All that a change can have beside the rows of instance and event.
const PIECES: [&[Part]; COUNT] = [
    FIELDS,
    OPENED_TASK,
    CHANGED_TASK,
    TASKS,
    DROPPED_CANDIDATE,
    DROPPED_CANDIDATES,
    CANDIDATE,
    CANDIDATES,
    DROPPED_ACTIVATIONS,
    ACTIVATIONS,
    DROPPED_JOBS,
    JOBS,
    RESOLVED_INCIDENTS,
    INCIDENTS,
    DROPPED_SUBSCRIPTIONS,
    SUBSCRIPTIONS,
    REQUEST,
];

const COUNT: usize = 17;

const fn always(text: &'static str) -> Part {
    Part {
        text,
        of_several: None,
        of_start: true,
    }
}

/// What drops rows, of which a new instance has none.
const fn later(text: &'static str) -> Part {
    Part {
        text,
        of_several: None,
        of_start: false,
    }
}

/// What the parts of a piece are given, when the change has it.
type Piece = Option<Vec<Arg>>;

/// A change and all that its statement is given.
#[derive(Clone, Debug)]
pub(in crate::sql) struct Change {
    id: Uuid,
    is_start: bool,
    common: Vec<Arg>,
    pieces: Box<[Piece; COUNT]>,
}

impl Change {
    /// The change, unless it consumes messages: how many those were can only be told by a statement of
    /// its own.
    ///
    /// # Errors
    /// `Other` when a row has no JSON form or a version is beyond 63 bits.
    pub(super) fn joint(rows: &Rows) -> Result<Option<Self>> {
        if !rows.consumed.is_empty() {
            return Ok(None);
        }
        Self::of(rows).map(Some)
    }

    fn of(rows: &Rows) -> Result<Self> {
        let stored = Stored::of(rows)?;
        let is_start = stored.before == 0;
        let newest = rows.newest.filter(|_| is_start).map(i64::from);
        let last = [stored.before.into()].into_iter().chain(stored.event);
        let common = stored.header.into_iter().chain(last);
        let common = common.chain([newest.into()]).collect();
        let list = |list: Option<String>| list.map(|list| vec![Arg::from(list)]);
        let [opened, changed, tasks] = tasks(&rows.tasks)?;
        let candidates = Candidates::of(&rows.tasks);
        let [candidate, candidates_put] = one_or_list(&candidates.put)?;
        let [dropped_candidate, dropped_candidates] = one_or_list(&candidates.dropped)?;
        let mut pieces = Box::new([
            list(stored.fields),
            opened,
            changed,
            tasks,
            dropped_candidate,
            dropped_candidates,
            candidate,
            candidates_put,
            list(stored.dropped_activations),
            list(stored.activations),
            list(stored.dropped_jobs),
            list(stored.jobs),
            list(stored.resolved_incidents),
            list(stored.incidents),
            list(stored.dropped_subscriptions),
            list(stored.subscriptions),
            list(stored.request),
        ]);
        // What a new instance cannot have is not looked for, and is no parameter either.
        for (piece, parts) in pieces.iter_mut().zip(PIECES) {
            if is_start && !parts.iter().any(|part| part.of_start) {
                *piece = None;
            }
        }
        Ok(Self {
            id: rows.instance.id.uuid(),
            is_start,
            common,
            pieces,
        })
    }

    /// The start of an instance with a state of so many bytes.
    #[cfg(test)]
    pub(in crate::sql) fn sample(id: Uuid, size: usize) -> Self {
        let mut common = vec![Arg::Integer(None); COMMON];
        common[1] = Arg::from(id);
        common[15] = Arg::from("x".repeat(size));
        Self {
            id,
            is_start: true,
            common,
            pieces: Box::new([const { None }; COUNT]),
        }
    }

    /// The instance.
    pub(in crate::sql) const fn id(&self) -> Uuid {
        self.id
    }

    pub(super) const fn is_start(&self) -> bool {
        self.is_start
    }

    /// What every change has, [`COMMON`] of them.
    pub(super) fn common(&self) -> &[Arg] {
        &self.common
    }

    /// What its pieces are given, for each piece that there is.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Option<&[Arg]>> {
        self.pieces.iter().map(Option::as_deref)
    }

    /// All of that: what every change has, and what its pieces are given, one after the other.
    pub(super) fn into_args(self) -> (Vec<Arg>, impl Iterator<Item = Arg>) {
        let own = self.pieces.into_iter().flatten().flatten();
        (self.common, own)
    }

    /// The pieces that it has, a bit for each.
    pub(super) fn shape(&self) -> usize {
        let bits = self.pieces.iter().enumerate();
        bits.fold(0, |shape, (index, piece)| {
            shape | usize::from(piece.is_some()) << index
        })
    }

    /// How many bytes it sends, about.
    pub(in crate::sql) fn size(&self) -> usize {
        let own = self.pieces.iter().flatten().flatten();
        self.common.iter().chain(own).map(Arg::size).sum()
    }
}

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

/// The text of the pieces that have arguments, `counts` of them each: behind [`COMMON`] columns, the
/// `n`-th parameter as `place` writes it.
pub(super) fn pieces_text(
    counts: impl Iterator<Item = Option<usize>>,
    (with_updates, of_several): (bool, bool),
    first: usize,
    place: impl Fn(usize) -> String,
) -> String {
    let mut text = String::new();
    let mut own = first;
    for (parts, count) in PIECES.iter().zip(counts) {
        let Some(count) = count else { continue };
        for part in parts.iter().filter(|part| part.of_start || with_updates) {
            let part = part.of_several.filter(|_| of_several).unwrap_or(part.text);
            text.push_str(&filled(part, own, &place));
        }
        own += count;
    }
    text
}

/// A text with its places written by `place`, which is told their numbers: `?1` has 1, `?a` has `own`.
pub(super) fn filled(text: &str, own: usize, place: impl Fn(usize) -> String) -> String {
    let mut pieces = text.split('?');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|letter: char| !letter.is_ascii_alphanumeric());
        let (name, rest) = piece.split_at(end.unwrap_or(piece.len()));
        let number = name.parse().unwrap_or_else(|_| {
            let letter = name.bytes().next().unwrap_or(b'a');
            own + usize::from(letter - b'a')
        });
        filled.push_str(&place(number));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_the_numbers_of_their_parameters() {
        let text = "SELECT ?1, ?12 << 16, ?a::jsonb, ?b WHERE ?c";
        let place = |number| format!("${number}");
        let filled = filled(text, 25, place);
        assert_eq!(filled, "SELECT $1, $12 << 16, $25::jsonb, $26 WHERE $27");
    }
}
