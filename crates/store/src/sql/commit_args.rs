//! The arguments of the statement that commits one change.

use serde::Serialize;
use signoff_core::{
    change::{FieldRow, IncidentRow, JobRow, Rows, SubscriptionRow},
    id::{InstanceId, PersonId},
    instance::{ActivationRow, InstanceRow, TaskRow},
};
use uuid::Uuid;

use crate::{
    error::{Error, ErrorKind, Result},
    sql::{Arg, nanos},
};

/// The stored form of a change: a value for each column of the view `signoff_commit`, in order.
///
/// Lists are JSON arrays of arrays or texts, NULL when empty; ids in them are 32 hex digits.
///
/// # Errors
/// `Other` when a row has no JSON form or a version is beyond 63 bits.
pub fn commit_args(rows: &Rows) -> Result<Vec<Arg>> {
    let mut args = vec![Arg::from(version(rows.before)?)];
    args.extend(header(&rows.instance)?);
    args.extend([
        rows.history.at.into(),
        rows.history.person.as_ref().map(PersonId::as_str).into(),
        rows.history.body.as_str().into(),
    ]);
    args.extend([
        list(&rows.tasks, |(_, row)| task(row))?,
        list(&rows.activations, |(_, row)| Ok(activation(row)))?,
        list(&rows.dropped_activations, |id| Ok(hex(id.uuid())))?,
        list(&rows.jobs, job)?,
        list(&rows.dropped_jobs, |id| Ok(hex(id.uuid())))?,
        list(&rows.incidents, |row| Ok(incident(row)))?,
        list(&rows.resolved_incidents, |id| Ok(hex(id.uuid())))?,
        list(&rows.subscriptions, |row| Ok(subscription(row)))?,
        list(&rows.dropped_subscriptions, |id| Ok(hex(id.uuid())))?,
        list(&rows.consumed, Ok)?,
        match &rows.fields {
            None => Arg::Null,
            Some(fields) => Arg::Text(json(&fields.iter().map(field).collect::<Vec<_>>())?),
        },
    ]);
    Ok(args)
}

fn header(row: &InstanceRow) -> Result<[Arg; 18]> {
    Ok([
        row.tenant.as_str().into(),
        row.id.uuid().into(),
        version(row.version)?.into(),
        row.workflow.as_str().into(),
        i64::from(row.definition).into(),
        row.status.as_str().into(),
        row.title.as_str().into(),
        row.subject_type.as_deref().into(),
        row.subject_id.as_deref().into(),
        row.exclusive.as_deref().into(),
        row.requester.as_ref().map(PersonId::as_str).into(),
        row.parent.map(InstanceId::uuid).into(),
        row.started_at.into(),
        row.changed_at.into(),
        row.ended_at.into(),
        row.state.as_str().into(),
        row.data.as_deref().into(),
        row.forms.as_deref().into(),
    ])
}

fn field(row: &FieldRow) -> impl Serialize + '_ {
    (&row.name, &row.key)
}

fn version(version: u64) -> Result<i64> {
    i64::try_from(version)
        .map_err(|error| Error::new(ErrorKind::Other, "a version is too great").caused_by(error))
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

fn list<'a, T, J: Serialize>(rows: &'a [T], form: impl Fn(&'a T) -> Result<J>) -> Result<Arg> {
    if rows.is_empty() {
        return Ok(Arg::Null);
    }
    let rows = rows.iter().map(form).collect::<Result<Vec<_>>>()?;
    Ok(Arg::Text(json(&rows)?))
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

fn subscription(row: &SubscriptionRow) -> impl Serialize + '_ {
    (
        hex(row.activation.uuid()),
        row.kind.as_str(),
        &row.name,
        &row.key,
        nanos(row.since),
    )
}
