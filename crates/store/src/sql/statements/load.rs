//! Loading an instance: one statement, so all of it is of one moment and comes in one call.
//!
//! The rows of a result have a kind in the first column and the columns of that kind after it: three for
//! ids, five for numbers and twelve for texts, NULL where the kind has fewer. Some databases want one type
//! for all that stands in one column.

use signoff_core::id::{InstanceId, Subject, TenantId, WorkflowKey};

use crate::{
    contract::{Load, Part, Target},
    error::{Error, ErrorKind, Result},
    sql::{Bound, Sql},
};

/// The kind of an instance row.
pub(crate) const ROW_INSTANCE: i64 = 0;
/// The kind of an open task.
pub(crate) const ROW_TASK: i64 = 1;
/// The kind of an activation.
pub(crate) const ROW_ACTIVATION: i64 = 2;
/// The kind of the target task.
pub(crate) const ROW_TARGET: i64 = 3;

macro_rules! instances {
    ($when:expr) => {
        concat!(
            "SELECT 0, id, parent, NULL, version, definition, started_at, changed_at, ended_at,
    workflow, status, title, subject_type, subject_id, exclusive, business_key, unique_key,
    requester, state, data, forms
FROM signoff_instance WHERE tenant = ?1 AND ",
            $when
        )
    };
}

macro_rules! instance {
    ($id:literal) => {
        instances!(concat!("id = ", $id))
    };
}

macro_rules! tasks {
    ($kind:literal, $when:expr) => {
        concat!(
            "\nUNION ALL SELECT ",
            $kind,
            ", id, instance, activation, number, opened_at, due_at, closed_at, NULL,
    node, state, assignee, candidates, closed_by, outcome, body, activation_body, NULL, NULL, NULL,
    NULL
FROM signoff_task WHERE tenant = ?1 AND ",
            $when
        )
    };
}

macro_rules! activations {
    ($when:expr) => {
        concat!(
            "\nUNION ALL SELECT 2, id, instance, NULL, NULL, NULL, NULL, NULL, NULL,
    node, body, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM signoff_activation WHERE tenant = ?1 AND ",
            $when
        )
    };
}

macro_rules! of_task {
    ($($part:expr),*) => {
        concat!(
            instance!("(SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2)"),
            tasks!("3", "id = ?2")
            $(, $part)*
        )
    };
}

/// The instance row. 1 tenant, 2 instance.
static LOAD_HEADER: Sql = Sql::new(instance!("?2"));

/// The instance row and all that lives. 1 tenant, 2 instance.
static LOAD_ALL: Sql = Sql::new(concat!(
    instance!("?2"),
    tasks!("1", "instance = ?2 AND closed_at IS NULL"),
    activations!("instance = ?2")
));

/// The instance row and one activation. 1 tenant, 2 instance, 3 activation.
static LOAD_ACTIVATION: Sql = Sql::new(concat!(
    instance!("?2"),
    tasks!(
        "1",
        "instance = ?2 AND activation = ?3 AND closed_at IS NULL"
    ),
    activations!("instance = ?2 AND id = ?3")
));

/// The instance row of a task, and the task. 1 tenant, 2 task.
static LOAD_TASK_HEADER: Sql = Sql::new(of_task!());

/// The same with all that lives. 1 tenant, 2 task.
static LOAD_TASK_ALL: Sql = Sql::new(of_task!(
    tasks!(
        "1",
        "instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2) AND closed_at IS NULL"
    ),
    activations!("instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2)")
));

/// The same with one activation. 1 tenant, 2 task, 3 activation.
static LOAD_TASK_ACTIVATION: Sql = Sql::new(of_task!(
    tasks!(
        "1",
        "instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2) AND activation = ?3
    AND closed_at IS NULL"
    ),
    activations!("instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2) AND id = ?3")
));

/// The same with the activation of the task. 1 tenant, 2 task.
static LOAD_TASK_OF_TASK: Sql = Sql::new(of_task!(
    tasks!(
        "1",
        "(instance, activation) = (
        SELECT instance, activation FROM signoff_task WHERE tenant = ?1 AND id = ?2
    ) AND closed_at IS NULL"
    ),
    activations!(
        "(instance, id) = (
        SELECT instance, activation FROM signoff_task WHERE tenant = ?1 AND id = ?2
    )"
    )
))
.mysql(of_task!(
    tasks!(
        "1",
        "instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2)
    AND activation = (SELECT activation FROM signoff_task WHERE tenant = ?1 AND id = ?2) AND closed_at IS NULL"
    ),
    activations!(
        "instance = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2)
    AND id = (SELECT activation FROM signoff_task WHERE tenant = ?1 AND id = ?2)"
    )
));

macro_rules! live {
    ($ids:literal) => {
        concat!(
            instances!(concat!("id ", $ids)),
            tasks!("1", concat!("instance ", $ids, " AND closed_at IS NULL")),
            activations!(concat!("instance ", $ids))
        )
    };
}

/// Several instance rows and all that lives. 1 tenant, 2 instances.
static LIVE: Sql = Sql::new(live!("IN (SELECT unhex(value) FROM json_each(?2))"))
    .postgres(live!("= ANY (ARRAY(SELECT json_array_elements_text(?2::json)::uuid))"))
    .mysql(live!("IN (SELECT unhex(one.id) FROM JSON_TABLE(?2, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS one)"));

macro_rules! tasks_of {
    ($by_open:literal, $by_closed:literal, $ids:literal) => {
        concat!(
            "SELECT id, instance, activation, number, opened_at, due_at, closed_at, NULL,
    node, state, assignee, candidates, closed_by, outcome, body, activation_body
FROM signoff_task ",
            $by_open,
            "\nWHERE tenant = ?1 AND closed_at IS NULL AND instance ",
            $ids,
            "\nUNION ALL SELECT id, instance, activation, number, opened_at, due_at, closed_at, NULL,
    node, state, assignee, candidates, closed_by, outcome, body, activation_body
FROM signoff_task ",
            $by_closed,
            "\nWHERE tenant = ?1 AND closed_at IS NOT NULL AND instance ",
            $ids
        )
    };
}

/// Every task of several instances, in no order. 1 tenant, 2 instances.
static TASKS_OF: Sql = Sql::new(tasks_of!(
    "INDEXED BY signoff_task_live",
    "INDEXED BY signoff_task_past",
    "IN (SELECT unhex(value) FROM json_each(?2))"
))
.postgres(tasks_of!(
    "",
    "",
    "= ANY (ARRAY(SELECT json_array_elements_text(?2::json)::uuid))"
))
.mysql(tasks_of!(
    "FORCE INDEX (signoff_task_live)",
    "FORCE INDEX (signoff_task_past)",
    "IN (SELECT unhex(one.id) FROM JSON_TABLE(?2, '$[*]' COLUMNS (id CHAR(32) PATH '$')) AS one)"
));

/// Several instances with all that lives in them.
///
/// # Errors
/// `Other` when the ids have no JSON form.
pub(crate) fn live(tenant: &TenantId, ids: &[InstanceId]) -> Result<Bound> {
    several(&LIVE, tenant, ids)
}

/// Every task of several instances, in no order.
///
/// # Errors
/// `Other` when the ids have no JSON form.
pub(crate) fn tasks_of(tenant: &TenantId, ids: &[InstanceId]) -> Result<Bound> {
    several(&TASKS_OF, tenant, ids)
}

fn several(sql: &'static Sql, tenant: &TenantId, ids: &[InstanceId]) -> Result<Bound> {
    let ids: Vec<String> = ids
        .iter()
        .map(|id| id.uuid().simple().to_string())
        .collect();
    let ids = serde_json::to_string(&ids).map_err(|error| {
        Error::new(ErrorKind::Other, "the ids have no stored form").caused_by(error)
    })?;
    Ok(Bound::new(sql).bind(tenant.as_str()).bind(ids))
}

/// What a load asks for.
pub(crate) fn load(load: &Load) -> Bound {
    let (sql, id) = match (load.target, load.part) {
        (Target::Instance(id), Part::Activation(_)) => (&LOAD_ACTIVATION, id.uuid()),
        (Target::Instance(id), Part::All) => (&LOAD_ALL, id.uuid()),
        (Target::Instance(id), Part::Header | Part::OfTask) => (&LOAD_HEADER, id.uuid()),
        (Target::Task(id), Part::Activation(_)) => (&LOAD_TASK_ACTIVATION, id.uuid()),
        (Target::Task(id), Part::All) => (&LOAD_TASK_ALL, id.uuid()),
        (Target::Task(id), Part::Header) => (&LOAD_TASK_HEADER, id.uuid()),
        (Target::Task(id), Part::OfTask) => (&LOAD_TASK_OF_TASK, id.uuid()),
    };
    let bound = Bound::new(sql).bind(load.tenant.as_str()).bind(id);
    match load.part {
        Part::Activation(id) => bound.bind(id.uuid()),
        Part::All | Part::Header | Part::OfTask => bound,
    }
}

// 1 tenant, 2 instance, or task.
static LOCK_INSTANCE: Sql =
    Sql::new("SELECT 1 FROM signoff_instance WHERE tenant = ?1 AND id = ?2 FOR UPDATE");
static LOCK_OF_TASK: Sql = Sql::new(
    "SELECT 1 FROM signoff_instance WHERE tenant = ?1
    AND id = (SELECT instance FROM signoff_task WHERE tenant = ?1 AND id = ?2) FOR UPDATE",
);

/// Locks what a load asks for until the transaction ends.
pub(crate) fn lock_instance(load: &Load) -> Bound {
    let (sql, id) = match load.target {
        Target::Instance(id) => (&LOCK_INSTANCE, id.uuid()),
        Target::Task(id) => (&LOCK_OF_TASK, id.uuid()),
    };
    Bound::new(sql).bind(load.tenant.as_str()).bind(id)
}

// 1 tenant, 2 workflow, 3 subject type, 4 subject id.
static RUNNING: Sql = Sql::new(
    "SELECT id FROM signoff_instance
WHERE tenant = ?1 AND subject_type = ?3 AND subject_id = ?4 AND workflow = ?2 AND ended_at IS NULL
ORDER BY started_at DESC, id DESC LIMIT 1",
);

/// The running instance for a subject.
pub(crate) fn running(tenant: &TenantId, workflow: &WorkflowKey, subject: &Subject) -> Bound {
    Bound::new(&RUNNING)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(subject.kind.as_str())
        .bind(subject.id.as_str())
}

// 1 tenant, 2 workflow, 3 business key.
static KEYED: Sql = Sql::new(
    "SELECT id FROM signoff_instance WHERE tenant = ?1 AND business_key = ?3 AND workflow = ?2
ORDER BY started_at DESC, id DESC LIMIT 1",
);

/// The instance that has a business key.
pub(crate) fn keyed(tenant: &TenantId, workflow: &WorkflowKey, key: &str) -> Bound {
    Bound::new(&KEYED)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(key)
}
