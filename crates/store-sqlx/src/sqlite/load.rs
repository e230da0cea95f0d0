//! Loading instances.

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
use sqlx::{Executor, Sqlite, sqlite::SqliteRow};

use super::{columns::Columns, error::cannot, statement::Statement};

/// Loads an instance by one statement.
pub(super) async fn load<'c>(
    connection: impl Executor<'c, Database = Sqlite>,
    load: &Load,
) -> Result<Option<Loaded>> {
    let (sql, id) = match (load.target, load.part) {
        (Target::Instance(id), Part::Activation(_)) => (LOAD_ACTIVATION, id.uuid()),
        (Target::Instance(id), Part::All) => (LOAD_ALL, id.uuid()),
        (Target::Instance(id), Part::Header | Part::OfTask) => (LOAD_HEADER, id.uuid()),
        (Target::Task(id), Part::Activation(_)) => (LOAD_TASK_ACTIVATION, id.uuid()),
        (Target::Task(id), Part::All) => (LOAD_TASK_ALL, id.uuid()),
        (Target::Task(id), Part::Header) => (LOAD_TASK_HEADER, id.uuid()),
        (Target::Task(id), Part::OfTask) => (LOAD_TASK_OF_TASK, id.uuid()),
    };
    let mut statement = Statement::new(sql)
        .bind(load.tenant.as_str().to_owned())
        .bind_id(id);
    if let Part::Activation(id) = load.part {
        statement = statement.bind_id(id.uuid());
    }
    let rows = statement
        .rows(connection)
        .await
        .map_err(cannot("load an instance"))?;
    read(&load.tenant, &rows)
}

fn read(tenant: &TenantId, rows: &[SqliteRow]) -> Result<Option<Loaded>> {
    let mut instance = None;
    let mut task = None;
    let mut tasks = Vec::new();
    let mut activations = Vec::new();
    for row in rows {
        let mut columns = Columns::of(row);
        match columns.take::<i64>()? {
            ROW_INSTANCE => {
                instance = Some(instance_row(tenant, &mut columns, InstanceColumns::All)?)
            }
            ROW_ACTIVATION => activations.push(activation_row(tenant, &mut columns)?),
            ROW_TARGET => task = Some(task_row(tenant, &mut columns)?),
            ROW_TASK => tasks.push(task_row(tenant, &mut columns)?),
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
    columns: &mut Columns<'_>,
    which: InstanceColumns,
) -> Result<InstanceRow> {
    let mut row = InstanceRow {
        tenant: tenant.clone(),
        id: InstanceId::new(columns.id()?),
        version: columns.number()?,
        workflow: columns.text()?,
        definition: columns.number()?,
        status: columns.text()?,
        title: columns.text()?,
        subject_type: columns.text_or_none()?,
        subject_id: columns.text_or_none()?,
        exclusive: columns.text_or_none()?,
        requester: columns.text_or_none()?,
        started_at: columns.time()?,
        changed_at: columns.time()?,
        ended_at: columns.time_or_none()?,
        state: String::new(),
        data: None,
        forms: None,
    };
    if which == InstanceColumns::All {
        row.state = columns.text()?;
        row.data = columns.text_or_none()?;
        row.forms = columns.text_or_none()?;
    }
    Ok(row)
}

pub(super) fn task_row(tenant: &TenantId, columns: &mut Columns<'_>) -> Result<TaskRow> {
    Ok(TaskRow {
        tenant: tenant.clone(),
        id: TaskId::new(columns.id()?),
        instance: InstanceId::new(columns.id()?),
        activation: ActivationId::new(columns.id()?),
        node: columns.text()?,
        number: columns.number()?,
        state: columns.text()?,
        assignee: columns.text_or_none()?,
        candidates: columns.json()?,
        opened_at: columns.time()?,
        due_at: columns.time_or_none()?,
        closed_at: columns.time_or_none()?,
        closed_by: columns.text_or_none()?,
        outcome: columns.text_or_none()?,
        body: columns.text()?,
        activation_body: columns.text_or_none()?,
    })
}

fn activation_row(tenant: &TenantId, columns: &mut Columns<'_>) -> Result<ActivationRow> {
    Ok(ActivationRow {
        tenant: tenant.clone(),
        id: ActivationId::new(columns.id()?),
        instance: InstanceId::new(columns.id()?),
        node: columns.text()?,
        body: columns.text()?,
    })
}

/// The running instance for a subject.
pub(super) async fn running<'c>(
    connection: impl Executor<'c, Database = Sqlite>,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    subject: &Subject,
) -> Result<Option<InstanceId>> {
    let row = Statement::new(RUNNING)
        .bind(tenant.as_str().to_owned())
        .bind(workflow.as_str().to_owned())
        .bind(subject.kind.clone())
        .bind(subject.id.clone())
        .row(connection)
        .await
        .map_err(cannot("find the running instance"))?;
    row.map(|row| Columns::of(&row).id().map(InstanceId::new))
        .transpose()
}

/// The next turn of a pool.
pub(super) async fn turn<'c>(
    connection: impl Executor<'c, Database = Sqlite>,
    tenant: &TenantId,
    pool: &str,
    members: &[PersonId],
) -> Result<PersonId> {
    let members = serde_json::to_string(members).map_err(|error| {
        Error::new(ErrorKind::Other, "the members have no stored form").caused_by(error)
    })?;
    let row = Statement::new(TURN)
        .bind(tenant.as_str().to_owned())
        .bind(pool.to_owned())
        .bind(members)
        .row(connection)
        .await
        .map_err(cannot("take a turn"))?
        .ok_or_else(|| Error::new(ErrorKind::Other, "a pool without members has no next turn"))?;
    Columns::of(&row).text()
}
