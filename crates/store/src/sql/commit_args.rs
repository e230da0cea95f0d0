//! The arguments of the statement that commits one change.

use serde::Serialize;
use signoff_core::{
    change::{IncidentRow, JobRow, Rows},
    instance::{ActivationRow, TaskRow},
};
use uuid::Uuid;

use crate::{
    error::{Error, ErrorKind, Result},
    sql::nanos,
};

/// The arguments of [`sqlite::COMMIT`](crate::sql::sqlite::COMMIT), in its order.
///
/// Lists are JSON arrays of arrays, `None` when empty; ids in them are 32 hex digits.
#[expect(
    missing_docs,
    reason = "each field is the column of the same name of the view `signoff_commit`"
)]
#[derive(Clone, Debug)]
pub struct CommitArgs {
    pub before: i64,
    pub tenant: String,
    pub id: Uuid,
    pub version: i64,
    pub workflow: String,
    pub definition: i64,
    pub status: String,
    pub title: String,
    pub subject_type: Option<String>,
    pub subject_id: Option<String>,
    pub exclusive: Option<String>,
    pub requester: Option<String>,
    pub started_at: i64,
    pub changed_at: i64,
    pub ended_at: Option<i64>,
    pub state: String,
    pub data: Option<String>,
    pub forms: Option<String>,
    pub at: i64,
    pub person: Option<String>,
    pub event: String,
    pub tasks: Option<String>,
    pub activations: Option<String>,
    pub dropped_activations: Option<String>,
    pub jobs: Option<String>,
    pub dropped_jobs: Option<String>,
    pub incidents: Option<String>,
}

impl CommitArgs {
    /// The stored form of a change.
    ///
    /// # Errors
    /// `Other` when a row has no JSON form or a version is beyond 63 bits.
    pub fn of(rows: &Rows) -> Result<Self> {
        let instance = &rows.instance;
        let text =
            |id: &Option<signoff_core::id::PersonId>| id.as_ref().map(|id| id.as_str().to_owned());
        Ok(Self {
            before: version(rows.before)?,
            tenant: instance.tenant.as_str().to_owned(),
            id: instance.id.uuid(),
            version: version(instance.version)?,
            workflow: instance.workflow.clone(),
            definition: i64::from(instance.definition),
            status: instance.status.clone(),
            title: instance.title.clone(),
            subject_type: instance.subject_type.clone(),
            subject_id: instance.subject_id.clone(),
            exclusive: instance.exclusive.clone(),
            requester: text(&instance.requester),
            started_at: nanos(instance.started_at),
            changed_at: nanos(instance.changed_at),
            ended_at: instance.ended_at.map(nanos),
            state: instance.state.clone(),
            data: instance.data.clone(),
            forms: instance.forms.clone(),
            at: nanos(rows.history.at),
            person: text(&rows.history.person),
            event: rows.history.body.clone(),
            tasks: list(&rows.tasks, |(_, row)| task(row))?,
            activations: list(&rows.activations, |(_, row)| Ok(activation(row)))?,
            dropped_activations: list(&rows.dropped_activations, |id| Ok(hex(id.uuid())))?,
            jobs: list(&rows.jobs, job)?,
            dropped_jobs: list(&rows.dropped_jobs, |id| Ok(hex(id.uuid())))?,
            incidents: list(&rows.incidents, |row| Ok(incident(row)))?,
        })
    }
}

fn version(version: u64) -> Result<i64> {
    i64::try_from(version)
        .map_err(|error| Error::new(ErrorKind::Other, "a version is too great").caused_by(error))
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

fn list<'a, T, J: Serialize>(
    rows: &'a [T],
    form: impl Fn(&'a T) -> Result<J>,
) -> Result<Option<String>> {
    if rows.is_empty() {
        return Ok(None);
    }
    let rows = rows.iter().map(form).collect::<Result<Vec<_>>>()?;
    Ok(Some(json(&rows)?))
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Other, "a row has no stored form").caused_by(error))
}

fn task(row: &TaskRow) -> Result<impl Serialize + '_> {
    Ok((
        hex(row.id.uuid()),
        hex(row.activation.uuid()),
        &row.node,
        row.number,
        &row.state,
        &row.assignee,
        json(&row.candidates)?,
        nanos(row.opened_at),
        row.due_at.map(nanos),
        row.closed_at.map(nanos),
        &row.closed_by,
        &row.outcome,
        &row.body,
        &row.activation_body,
    ))
}

fn activation(row: &ActivationRow) -> impl Serialize + '_ {
    (hex(row.id.uuid()), &row.node, &row.body)
}

fn job(row: &JobRow) -> Result<impl Serialize + '_> {
    Ok((hex(row.id.uuid()), nanos(row.due_at), json(&row.work)?))
}

fn incident(row: &IncidentRow) -> impl Serialize + '_ {
    (
        hex(row.id.uuid()),
        &row.code,
        &row.message,
        &row.node,
        nanos(row.opened_at),
    )
}
