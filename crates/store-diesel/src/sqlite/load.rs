//! Loading instances.

use diesel::SqliteConnection;
use signoff_core::{
    id::{ActivationId, InstanceId, PersonId, Subject, TaskId, TenantId, WorkflowKey},
    instance::{ActivationRow, InstanceRow, LoadedRows, TaskRow},
};
use signoff_store::{
    Error, ErrorKind, Load, Loaded, Part, Result, Target,
    sql::sqlite::{
        LOAD_ACTIVATION, LOAD_ALL, LOAD_HEADER, LOAD_TASK_ACTIVATION, LOAD_TASK_ALL,
        LOAD_TASK_HEADER, LOAD_TASK_OF_TASK, ROW_ACTIVATION, ROW_INSTANCE, ROW_TARGET, ROW_TASK,
        RUNNING, TURN,
    },
};

use super::{error::cannot, row::Row, statement::Statement};

pub(super) const CANNOT_LOAD: &str = "load an instance";
pub(super) const CANNOT_FIND: &str = "find the running instance";
pub(super) const CANNOT_TURN: &str = "take a turn";

/// Loads an instance by one statement.
pub(super) fn load(connection: &mut SqliteConnection, load: &Load) -> Result<Option<Loaded>> {
    let rows = loading(load)
        .rows(connection)
        .map_err(cannot(CANNOT_LOAD))?;
    loaded(&load.tenant, rows)
}

/// The running instance for a subject.
pub(super) fn running(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    subject: &Subject,
) -> Result<Option<InstanceId>> {
    let rows = finding(tenant, workflow, subject).rows(connection);
    found(rows.map_err(cannot(CANNOT_FIND))?)
}

/// The next turn of a pool.
pub(super) fn turn(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    pool: &str,
    members: &[PersonId],
) -> Result<PersonId> {
    let rows = turning(tenant, pool, members)?.rows(connection);
    turned(rows.map_err(cannot(CANNOT_TURN))?)
}

/// The statement that loads; [`loaded`] reads its rows.
pub(super) fn loading(load: &Load) -> Statement {
    let (sql, id) = match (load.target, load.part) {
        (Target::Instance(id), Part::Activation(_)) => (LOAD_ACTIVATION, id.uuid()),
        (Target::Instance(id), Part::All) => (LOAD_ALL, id.uuid()),
        (Target::Instance(id), Part::Header | Part::OfTask) => (LOAD_HEADER, id.uuid()),
        (Target::Task(id), Part::Activation(_)) => (LOAD_TASK_ACTIVATION, id.uuid()),
        (Target::Task(id), Part::All) => (LOAD_TASK_ALL, id.uuid()),
        (Target::Task(id), Part::Header) => (LOAD_TASK_HEADER, id.uuid()),
        (Target::Task(id), Part::OfTask) => (LOAD_TASK_OF_TASK, id.uuid()),
    };
    let statement = Statement::new(sql).bind(load.tenant.as_str()).bind(id);
    match load.part {
        Part::Activation(id) => statement.bind(id.uuid()),
        Part::All | Part::Header | Part::OfTask => statement,
    }
}

pub(super) fn loaded(tenant: &TenantId, rows: Vec<Row>) -> Result<Option<Loaded>> {
    let mut instance = None;
    let mut task = None;
    let mut tasks = Vec::new();
    let mut activations = Vec::new();
    for mut row in rows {
        match row.number::<i64>()? {
            ROW_INSTANCE => instance = Some(instance_row(tenant, &mut row, InstanceColumns::All)?),
            ROW_ACTIVATION => activations.push(activation_row(tenant, &mut row)?),
            ROW_TARGET => task = Some(task_row(tenant, &mut row)?),
            ROW_TASK => tasks.push(task_row(tenant, &mut row)?),
            kind => {
                let message = format!("a row is of the unknown kind {kind}");
                return Err(Error::new(ErrorKind::Corrupt, message));
            }
        }
    }
    tasks.sort_unstable_by_key(|row: &TaskRow| row.id);
    activations.sort_unstable_by_key(|row: &ActivationRow| row.id);
    Ok(instance.map(|instance| Loaded {
        rows: LoadedRows {
            instance,
            activations,
            tasks,
        },
        task,
    }))
}

/// The statement that finds the running instance; [`found`] reads its rows.
pub(super) fn finding(tenant: &TenantId, workflow: &WorkflowKey, subject: &Subject) -> Statement {
    Statement::new(RUNNING)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(subject.kind.as_str())
        .bind(subject.id.as_str())
}

pub(super) fn found(mut rows: Vec<Row>) -> Result<Option<InstanceId>> {
    let row = rows.pop();
    row.map(|mut row| row.id().map(InstanceId::new)).transpose()
}

/// The statement that takes a turn; [`turned`] reads its rows.
pub(super) fn turning(tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<Statement> {
    let members = serde_json::to_string(members).map_err(|error| {
        Error::new(ErrorKind::Other, "the members have no stored form").caused_by(error)
    })?;
    Ok(Statement::new(TURN)
        .bind(tenant.as_str())
        .bind(pool)
        .bind(members)
        .returning())
}

pub(super) fn turned(mut rows: Vec<Row>) -> Result<PersonId> {
    rows.pop()
        .ok_or_else(|| Error::new(ErrorKind::Other, "a pool without members has no next turn"))?
        .text()
}

/// Which columns of an instance a statement gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InstanceColumns {
    /// All.
    All,
    /// Those that a list shows: neither state nor data nor forms.
    Listed,
}

pub(super) fn instance_row(
    tenant: &TenantId,
    row: &mut Row,
    which: InstanceColumns,
) -> Result<InstanceRow> {
    let mut instance = InstanceRow {
        tenant: tenant.clone(),
        id: InstanceId::new(row.id()?),
        version: row.number()?,
        workflow: row.text()?,
        definition: row.number()?,
        status: row.text()?,
        title: row.text()?,
        subject_type: row.text_or_none()?,
        subject_id: row.text_or_none()?,
        exclusive: row.text_or_none()?,
        requester: row.text_or_none()?,
        started_at: row.time()?,
        changed_at: row.time()?,
        ended_at: row.time_or_none()?,
        state: String::new(),
        data: None,
        forms: None,
    };
    if which == InstanceColumns::All {
        instance.state = row.text()?;
        instance.data = row.text_or_none()?;
        instance.forms = row.text_or_none()?;
    }
    Ok(instance)
}

pub(super) fn task_row(tenant: &TenantId, row: &mut Row) -> Result<TaskRow> {
    Ok(TaskRow {
        tenant: tenant.clone(),
        id: TaskId::new(row.id()?),
        instance: InstanceId::new(row.id()?),
        activation: ActivationId::new(row.id()?),
        node: row.text()?,
        number: row.number()?,
        state: row.text()?,
        assignee: row.text_or_none()?,
        candidates: row.json()?,
        opened_at: row.time()?,
        due_at: row.time_or_none()?,
        closed_at: row.time_or_none()?,
        closed_by: row.text_or_none()?,
        outcome: row.text_or_none()?,
        body: row.text()?,
        activation_body: row.text_or_none()?,
    })
}

fn activation_row(tenant: &TenantId, row: &mut Row) -> Result<ActivationRow> {
    Ok(ActivationRow {
        tenant: tenant.clone(),
        id: ActivationId::new(row.id()?),
        instance: InstanceId::new(row.id()?),
        node: row.text()?,
        body: row.text()?,
    })
}
