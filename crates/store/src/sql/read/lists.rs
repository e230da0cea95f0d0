//! Rows of the lists that people and operators look at.

use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{IncidentId, InstanceId, Subject, TenantId},
};

use crate::{
    contract::{InstanceSummary, TaskSummary},
    error::Result,
    place::{List, Place},
    sql::{
        Row,
        read::load::{instance_row, task_row},
    },
};

/// A row of a list of tasks.
pub(crate) fn task_summary(tenant: &TenantId, mut row: Row) -> Result<TaskSummary> {
    let task = task_row(tenant, &mut row)?;
    let workflow = row.text()?;
    let definition = row.number()?;
    let title = row.text()?;
    let kind: Option<String> = row.text_or_none()?;
    let id: Option<String> = row.text_or_none()?;
    Ok(TaskSummary {
        task,
        workflow,
        definition,
        title,
        subject: kind.zip(id).map(|(kind, id)| Subject { kind, id }),
        requester: row.text_or_none()?,
        business_key: row.text_or_none()?,
    })
}

/// The place of a task in its list.
#[must_use]
pub(crate) fn task_place(summary: &TaskSummary) -> Place {
    let task = &summary.task;
    match task.closed_at {
        Some(at) => Place::new(List::ClosedTasks, at, task.id.uuid()),
        None => Place::new(List::OpenTasks, task.opened_at, task.id.uuid()),
    }
}

/// A row of a list of instances.
pub(crate) fn listed_instance(
    tenant: &TenantId,
    mut row: Row,
) -> Result<(InstanceSummary, Option<String>)> {
    Ok((instance_row(tenant, &mut row)?, row.text_or_none()?))
}

/// A row of a history.
pub(crate) fn history_row(
    tenant: &TenantId,
    instance: InstanceId,
    mut row: Row,
) -> Result<HistoryRow> {
    Ok(HistoryRow {
        tenant: tenant.clone(),
        instance,
        version: row.number()?,
        at: row.time()?,
        person: row.text_or_none()?,
        body: row.text()?,
    })
}

/// A row of a list of incidents.
pub(crate) fn incident_row(tenant: &TenantId, mut row: Row) -> Result<IncidentRow> {
    Ok(IncidentRow {
        tenant: tenant.clone(),
        id: IncidentId::new(row.id()?),
        instance: InstanceId::new(row.id()?),
        code: row.text()?,
        message: row.text()?,
        node: row.text_or_none()?,
        opened_at: row.time()?,
    })
}
