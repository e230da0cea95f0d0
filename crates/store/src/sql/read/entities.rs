//! Rows of definitions, jobs, messages, subscriptions and schedules.

use signoff_core::{
    change::{JobRow, MessageRow, SubscriptionRow},
    id::{ActivationId, InstanceId, JobId, TenantId, WorkflowKey},
};

use crate::{
    contract::{ClaimedJob, DefinitionRow, ScheduleRow, SubscriberFilter, WorkflowRow},
    error::Result,
    sql::Cells,
};

/// A workflow.
pub fn workflow_row(mut row: impl Cells) -> Result<WorkflowRow> {
    Ok(WorkflowRow {
        key: row.text()?,
        active: row.number::<i64>()? != 0,
        latest: row.number()?,
        title: row.text()?,
    })
}

/// A version of a workflow.
pub fn definition_row(workflow: &WorkflowKey, mut row: impl Cells) -> Result<DefinitionRow> {
    Ok(DefinitionRow {
        workflow: workflow.clone(),
        version: row.number()?,
        hash: row.text()?,
        title: row.text()?,
        document: row.text()?,
        published_at: row.time()?,
    })
}

/// A job under a lease.
pub fn claimed_job(mut row: impl Cells) -> Result<ClaimedJob> {
    Ok(ClaimedJob {
        job: JobRow {
            tenant: row.text()?,
            id: JobId::new(row.id()?),
            instance: InstanceId::new(row.id()?),
            due_at: row.time()?,
            work: row.json()?,
        },
        failed: row.number()?,
        token: row.number()?,
    })
}

/// A message, and the instance that consumed it.
pub fn message_row(
    tenant: &TenantId,
    mut row: impl Cells,
) -> Result<(MessageRow, Option<InstanceId>)> {
    let message = MessageRow {
        tenant: tenant.clone(),
        id: row.text()?,
        name: row.text()?,
        key: row.text()?,
        payload: row.text()?,
        sent_at: row.time()?,
        expires_at: row.time_or_none()?,
    };
    Ok((message, row.id_or_none()?.map(InstanceId::new)))
}

/// A subscription that the filter asked for.
pub fn subscription_row(filter: &SubscriberFilter, mut row: impl Cells) -> Result<SubscriptionRow> {
    Ok(SubscriptionRow {
        tenant: filter.tenant.clone(),
        instance: InstanceId::new(row.id()?),
        activation: ActivationId::new(row.id()?),
        kind: filter.kind,
        name: filter.name.clone(),
        key: row.text()?,
        since: row.time()?,
    })
}

/// A start that comes by itself.
pub fn schedule_row(mut row: impl Cells) -> Result<ScheduleRow> {
    Ok(ScheduleRow {
        tenant: row.text()?,
        workflow: row.text()?,
        start: row.text()?,
        due_at: row.time()?,
    })
}
