//! Loading instances.

use signoff_core::id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey};
use signoff_store::{
    Error, ErrorKind, Load, Loaded, Part, Result, Target,
    sql::{
        Cells,
        read::loaded,
        sqlite::{
            LOAD_ACTIVATION, LOAD_ALL, LOAD_HEADER, LOAD_TASK_ACTIVATION, LOAD_TASK_ALL,
            LOAD_TASK_HEADER, LOAD_TASK_OF_TASK, RUNNING, TURN,
        },
    },
};
use sqlx::{Executor, Sqlite};

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
    let mut statement = Statement::new(sql).bind(load.tenant.as_str()).bind(id);
    if let Part::Activation(id) = load.part {
        statement = statement.bind(id.uuid());
    }
    let rows = statement
        .rows(connection)
        .await
        .map_err(cannot("load an instance"))?;
    loaded(&load.tenant, rows.iter().map(Columns::of))
}

/// The running instance for a subject.
pub(super) async fn running<'c>(
    connection: impl Executor<'c, Database = Sqlite>,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    subject: &Subject,
) -> Result<Option<InstanceId>> {
    let row = Statement::new(RUNNING)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
        .bind(subject.kind.as_str())
        .bind(subject.id.as_str())
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
        .bind(tenant.as_str())
        .bind(pool)
        .bind(members)
        .row(connection)
        .await
        .map_err(cannot("take a turn"))?
        .ok_or_else(|| Error::new(ErrorKind::Other, "a pool without members has no next turn"))?;
    Columns::of(&row).text()
}
