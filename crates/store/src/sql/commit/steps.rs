//! A change as a few statements, for databases that need no view with a trigger.
//!
//! Within a change, what it drops goes before what it adds comes. Parameters: 1 tenant, 2 instance,
//! then what each statement says; lists are those of `args`.

use signoff_core::change::Rows;

use crate::{
    error::Result,
    sql::{
        Arg, Bound, Sql,
        commit::{
            args::{self, Stored},
            tasks::{Candidates, tasks_json},
        },
    },
};

// 1 to 20 the columns of the row, 21 the newest version if that matters. A start that comes after its
// workflow was changed adds nothing.
static START: Sql = Sql::new(
    "INSERT INTO signoff_instance (
    tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key
)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, coalesce(?17, '{}'),
    coalesce(?18, '{}'), ?19, ?20
WHERE (
    NOT EXISTS (SELECT 1 FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?4)
    OR EXISTS (SELECT 1 FROM signoff_definition WHERE tenant = ?1 AND workflow = ?4 AND version = ?5)
) AND (CAST(?21 AS BIGINT) IS NULL OR EXISTS (
    SELECT 1 FROM signoff_workflow
    WHERE tenant = ?1 AND workflow = ?4 AND status = 'active' AND latest = ?21
))",
)
.mysql(
    "INSERT INTO signoff_instance (
    tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key
)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, coalesce(?17, '{}'),
    coalesce(?18, '{}'), ?19, ?20
FROM DUAL
WHERE (
    NOT EXISTS (SELECT 1 FROM signoff_workflow WHERE tenant = ?1 AND workflow = ?4)
    OR EXISTS (SELECT 1 FROM signoff_definition WHERE tenant = ?1 AND workflow = ?4 AND version = ?5)
) AND (?21 IS NULL OR EXISTS (
    SELECT 1 FROM signoff_workflow
    WHERE tenant = ?1 AND workflow = ?4 AND status = 'active' AND latest = ?21
))",
);

// 1 to 20 as above, 21 the version before; 19 and 20 stay as they are.
static UPDATE: Sql = Sql::new(
    "UPDATE signoff_instance SET version = ?3, definition = ?5, status = ?6, title = ?7, exclusive = ?10,
    changed_at = ?14, ended_at = ?15, state = ?16, data = coalesce(?17, data), forms = coalesce(?18, forms)
WHERE tenant = ?1 AND id = ?2 AND version = ?21",
);

// 3 moment, 4 ids.
static CONSUME: Sql = Sql::new(
    "UPDATE signoff_message SET consumed_by = ?2, consumed_at = ?3
WHERE tenant = ?1 AND consumed_by IS NULL AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?4::jsonb)))",
)
.mysql(
    "UPDATE JSON_TABLE(?4, '$[*]' COLUMNS (id LONGTEXT CHARSET utf8mb4 PATH '$')) AS new
STRAIGHT_JOIN signoff_message AS m ON m.tenant = ?1 AND m.id_hash = unhex(sha2(new.id, 256))
SET m.consumed_by = ?2, m.consumed_at = ?3
WHERE m.consumed_by IS NULL",
);

// 3 version, 4 moment, 5 person, 6 body.
static EVENT: Sql = Sql::new(
    "INSERT INTO signoff_event (tenant, instance, version, at, person, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
);

// 3 id, 4 hash, 5 version, 6 notices, 7 moment.
static REQUEST: Sql = Sql::new(
    "INSERT INTO signoff_request (tenant, instance, id, hash, version, notices, answered_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
);

static DROP_FIELDS: Sql = Sql::new("DELETE FROM signoff_field WHERE tenant = ?1 AND instance = ?2");

static FIELDS: Sql = Sql::new(
    "INSERT INTO signoff_field (tenant, instance, name, sort_key)
SELECT ?1, ?2, value ->> 0, value ->> 1 FROM jsonb_array_elements(?3::jsonb)",
)
.mysql(
    "INSERT INTO signoff_field (tenant, instance, name, sort_key)
SELECT ?1, ?2, new.name, new.sort_key
FROM JSON_TABLE(?3, '$[*]' COLUMNS (name LONGTEXT CHARSET utf8mb4 PATH '$[0]', sort_key LONGTEXT CHARSET utf8mb4 PATH '$[1]')) AS new",
);

// On PostgreSQL lists are sorted, and what is dropped is looked for between the first and the last, as `parts`
// has it. A planner takes a list of JSON for 100 rows, and reads whole tables for the product of two. What is
// compared with itself counts as rare, so it looks up the few that there are.
static DROP_CANDIDATES: Sql = Sql::new(
    "DELETE FROM signoff_candidate AS c USING jsonb_array_elements(?3::jsonb) AS old
WHERE coalesce(old.value ->> 0, '') = old.value ->> 0 AND c.tenant = ?1 AND c.principal = old.value ->> 0
    AND c.opened_at = (old.value ->> 1)::bigint AND c.task = (old.value ->> 2)::uuid
    AND c.principal BETWEEN ?3::jsonb -> 0 ->> 0 AND ?3::jsonb -> -1 ->> 0",
)
.mysql(
    "DELETE c FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    principal LONGTEXT CHARSET utf8mb4 PATH '$[0]', opened_at BIGINT PATH '$[1]', task CHAR(32) PATH '$[2]'
)) AS old
STRAIGHT_JOIN signoff_candidate AS c ON c.tenant = ?1 AND c.principal = old.principal
    AND c.opened_at = old.opened_at AND c.task = unhex(old.task)",
);

static TASKS: Sql = Sql::new(
    "INSERT INTO signoff_task (
    tenant, id, instance, activation, node, number, state, assignee, candidates, opened_at, due_at,
    closed_at, closed_by, outcome, body, activation_body
)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::uuid, value ->> 2, (value ->> 3)::bigint, value ->> 4,
    value ->> 5, value ->> 6, (value ->> 7)::bigint, (value ->> 8)::bigint, (value ->> 9)::bigint,
    value ->> 10, value ->> 11, value ->> 12, value ->> 13
FROM jsonb_array_elements(?3::jsonb)
ON CONFLICT (tenant, id) DO UPDATE SET
    node = excluded.node, state = excluded.state, assignee = excluded.assignee,
    candidates = excluded.candidates, due_at = excluded.due_at, closed_at = excluded.closed_at,
    closed_by = excluded.closed_by, outcome = excluded.outcome, body = excluded.body,
    activation_body = excluded.activation_body",
)
.mysql(
    "INSERT INTO signoff_task (
    tenant, id, instance, activation, node, number, state, assignee, candidates, opened_at, due_at,
    closed_at, closed_by, outcome, body, activation_body
)
SELECT ?1, unhex(new.id), ?2, unhex(new.activation), new.node, new.number, new.state, new.assignee,
    new.candidates, new.opened_at, new.due_at, new.closed_at, new.closed_by, new.outcome, new.body,
    new.activation_body
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    id CHAR(32) PATH '$[0]', activation CHAR(32) PATH '$[1]', node LONGTEXT CHARSET utf8mb4 PATH '$[2]',
    number BIGINT PATH '$[3]', state LONGTEXT CHARSET utf8mb4 PATH '$[4]', assignee LONGTEXT CHARSET utf8mb4 PATH '$[5]',
    candidates LONGTEXT CHARSET utf8mb4 PATH '$[6]', opened_at BIGINT PATH '$[7]', due_at BIGINT PATH '$[8]',
    closed_at BIGINT PATH '$[9]', closed_by LONGTEXT CHARSET utf8mb4 PATH '$[10]', outcome LONGTEXT CHARSET utf8mb4 PATH '$[11]',
    body LONGTEXT CHARSET utf8mb4 PATH '$[12]', activation_body LONGTEXT CHARSET utf8mb4 PATH '$[13]'
)) AS new
ON DUPLICATE KEY UPDATE
    node = VALUES(node), state = VALUES(state), assignee = VALUES(assignee),
    candidates = VALUES(candidates), due_at = VALUES(due_at), closed_at = VALUES(closed_at),
    closed_by = VALUES(closed_by), outcome = VALUES(outcome), body = VALUES(body),
    activation_body = VALUES(activation_body)",
);

static CANDIDATES: Sql = Sql::new(
    "INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, value ->> 0, (value ->> 1)::bigint, (value ->> 2)::uuid, (value ->> 3)::bigint
FROM jsonb_array_elements(?3::jsonb)
ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared",
)
.mysql(
    "INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
SELECT ?1, new.principal, new.opened_at, unhex(new.task), new.shared
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    principal LONGTEXT CHARSET utf8mb4 PATH '$[0]', opened_at BIGINT PATH '$[1]', task CHAR(32) PATH '$[2]',
    shared BIGINT PATH '$[3]'
)) AS new
ON DUPLICATE KEY UPDATE shared = VALUES(shared)",
);

static DROP_ACTIVATIONS: Sql = Sql::new(
    "DELETE FROM signoff_activation
WHERE tenant = ?1 AND instance = ?2 AND id BETWEEN (?3::jsonb ->> 0)::uuid AND (?3::jsonb ->> -1)::uuid
    AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?3::jsonb)::uuid))",
)
.mysql(
    "DELETE gone FROM JSON_TABLE(?3, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS old
STRAIGHT_JOIN signoff_activation AS gone
    ON gone.tenant = ?1 AND gone.instance = ?2 AND gone.id = unhex(old.id)",
);

static ACTIVATIONS: Sql = Sql::new(
    "INSERT INTO signoff_activation (tenant, instance, id, node, body)
SELECT ?1, ?2, (value ->> 0)::uuid, value ->> 1, value ->> 2 FROM jsonb_array_elements(?3::jsonb)
ON CONFLICT (tenant, instance, id) DO UPDATE SET node = excluded.node, body = excluded.body",
)
.mysql(
    "INSERT INTO signoff_activation (tenant, instance, id, node, body)
SELECT ?1, ?2, unhex(new.id), new.node, new.body
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    id CHAR(32) PATH '$[0]', node LONGTEXT CHARSET utf8mb4 PATH '$[1]', body LONGTEXT CHARSET utf8mb4 PATH '$[2]'
)) AS new
ON DUPLICATE KEY UPDATE node = VALUES(node), body = VALUES(body)",
);

static DROP_JOBS: Sql = Sql::new(
    "DELETE FROM signoff_job
WHERE tenant = ?1 AND id BETWEEN (?3::jsonb ->> 0)::uuid AND (?3::jsonb ->> -1)::uuid
    AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?3::jsonb)::uuid))",
)
.mysql(
    "DELETE gone FROM JSON_TABLE(?3, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS old
STRAIGHT_JOIN signoff_job AS gone ON gone.tenant = ?1 AND gone.id = unhex(old.id)",
);

// 4 the first token of a new job: the token of a job grows with every claim; one that takes the place of
// an older one of the same id begins above it, so no worker of the older one can finish it.
static JOBS: Sql = Sql::new(
    "INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
SELECT ?1, (value ->> 0)::uuid, ?2, (value ->> 1)::bigint, value ->> 2, 0, ?4, NULL, 0
FROM jsonb_array_elements(?3::jsonb)
ON CONFLICT (tenant, id) DO UPDATE SET
    due_at = excluded.due_at, work = excluded.work, failed = 0,
    token = greatest(signoff_job.token + 1, excluded.token), leased_until = NULL, parked = 0",
)
.mysql(
    "INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
SELECT ?1, unhex(new.id), ?2, new.due_at, new.work, 0, ?4, NULL, 0
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    id CHAR(32) PATH '$[0]', due_at BIGINT PATH '$[1]', work LONGTEXT CHARSET utf8mb4 PATH '$[2]'
)) AS new
ON DUPLICATE KEY UPDATE
    due_at = VALUES(due_at), work = VALUES(work), failed = 0,
    token = greatest(signoff_job.token + 1, VALUES(token)), leased_until = NULL, parked = 0",
);

static DROP_INCIDENTS: Sql = Sql::new(
    "DELETE FROM signoff_incident
WHERE tenant = ?1 AND id BETWEEN (?3::jsonb ->> 0)::uuid AND (?3::jsonb ->> -1)::uuid
    AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(?3::jsonb)::uuid))",
)
.mysql(
    "DELETE gone FROM JSON_TABLE(?3, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS old
STRAIGHT_JOIN signoff_incident AS gone ON gone.tenant = ?1 AND gone.id = unhex(old.id)",
);

static INCIDENTS: Sql = Sql::new(
    "INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM jsonb_array_elements(?3::jsonb)",
)
.mysql(
    "INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
SELECT ?1, unhex(new.id), ?2, new.code, new.message, new.node, new.opened_at
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    id CHAR(32) PATH '$[0]', code LONGTEXT CHARSET utf8mb4 PATH '$[1]', message LONGTEXT CHARSET utf8mb4 PATH '$[2]',
    node LONGTEXT CHARSET utf8mb4 PATH '$[3]', opened_at BIGINT PATH '$[4]'
)) AS new",
);

static DROP_SUBSCRIPTIONS: Sql = Sql::new(
    "DELETE FROM signoff_subscription
WHERE tenant = ?1 AND activation BETWEEN (?3::jsonb ->> 0)::uuid AND (?3::jsonb ->> -1)::uuid
    AND activation = ANY (ARRAY(SELECT jsonb_array_elements_text(?3::jsonb)::uuid))",
)
.mysql(
    "DELETE gone FROM JSON_TABLE(?3, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS old
STRAIGHT_JOIN signoff_subscription AS gone ON gone.tenant = ?1 AND gone.activation = unhex(old.id)",
);

static SUBSCRIPTIONS: Sql = Sql::new(
    "INSERT INTO signoff_subscription (tenant, activation, instance, kind, name, message_key, since)
SELECT ?1, (value ->> 0)::uuid, ?2, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint
FROM jsonb_array_elements(?3::jsonb)
ON CONFLICT (tenant, activation) DO UPDATE SET
    instance = excluded.instance, kind = excluded.kind, name = excluded.name,
    message_key = excluded.message_key, since = excluded.since",
)
.mysql(
    "INSERT INTO signoff_subscription (
    tenant, activation, instance, kind, name, name_hash, message_key, key_hash, since
)
SELECT ?1, unhex(new.id), ?2, new.kind, new.name, unhex(sha2(new.name, 256)), new.message_key,
    unhex(sha2(new.message_key, 256)), new.since
FROM JSON_TABLE(?3, '$[*]' COLUMNS (
    id CHAR(32) PATH '$[0]', kind LONGTEXT CHARSET utf8mb4 PATH '$[1]', name LONGTEXT CHARSET utf8mb4 PATH '$[2]',
    message_key LONGTEXT CHARSET utf8mb4 PATH '$[3]', since BIGINT PATH '$[4]'
)) AS new
ON DUPLICATE KEY UPDATE
    instance = VALUES(instance), kind = VALUES(kind), name = VALUES(name),
    name_hash = VALUES(name_hash), message_key = VALUES(message_key), key_hash = VALUES(key_hash),
    since = VALUES(since)",
);

/// Commits one change: run in order in one transaction, or fails with a unique constraint or because
/// a statement did not change as many rows as it must.
pub(super) fn commit(rows: &Rows) -> Result<Vec<Bound>> {
    let stored = Stored::of(rows)?;
    let of = |sql| Bound::new(sql).bind_all([stored.tenant(), stored.id()]);
    let mut steps = Vec::new();
    let header = Bound::new(if rows.before == 0 { &START } else { &UPDATE })
        .bind_all(stored.header.iter().cloned());
    steps.push(if rows.before == 0 {
        header.bind(rows.newest.map(i64::from)).expecting(1)
    } else {
        header.bind(stored.before).expecting(1)
    });
    if let Some(ids) = &stored.consumed {
        let consume = of(&CONSUME).bind(rows.history.at).bind(ids.as_str());
        let count = u64::try_from(rows.consumed.len()).unwrap_or(u64::MAX);
        steps.push(consume.expecting(count));
    }
    steps.push(
        of(&EVENT)
            .bind(stored.version)
            .bind_all(stored.event.clone()),
    );
    if let Some(request) = &rows.request {
        let insert = of(&REQUEST)
            .bind(request.id.as_str())
            .bind(request.hash.as_str())
            .bind(stored.version)
            .bind(args::json(&request.notices)?)
            .bind(rows.history.at);
        steps.push(insert);
    }
    if let Some(fields) = &stored.fields {
        steps.push(of(&DROP_FIELDS));
        steps.push(of(&FIELDS).bind(fields.as_str()));
    }
    let tasks = tasks_json(&rows.tasks)?;
    let [candidates, dropped_candidates] = Candidates::of(&rows.tasks).lists()?;
    let lists = [
        (&DROP_CANDIDATES, &dropped_candidates),
        (&TASKS, &tasks),
        (&CANDIDATES, &candidates),
        (&DROP_ACTIVATIONS, &stored.dropped_activations),
        (&ACTIVATIONS, &stored.activations),
        (&DROP_JOBS, &stored.dropped_jobs),
        (&JOBS, &stored.jobs),
        (&DROP_INCIDENTS, &stored.resolved_incidents),
        (&INCIDENTS, &stored.incidents),
        (&DROP_SUBSCRIPTIONS, &stored.dropped_subscriptions),
        (&SUBSCRIPTIONS, &stored.subscriptions),
    ];
    for (sql, list) in lists {
        let Some(list) = list else { continue };
        let step = of(sql).bind(list.as_str());
        steps.push(if std::ptr::eq(sql, &JOBS) {
            step.bind(Arg::Integer(Some(stored.first_token())))
        } else {
            step
        });
    }
    Ok(steps)
}
