//! The stored form of a change.

use std::collections::HashSet;

use serde::Serialize;
use signoff_core::{
    change::{FieldRow, IncidentRow, JobRow, RequestRow, Rows, SubscriptionRow},
    id::{InstanceId, PersonId},
    instance::{ActivationRow, InstanceRow},
};
use uuid::Uuid;

use crate::{
    error::{Error, ErrorKind, Result},
    sql::{Arg, nanos},
};

/// The stored form of a change.
///
/// Lists are JSON arrays of arrays or texts, none when empty; ids in them are 32 hex digits.
#[derive(Debug)]
pub(super) struct Stored {
    /// The version before the change; 0 for a new instance.
    pub(super) before: i64,
    /// The version that the change makes.
    pub(super) version: i64,
    /// The columns of the instance row.
    pub(super) header: [Arg; 20],
    /// Moment, person and body of the event row.
    pub(super) event: [Arg; 3],
    pub(super) activations: Option<String>,
    pub(super) dropped_activations: Option<String>,
    pub(super) jobs: Option<String>,
    pub(super) dropped_jobs: Option<String>,
    pub(super) incidents: Option<String>,
    pub(super) resolved_incidents: Option<String>,
    pub(super) subscriptions: Option<String>,
    pub(super) dropped_subscriptions: Option<String>,
    pub(super) consumed: Option<String>,
    /// All fields of the instance, when they change; maybe an empty list.
    pub(super) fields: Option<String>,
    /// The request, in a list of one.
    pub(super) request: Option<String>,
}

impl Stored {
    /// # Errors
    /// `Other` when a row has no JSON form or a version is beyond 63 bits.
    pub(super) fn of(rows: &Rows) -> Result<Self> {
        let fields = rows.fields.as_ref();
        let fields = fields.map(|fields| json(&fields.iter().map(field).collect::<Vec<_>>()));
        Ok(Self {
            before: version(rows.before)?,
            version: version(rows.instance.version)?,
            header: header(&rows.instance)?,
            event: [
                rows.history.at.into(),
                rows.history.person.as_ref().map(PersonId::as_str).into(),
                rows.history.body.as_str().into(),
            ],
            activations: list(&rows.activations, |(_, row)| Ok(activation(row)))?,
            dropped_activations: dropped(
                rows.dropped_activations.iter().map(|id| id.uuid()),
                rows.activations.iter().map(|(_, row)| row.id.uuid()),
            )?,
            jobs: list(&rows.jobs, job)?,
            dropped_jobs: dropped(
                rows.dropped_jobs.iter().map(|id| id.uuid()),
                rows.jobs.iter().map(|row| row.id.uuid()),
            )?,
            incidents: list(&rows.incidents, |row| Ok(incident(row)))?,
            resolved_incidents: dropped(
                rows.resolved_incidents.iter().map(|id| id.uuid()),
                [].into_iter(),
            )?,
            subscriptions: list(&rows.subscriptions, |row| Ok(subscription(row)))?,
            dropped_subscriptions: dropped(
                rows.dropped_subscriptions.iter().map(|id| id.uuid()),
                rows.subscriptions.iter().map(|row| row.activation.uuid()),
            )?,
            consumed: list(&rows.consumed, Ok)?,
            fields: fields.transpose()?,
            request: list(rows.request.as_slice(), request)?,
        })
    }

    pub(super) fn tenant(&self) -> Arg {
        self.header[0].clone()
    }

    pub(super) fn id(&self) -> Arg {
        self.header[1].clone()
    }

    /// The token that a job of this change begins with, above that of any job of an earlier change.
    pub(super) const fn first_token(&self) -> i64 {
        self.version << 16
    }
}

fn header(row: &InstanceRow) -> Result<[Arg; 20]> {
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
        row.business_key.as_deref().into(),
        row.unique_key.as_deref().into(),
    ])
}

fn field(row: &FieldRow) -> impl Serialize + '_ {
    (&row.name, &row.key)
}

fn request(row: &RequestRow) -> Result<impl Serialize + '_> {
    Ok((&row.id, &row.hash, json(&row.notices)?))
}

fn version(version: u64) -> Result<i64> {
    i64::try_from(version)
        .map_err(|error| Error::new(ErrorKind::Other, "a version is too great").caused_by(error))
}

pub(super) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

pub(super) fn list<'a, T, J: Serialize>(
    rows: &'a [T],
    form: impl Fn(&'a T) -> Result<J>,
) -> Result<Option<String>> {
    if rows.is_empty() {
        return Ok(None);
    }
    let rows = rows.iter().map(form).collect::<Result<Vec<_>>>()?;
    json(&rows).map(Some)
}

/// What is dropped and not added again, sorted: an addition takes the place of what has its id.
fn dropped(
    ids: impl Iterator<Item = Uuid>,
    added: impl Iterator<Item = Uuid>,
) -> Result<Option<String>> {
    let added: HashSet<Uuid> = added.collect();
    let mut gone: Vec<Uuid> = ids.filter(|id| !added.contains(id)).collect();
    gone.sort_unstable();
    list(&gone, |id| Ok(hex(*id)))
}

pub(super) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::Other, "a row has no stored form").caused_by(error))
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
