-- Times are nanoseconds since 1970-01-01 UTC, truths 0 and 1. JSON is text: jsonb would change the order
-- of keys and refuse U+0000. Texts compare by their bytes on every database, so that lists have one order.
-- Rows that change often leave room in their page, and no index is on what changes with them.
-- Tables whose rows come and go keep the pages that they once had: while a table has no pages, plans read it
-- from its beginning, and they are kept when it grows.

CREATE TABLE signoff_workflow (
    tenant TEXT COLLATE "C" NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    hidden BIGINT NOT NULL,
    owner TEXT COLLATE "C",
    latest BIGINT NOT NULL,
    edits BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL
);

CREATE TABLE signoff_draft (
    tenant TEXT COLLATE "C" NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    strategy BIGINT,
    format TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    changed_by TEXT COLLATE "C",
    changed_at BIGINT NOT NULL
);

CREATE TABLE signoff_binding (
    tenant TEXT COLLATE "C" NOT NULL,
    subject_type TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    changed_by TEXT COLLATE "C",
    changed_at BIGINT NOT NULL
);

CREATE TABLE signoff_file (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    instance UUID,
    task UUID,
    name TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    uploaded_by TEXT COLLATE "C",
    uploaded_at BIGINT NOT NULL,
    content BYTEA NOT NULL
);

CREATE INDEX signoff_file_of_instance ON signoff_file (tenant, instance, uploaded_at, id)
WHERE instance IS NOT NULL;

CREATE INDEX signoff_file_by_moment ON signoff_file (uploaded_at);

CREATE TABLE signoff_definition (
    tenant TEXT COLLATE "C" NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    published_at BIGINT NOT NULL
);

CREATE TABLE signoff_instance (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    definition BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    subject_type TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    exclusive TEXT COLLATE "C",
    business_key TEXT COLLATE "C",
    unique_key TEXT COLLATE "C",
    requester TEXT COLLATE "C",
    parent UUID,
    started_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ended_at BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    forms TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 80);
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
    tenant TEXT COLLATE "C" NOT NULL,
    instance UUID NOT NULL,
    id UUID NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 80, vacuum_truncate = false);

CREATE TABLE signoff_task (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    instance UUID NOT NULL,
    activation UUID NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    assignee TEXT COLLATE "C",
    candidates TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT,
    closed_at BIGINT,
    closed_by TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    activation_body TEXT COLLATE "C"
) WITH (fillfactor = 80);
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
    tenant TEXT COLLATE "C" NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    task UUID NOT NULL,
    shared BIGINT NOT NULL
) WITH (vacuum_truncate = false);

CREATE TABLE signoff_event (
    tenant TEXT COLLATE "C" NOT NULL,
    instance UUID NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    position BIGINT
);
-- Whoever reads what happened, by position, first gives one to what has none.
CREATE INDEX signoff_event_new ON signoff_event (tenant, at) WHERE position IS NULL;
CREATE UNIQUE INDEX signoff_event_position ON signoff_event (tenant, position) WHERE position IS NOT NULL;

-- The last position of each tenant; whoever gives positions holds the row.
CREATE TABLE signoff_sequence (
    tenant TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);

CREATE TABLE signoff_job (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    instance UUID NOT NULL,
    due_at BIGINT NOT NULL,
    work TEXT COLLATE "C" NOT NULL,
    failed BIGINT NOT NULL,
    token BIGINT NOT NULL,
    leased_until BIGINT,
    parked BIGINT NOT NULL
) WITH (fillfactor = 80, vacuum_truncate = false);
CREATE INDEX signoff_job_runnable ON signoff_job (tenant, due_at, id) WHERE parked = 0;
CREATE INDEX signoff_job_instance ON signoff_job (tenant, instance, due_at, id) WHERE parked = 0;
CREATE INDEX signoff_job_parked ON signoff_job (tenant, instance, due_at, id) WHERE parked = 1;

CREATE TABLE signoff_incident (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    instance UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    node TEXT COLLATE "C",
    opened_at BIGINT NOT NULL
) WITH (vacuum_truncate = false);
CREATE INDEX signoff_incident_opened ON signoff_incident (tenant, opened_at, id);
CREATE INDEX signoff_incident_instance ON signoff_incident (tenant, instance, opened_at, id);

-- Activations that wait for something from outside their instance.
CREATE TABLE signoff_subscription (
    tenant TEXT COLLATE "C" NOT NULL,
    activation UUID NOT NULL,
    instance UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    message_key TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL
) WITH (vacuum_truncate = false);
CREATE INDEX signoff_subscription_name ON signoff_subscription (tenant, kind, name, since, activation);
CREATE INDEX signoff_subscription_key ON signoff_subscription (tenant, kind, name, message_key, since, activation);

-- A message stays when it is consumed, so that its id is never delivered twice.
CREATE TABLE signoff_message (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    message_key TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT,
    consumed_by UUID,
    consumed_at BIGINT
);
CREATE INDEX signoff_message_waiting ON signoff_message (tenant, name, message_key, sent_at)
    WHERE consumed_by IS NULL;
CREATE INDEX signoff_message_consumed ON signoff_message (consumed_at) WHERE consumed_at IS NOT NULL;
CREATE INDEX signoff_message_expired ON signoff_message (expires_at)
    WHERE expires_at IS NOT NULL AND consumed_by IS NULL;

-- Requests that their senders named, with what answered them.
CREATE TABLE signoff_request (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    instance UUID NOT NULL,
    version BIGINT NOT NULL,
    notices TEXT COLLATE "C" NOT NULL,
    answered_at BIGINT NOT NULL,
    -- Of a request with an answer of its own: how often it was taken over, and the answer.
    taken_over BIGINT,
    answer TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_request_answered ON signoff_request (answered_at);

-- Actions that are kept beside the definitions of a workflow; each belongs to one scope.
CREATE TABLE signoff_action (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL CHECK (scope IN ('workflow', 'group', 'node')),
    scope_key TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    changed_by TEXT COLLATE "C",
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((scope = 'workflow') = (scope_key = ''))
);
CREATE INDEX signoff_action_workflow ON signoff_action (tenant, workflow, id);

-- Who stands in for whom, in [starts_at, ends_at).
CREATE TABLE signoff_substitution (
    tenant TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    substitute TEXT COLLATE "C" NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    changed_by TEXT COLLATE "C",
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signoff_substitution_principal ON signoff_substitution (tenant, principal, starts_at, id);

-- What instances are found by: values of their data as texts that compare as the values do.
CREATE TABLE signoff_field (
    tenant TEXT COLLATE "C" NOT NULL,
    instance UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL
);
CREATE INDEX signoff_field_key ON signoff_field (tenant, name, sort_key, instance);

CREATE TABLE signoff_schedule (
    tenant TEXT COLLATE "C" NOT NULL,
    workflow TEXT COLLATE "C" NOT NULL,
    start TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL
);
CREATE INDEX signoff_schedule_due ON signoff_schedule (due_at, tenant, workflow, start);

CREATE TABLE signoff_pool (
    tenant TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    member TEXT COLLATE "C" NOT NULL,
    turns BIGINT NOT NULL
);

-- Last of all indexes: of those that cost the same the planner takes the latest, and on tables that
-- nobody has analyzed yet all cost the same. A plan made then is kept while the tables grow.
ALTER TABLE signoff_workflow ADD PRIMARY KEY (tenant, workflow);
ALTER TABLE signoff_draft ADD PRIMARY KEY (tenant, workflow);
ALTER TABLE signoff_binding ADD PRIMARY KEY (tenant, subject_type);
ALTER TABLE signoff_file ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_definition ADD PRIMARY KEY (tenant, workflow, version);
ALTER TABLE signoff_instance ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_activation ADD PRIMARY KEY (tenant, instance, id);
ALTER TABLE signoff_task ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_candidate ADD PRIMARY KEY (tenant, principal, opened_at, task);
ALTER TABLE signoff_event ADD PRIMARY KEY (tenant, instance, version);
ALTER TABLE signoff_job ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_incident ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_subscription ADD PRIMARY KEY (tenant, activation);
ALTER TABLE signoff_message ADD PRIMARY KEY (tenant, id);
ALTER TABLE signoff_field ADD PRIMARY KEY (tenant, instance, name);
ALTER TABLE signoff_schedule ADD PRIMARY KEY (tenant, workflow, start);
ALTER TABLE signoff_pool ADD PRIMARY KEY (tenant, pool, member);
