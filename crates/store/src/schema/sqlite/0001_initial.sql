-- Ids are 16 bytes, times nanoseconds since 1970-01-01 UTC, JSON is text.
-- Wide rows live in rowid tables (a wide row of a WITHOUT ROWID table spills to overflow pages);
-- narrow rows that are read in the order of their key are WITHOUT ROWID.

CREATE TABLE signoff_workflow (
    tenant TEXT NOT NULL,
    workflow TEXT NOT NULL,
    status TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    owner TEXT,
    latest INTEGER NOT NULL,
    edits INTEGER NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (tenant, workflow)
) WITHOUT ROWID;

CREATE TABLE signoff_draft (
    tenant TEXT NOT NULL,
    workflow TEXT NOT NULL,
    revision INTEGER NOT NULL,
    strategy INTEGER,
    format TEXT NOT NULL,
    source TEXT NOT NULL,
    changed_by TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, workflow)
);

CREATE TABLE signoff_binding (
    tenant TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_by TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject_type)
) WITHOUT ROWID;

CREATE TABLE signoff_file (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    instance BLOB,
    task BLOB,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_by TEXT,
    uploaded_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX signoff_file_of_instance ON signoff_file (tenant, instance, uploaded_at, id)
WHERE instance IS NOT NULL;

CREATE INDEX signoff_file_by_moment ON signoff_file (uploaded_at);

CREATE TABLE signoff_definition (
    tenant TEXT NOT NULL,
    workflow TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, workflow, version)
);

CREATE TABLE signoff_instance (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    workflow TEXT NOT NULL,
    definition INTEGER NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    subject_type TEXT,
    subject_id TEXT,
    exclusive TEXT,
    business_key TEXT,
    unique_key TEXT,
    requester TEXT,
    parent BLOB,
    started_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    ended_at INTEGER,
    state TEXT NOT NULL,
    data TEXT NOT NULL,
    forms TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_instance_started ON signoff_instance (tenant, started_at, id);
CREATE INDEX signoff_instance_subject ON signoff_instance (tenant, subject_type, subject_id, started_at, id)
    WHERE subject_type IS NOT NULL;
CREATE INDEX signoff_instance_requester ON signoff_instance (tenant, requester, started_at, id)
    WHERE requester IS NOT NULL;
CREATE INDEX signoff_instance_parent ON signoff_instance (tenant, parent, started_at, id)
    WHERE parent IS NOT NULL;
CREATE UNIQUE INDEX signoff_instance_exclusive ON signoff_instance (tenant, exclusive)
    WHERE exclusive IS NOT NULL;
CREATE INDEX signoff_instance_business_key ON signoff_instance (tenant, business_key, started_at, id)
    WHERE business_key IS NOT NULL;
-- The business key again, where no two instances of the workflow may have the same.
CREATE UNIQUE INDEX signoff_instance_unique_key ON signoff_instance (tenant, workflow, unique_key)
    WHERE unique_key IS NOT NULL;

-- Activations without an open task; the others live in the row of the first of their tasks.
CREATE TABLE signoff_activation (
    tenant TEXT NOT NULL,
    instance BLOB NOT NULL,
    id BLOB NOT NULL,
    node TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, instance, id)
) WITHOUT ROWID;

CREATE TABLE signoff_task (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    instance BLOB NOT NULL,
    activation BLOB NOT NULL,
    node TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    assignee TEXT,
    candidates TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    due_at INTEGER,
    closed_at INTEGER,
    closed_by TEXT,
    outcome TEXT,
    body TEXT NOT NULL,
    activation_body TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_task_open ON signoff_task (tenant, opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX signoff_task_live ON signoff_task (tenant, instance, activation) WHERE closed_at IS NULL;
-- Without those put out of sight, so that counting what a person has reads no row.
CREATE INDEX signoff_task_assignee ON signoff_task (tenant, assignee, opened_at, id)
    WHERE closed_at IS NULL AND assignee IS NOT NULL AND state <> 'snoozed';
CREATE INDEX signoff_task_closed ON signoff_task (tenant, closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX signoff_task_past ON signoff_task (tenant, instance, closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX signoff_task_closed_by ON signoff_task (tenant, closed_by, closed_at, id)
    WHERE closed_by IS NOT NULL;

-- Who may take a task, as `user:ID` or `role:ID`: in the order of a person's list of tasks.
-- `shared` when others may too: only then can a person find a task twice.
CREATE TABLE signoff_candidate (
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    task BLOB NOT NULL,
    shared INTEGER NOT NULL,
    PRIMARY KEY (tenant, principal, opened_at, task)
) WITHOUT ROWID;

CREATE TABLE signoff_event (
    tenant TEXT NOT NULL,
    instance BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    person TEXT,
    body TEXT NOT NULL,
    position INTEGER,
    PRIMARY KEY (tenant, instance, version)
);
-- Whoever reads what happened, by position, first gives one to what has none.
CREATE INDEX signoff_event_new ON signoff_event (tenant, at) WHERE position IS NULL;
CREATE UNIQUE INDEX signoff_event_position ON signoff_event (tenant, position) WHERE position IS NOT NULL;

-- The last position of each tenant; whoever gives positions holds the row.
CREATE TABLE signoff_sequence (
    tenant TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tenant)
) WITHOUT ROWID;

CREATE TABLE signoff_job (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    instance BLOB NOT NULL,
    due_at INTEGER NOT NULL,
    work TEXT NOT NULL,
    failed INTEGER NOT NULL,
    token INTEGER NOT NULL,
    leased_until INTEGER,
    parked INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_job_runnable ON signoff_job (tenant, due_at, id) WHERE parked = 0;
CREATE INDEX signoff_job_instance ON signoff_job (tenant, instance, due_at, id) WHERE parked = 0;
CREATE INDEX signoff_job_parked ON signoff_job (tenant, instance, due_at, id) WHERE parked = 1;

CREATE TABLE signoff_incident (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    instance BLOB NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    node TEXT,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_incident_opened ON signoff_incident (tenant, opened_at, id);
CREATE INDEX signoff_incident_instance ON signoff_incident (tenant, instance, opened_at, id);

-- Activations that wait for something from outside their instance.
CREATE TABLE signoff_subscription (
    tenant TEXT NOT NULL,
    activation BLOB NOT NULL,
    instance BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    message_key TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (tenant, activation)
);
CREATE INDEX signoff_subscription_name ON signoff_subscription (tenant, kind, name, since, activation);
CREATE INDEX signoff_subscription_key ON signoff_subscription (tenant, kind, name, message_key, since, activation);

-- A message stays when it is consumed, so that its id is never delivered twice.
CREATE TABLE signoff_message (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    message_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    expires_at INTEGER,
    consumed_by BLOB,
    consumed_at INTEGER,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_message_waiting ON signoff_message (tenant, name, message_key, sent_at, id)
    WHERE consumed_by IS NULL;
CREATE INDEX signoff_message_consumed ON signoff_message (consumed_at) WHERE consumed_at IS NOT NULL;
CREATE INDEX signoff_message_expired ON signoff_message (expires_at)
    WHERE expires_at IS NOT NULL AND consumed_by IS NULL;

-- Requests that their senders named, with what answered them.
CREATE TABLE signoff_request (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    instance BLOB NOT NULL,
    version INTEGER NOT NULL,
    notices TEXT NOT NULL,
    answered_at INTEGER NOT NULL,
    -- Of a request with an answer of its own: how often it was taken over, and the answer.
    taken_over INTEGER,
    answer TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_request_answered ON signoff_request (answered_at);

-- Actions that are kept beside the definitions of a workflow; each belongs to one scope.
CREATE TABLE signoff_action (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    workflow TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('workflow', 'group', 'node')),
    scope_key TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_by TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((scope = 'workflow') = (scope_key = ''))
);
CREATE INDEX signoff_action_workflow ON signoff_action (tenant, workflow, id);

-- Who stands in for whom, in [starts_at, ends_at).
CREATE TABLE signoff_substitution (
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    principal TEXT NOT NULL,
    substitute TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    changed_by TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_substitution_principal ON signoff_substitution (tenant, principal, starts_at, id);

-- What instances are found by: values of their data as texts that compare as the values do.
CREATE TABLE signoff_field (
    tenant TEXT NOT NULL,
    instance BLOB NOT NULL,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    PRIMARY KEY (tenant, instance, name)
) WITHOUT ROWID;
CREATE INDEX signoff_field_key ON signoff_field (tenant, name, sort_key, instance);

CREATE TABLE signoff_schedule (
    tenant TEXT NOT NULL,
    workflow TEXT NOT NULL,
    start TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, workflow, start)
) WITHOUT ROWID;
CREATE INDEX signoff_schedule_due ON signoff_schedule (due_at, tenant, workflow, start);

CREATE TABLE signoff_pool (
    tenant TEXT NOT NULL,
    pool TEXT NOT NULL,
    member TEXT NOT NULL,
    turns INTEGER NOT NULL,
    PRIMARY KEY (tenant, pool, member)
) WITHOUT ROWID;

-- One change as one statement: a statement is atomic by itself, alone and inside a transaction.
CREATE VIEW signoff_commit (
    before, tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key,
    at, person, event,
    tasks, candidates, dropped_candidates, activations, dropped_activations, jobs, dropped_jobs,
    incidents, resolved_incidents, subscriptions, dropped_subscriptions, consumed, fields, request, newest
) AS SELECT
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
WHERE 0;

-- The lists are JSON arrays of arrays in the order of the columns below, or NULL when empty.
-- What never changes (workflow, subject, business key, requester, parent, start, whose a task is) is not updated, so
-- its indexes stay untouched.
CREATE TRIGGER signoff_commit_insert INSTEAD OF INSERT ON signoff_commit BEGIN
    -- A start that takes the workflow for what it no longer is.
    SELECT RAISE(ABORT, 'signoff conflict')
    WHERE NEW.before = 0 AND NEW.newest IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM signoff_workflow
        WHERE tenant = NEW.tenant AND workflow = NEW.workflow AND status = 'active' AND latest = NEW.newest
    );

    -- A start that comes after its workflow was dropped.
    SELECT RAISE(ABORT, 'signoff conflict')
    WHERE NEW.before = 0
        AND EXISTS (SELECT 1 FROM signoff_workflow WHERE tenant = NEW.tenant AND workflow = NEW.workflow)
        AND NOT EXISTS (
            SELECT 1 FROM signoff_definition
            WHERE tenant = NEW.tenant AND workflow = NEW.workflow AND version = NEW.definition
        );

    INSERT INTO signoff_instance (
        tenant, id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
        requester, parent, started_at, changed_at, ended_at, state, data, forms, business_key, unique_key
    )
    SELECT
        NEW.tenant, NEW.id, NEW.version, NEW.workflow, NEW.definition, NEW.status, NEW.title,
        NEW.subject_type, NEW.subject_id, NEW.exclusive, NEW.requester, NEW.parent, NEW.started_at,
        NEW.changed_at, NEW.ended_at, NEW.state, coalesce(NEW.data, '{}'), coalesce(NEW.forms, '{}'),
        NEW.business_key, NEW.unique_key
    WHERE NEW.before = 0;

    UPDATE signoff_instance SET
        version = NEW.version,
        definition = NEW.definition,
        status = NEW.status,
        title = NEW.title,
        exclusive = NEW.exclusive,
        changed_at = NEW.changed_at,
        ended_at = NEW.ended_at,
        state = NEW.state,
        data = coalesce(NEW.data, data),
        forms = coalesce(NEW.forms, forms)
    WHERE tenant = NEW.tenant AND id = NEW.id AND version = NEW.before AND NEW.before > 0;

    SELECT RAISE(ABORT, 'signoff conflict') WHERE NEW.before > 0 AND changes() = 0;

    UPDATE signoff_message SET consumed_by = NEW.id, consumed_at = NEW.at
    WHERE tenant = NEW.tenant AND consumed_by IS NULL
        AND id IN (SELECT value FROM json_each(NEW.consumed));

    -- One that is not there, consumed before or named twice; the length of NULL is NULL.
    SELECT RAISE(ABORT, 'signoff conflict') WHERE json_array_length(NEW.consumed) <> changes();

    INSERT INTO signoff_event (tenant, instance, version, at, person, body)
    VALUES (NEW.tenant, NEW.id, NEW.version, NEW.at, NEW.person, NEW.event);

    INSERT INTO signoff_request (tenant, id, hash, instance, version, notices, answered_at)
    SELECT NEW.tenant, value ->> 0, value ->> 1, NEW.id, NEW.version, value ->> 2, NEW.at
    FROM json_each(NEW.request);

    DELETE FROM signoff_field
    WHERE NEW.fields IS NOT NULL AND tenant = NEW.tenant AND instance = NEW.id;

    INSERT INTO signoff_field (tenant, instance, name, sort_key)
    SELECT NEW.tenant, NEW.id, value ->> 0, value ->> 1
    FROM json_each(NEW.fields);

    DELETE FROM signoff_candidate WHERE (tenant, principal, opened_at, task) IN (
        SELECT NEW.tenant, value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each(NEW.dropped_candidates)
    );

    INSERT INTO signoff_task (
        tenant, id, instance, activation, node, number, state, assignee, candidates, opened_at, due_at,
        closed_at, closed_by, outcome, body, activation_body
    )
    SELECT
        NEW.tenant, unhex(value ->> 0), NEW.id, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4,
        value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11,
        value ->> 12, value ->> 13
    FROM json_each(NEW.tasks)
    WHERE true
    ON CONFLICT (tenant, id) DO UPDATE SET
        node = excluded.node,
        state = excluded.state,
        assignee = excluded.assignee,
        candidates = excluded.candidates,
        due_at = excluded.due_at,
        closed_at = excluded.closed_at,
        closed_by = excluded.closed_by,
        outcome = excluded.outcome,
        body = excluded.body,
        activation_body = excluded.activation_body;

    INSERT INTO signoff_candidate (tenant, principal, opened_at, task, shared)
    SELECT NEW.tenant, value ->> 0, value ->> 1, unhex(value ->> 2), value ->> 3
    FROM json_each(NEW.candidates)
    WHERE true
    ON CONFLICT (tenant, principal, opened_at, task) DO UPDATE SET shared = excluded.shared;

    DELETE FROM signoff_activation
    WHERE tenant = NEW.tenant AND instance = NEW.id
        AND id IN (SELECT unhex(value) FROM json_each(NEW.dropped_activations));

    INSERT INTO signoff_activation (tenant, instance, id, node, body)
    SELECT NEW.tenant, NEW.id, unhex(value ->> 0), value ->> 1, value ->> 2
    FROM json_each(NEW.activations)
    WHERE true
    ON CONFLICT (tenant, instance, id) DO UPDATE SET
        node = excluded.node,
        body = excluded.body;

    DELETE FROM signoff_job
    WHERE tenant = NEW.tenant AND id IN (SELECT unhex(value) FROM json_each(NEW.dropped_jobs));

    -- The token of a job grows with every claim; one that takes the place of an older one of the
    -- same id begins above it, so no worker of the older one can finish it.
    INSERT INTO signoff_job (tenant, id, instance, due_at, work, failed, token, leased_until, parked)
    SELECT NEW.tenant, unhex(value ->> 0), NEW.id, value ->> 1, value ->> 2, 0, NEW.version << 16, NULL, 0
    FROM json_each(NEW.jobs)
    WHERE true
    ON CONFLICT (tenant, id) DO UPDATE SET
        due_at = excluded.due_at,
        work = excluded.work,
        failed = 0,
        token = max(token + 1, excluded.token),
        leased_until = NULL,
        parked = 0;

    DELETE FROM signoff_incident
    WHERE tenant = NEW.tenant AND id IN (SELECT unhex(value) FROM json_each(NEW.resolved_incidents));

    INSERT INTO signoff_incident (tenant, id, instance, code, message, node, opened_at)
    SELECT NEW.tenant, unhex(value ->> 0), NEW.id, value ->> 1, value ->> 2, value ->> 3, value ->> 4
    FROM json_each(NEW.incidents);

    DELETE FROM signoff_subscription
    WHERE tenant = NEW.tenant
        AND activation IN (SELECT unhex(value) FROM json_each(NEW.dropped_subscriptions));

    INSERT INTO signoff_subscription (tenant, activation, instance, kind, name, message_key, since)
    SELECT NEW.tenant, unhex(value ->> 0), NEW.id, value ->> 1, value ->> 2, value ->> 3, value ->> 4
    FROM json_each(NEW.subscriptions)
    WHERE true
    ON CONFLICT (tenant, activation) DO UPDATE SET
        instance = excluded.instance,
        kind = excluded.kind,
        name = excluded.name,
        message_key = excluded.message_key,
        since = excluded.since;
END;
