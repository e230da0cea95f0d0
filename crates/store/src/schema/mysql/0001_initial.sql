-- Ids are 16 bytes, times nanoseconds since 1970-01-01 UTC, truths 0 and 1. JSON is text: the type JSON
-- would change the order of keys. Texts compare by their bytes, without padding: MariaDB and MySQL have
-- different names for that, and each reads its own out of the comment that it executes.
-- What a change of tables was interrupted in is done again: so each statement can be repeated.
-- There are no partial indexes: what is open has no moment of closing, and NULL is one value of an index.

CREATE TABLE IF NOT EXISTS signoff_workflow (
    tenant VARCHAR(100) NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    status VARCHAR(20) NOT NULL,
    hidden BIGINT NOT NULL,
    owner VARCHAR(255),
    latest BIGINT NOT NULL,
    edits BIGINT NOT NULL,
    title LONGTEXT NOT NULL,
    PRIMARY KEY (tenant, workflow)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_draft (
    tenant VARCHAR(100) NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    revision BIGINT NOT NULL,
    strategy BIGINT,
    format VARCHAR(20) NOT NULL,
    source LONGTEXT NOT NULL,
    changed_by VARCHAR(255),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, workflow)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_binding (
    tenant VARCHAR(100) NOT NULL,
    subject_type VARCHAR(100) NOT NULL,
    body LONGTEXT NOT NULL,
    changed_by VARCHAR(255),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject_type)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_file (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    instance BINARY(16),
    task BINARY(16),
    name LONGTEXT NOT NULL,
    content_type LONGTEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    uploaded_by VARCHAR(255),
    uploaded_at BIGINT NOT NULL,
    content LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_file_of_instance (tenant, instance, uploaded_at, id),
    KEY signoff_file_by_moment (uploaded_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_definition (
    tenant VARCHAR(100) NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    version BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    title LONGTEXT NOT NULL,
    document LONGTEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, workflow, version)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_instance (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    definition BIGINT NOT NULL,
    status VARCHAR(20) NOT NULL,
    title LONGTEXT NOT NULL,
    subject_type VARCHAR(100),
    subject_id VARCHAR(400),
    exclusive VARCHAR(660),
    business_key VARCHAR(255),
    unique_key VARCHAR(255),
    requester VARCHAR(255),
    parent BINARY(16),
    started_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ended_at BIGINT,
    state LONGTEXT NOT NULL,
    data LONGTEXT NOT NULL,
    forms LONGTEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_instance_started (tenant, started_at, id),
    KEY signoff_instance_subject (tenant, subject_type, subject_id, started_at, id),
    KEY signoff_instance_requester (tenant, requester, started_at, id),
    KEY signoff_instance_parent (tenant, parent, started_at, id),
    UNIQUE KEY signoff_instance_exclusive (tenant, exclusive),
    KEY signoff_instance_business_key (tenant, business_key, started_at, id),
    -- The business key again, where no two instances of the workflow may have the same.
    UNIQUE KEY signoff_instance_unique_key (tenant, workflow, unique_key)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Activations without an open task; the others live in the row of the first of their tasks.
CREATE TABLE IF NOT EXISTS signoff_activation (
    tenant VARCHAR(100) NOT NULL,
    instance BINARY(16) NOT NULL,
    id BINARY(16) NOT NULL,
    node VARCHAR(255) NOT NULL,
    body LONGTEXT NOT NULL,
    PRIMARY KEY (tenant, instance, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_task (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    instance BINARY(16) NOT NULL,
    activation BINARY(16) NOT NULL,
    node VARCHAR(255) NOT NULL,
    number BIGINT NOT NULL,
    state VARCHAR(20) NOT NULL,
    assignee VARCHAR(255),
    candidates LONGTEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT,
    closed_at BIGINT,
    closed_by VARCHAR(255),
    outcome VARCHAR(255),
    body LONGTEXT NOT NULL,
    activation_body LONGTEXT,
    PRIMARY KEY (tenant, id),
    KEY signoff_task_open (tenant, closed_at, opened_at, id),
    KEY signoff_task_live (tenant, instance, closed_at, activation),
    KEY signoff_task_assignee (tenant, assignee, closed_at, opened_at, id, state),
    KEY signoff_task_closed (tenant, closed_at, id),
    KEY signoff_task_past (tenant, instance, closed_at, id),
    KEY signoff_task_closed_by (tenant, closed_by, closed_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Who may take a task, as `user:ID` or `role:ID`: in the order of a person's list of tasks.
-- `shared` when others may too: only then can a person find a task twice.
CREATE TABLE IF NOT EXISTS signoff_candidate (
    tenant VARCHAR(100) NOT NULL,
    principal VARCHAR(260) NOT NULL,
    opened_at BIGINT NOT NULL,
    task BINARY(16) NOT NULL,
    shared BIGINT NOT NULL,
    PRIMARY KEY (tenant, principal, opened_at, task)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_event (
    tenant VARCHAR(100) NOT NULL,
    instance BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person VARCHAR(255),
    body LONGTEXT NOT NULL,
    position BIGINT,
    PRIMARY KEY (tenant, instance, version),
    KEY signoff_event_position (tenant, position, at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- The last position of each tenant; whoever gives positions holds the row.
CREATE TABLE IF NOT EXISTS signoff_sequence (
    tenant VARCHAR(100) NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_job (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    instance BINARY(16) NOT NULL,
    due_at BIGINT NOT NULL,
    work LONGTEXT NOT NULL,
    failed BIGINT NOT NULL,
    token BIGINT NOT NULL,
    leased_until BIGINT,
    parked BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_job_runnable (parked, tenant, due_at, id),
    KEY signoff_job_instance (tenant, instance, parked, due_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_incident (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    instance BINARY(16) NOT NULL,
    code VARCHAR(100) NOT NULL,
    message LONGTEXT NOT NULL,
    node VARCHAR(255),
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_incident_opened (tenant, opened_at, id),
    KEY signoff_incident_instance (tenant, instance, opened_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Activations that wait for something from outside their instance. Names, keys and ids of messages may be
-- longer than an index holds, so they are found by their SHA-256.
CREATE TABLE IF NOT EXISTS signoff_subscription (
    tenant VARCHAR(100) NOT NULL,
    activation BINARY(16) NOT NULL,
    instance BINARY(16) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    name LONGTEXT NOT NULL,
    name_hash BINARY(32) NOT NULL,
    message_key LONGTEXT NOT NULL,
    key_hash BINARY(32) NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (tenant, activation),
    KEY signoff_subscription_name (tenant, kind, name_hash, since, activation),
    KEY signoff_subscription_key (tenant, kind, name_hash, key_hash, since, activation)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- A message stays when it is consumed, so that its id is never delivered twice.
CREATE TABLE IF NOT EXISTS signoff_message (
    tenant VARCHAR(100) NOT NULL,
    id LONGTEXT NOT NULL,
    id_hash BINARY(32) NOT NULL,
    name LONGTEXT NOT NULL,
    name_hash BINARY(32) NOT NULL,
    message_key LONGTEXT NOT NULL,
    key_hash BINARY(32) NOT NULL,
    payload LONGTEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT,
    consumed_by BINARY(16),
    consumed_at BIGINT,
    PRIMARY KEY (tenant, id_hash),
    KEY signoff_message_waiting (tenant, consumed_by, name_hash, key_hash, sent_at),
    KEY signoff_message_consumed (consumed_at),
    KEY signoff_message_expired (consumed_by, expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Requests that their senders named, with what answered them.
CREATE TABLE IF NOT EXISTS signoff_request (
    tenant VARCHAR(100) NOT NULL,
    id VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    instance BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    notices LONGTEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    -- Of a request with an answer of its own: how often it was taken over, and the answer.
    taken_over BIGINT,
    answer LONGTEXT,
    PRIMARY KEY (tenant, id),
    KEY signoff_request_answered (answered_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Actions that are kept beside the definitions of a workflow; each belongs to one scope.
CREATE TABLE IF NOT EXISTS signoff_action (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    scope VARCHAR(20) NOT NULL CHECK (scope IN ('workflow', 'group', 'node')),
    scope_key VARCHAR(64) NOT NULL,
    event VARCHAR(64) NOT NULL,
    body LONGTEXT NOT NULL,
    changed_by VARCHAR(255),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_action_workflow (tenant, workflow, id),
    CHECK ((scope = 'workflow') = (scope_key = ''))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- Who stands in for whom, in [starts_at, ends_at).
CREATE TABLE IF NOT EXISTS signoff_substitution (
    tenant VARCHAR(100) NOT NULL,
    id BINARY(16) NOT NULL,
    principal VARCHAR(255) NOT NULL,
    substitute VARCHAR(255) NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    changed_by VARCHAR(255),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY signoff_substitution_principal (tenant, principal, starts_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

-- What instances are found by: values of their data as texts that compare as the values do.
CREATE TABLE IF NOT EXISTS signoff_field (
    tenant VARCHAR(100) NOT NULL,
    instance BINARY(16) NOT NULL,
    name VARCHAR(400) NOT NULL,
    sort_key VARCHAR(201) NOT NULL,
    PRIMARY KEY (tenant, instance, name),
    KEY signoff_field_key (tenant, name, sort_key, instance)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_schedule (
    tenant VARCHAR(100) NOT NULL,
    workflow VARCHAR(64) NOT NULL,
    start VARCHAR(255) NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, workflow, start),
    KEY signoff_schedule_due (due_at, tenant, workflow, start)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;

CREATE TABLE IF NOT EXISTS signoff_pool (
    tenant VARCHAR(100) NOT NULL,
    pool VARCHAR(400) NOT NULL,
    member VARCHAR(255) NOT NULL,
    turns BIGINT NOT NULL,
    PRIMARY KEY (tenant, pool, member)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
    COLLATE /*M!100600 utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */;
