//! Loading instances.

use diesel::SqliteConnection;
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
