//! Rows of definitions, jobs, messages, subscriptions and schedules.

use signoff_core::{
    change::{JobRow, MessageRow, RequestRow, SubscriptionRow},
    id::{
        ActionId, ActivationId, FileId, InstanceId, JobId, SubstitutionId, TaskId, TenantId,
        WorkflowKey,
    },
};

use crate::{
    contract::{
        ActionRow, ActionScope, AnsweredRequest, BindingRow, ClaimedJob, DefinitionRow, DraftRow,
        FileRow, JobSummary, KeptRequest, ScheduleRow, SubscriberFilter, SubstitutionRow,
        WorkflowRow, WorkflowStatus,
    },
    error::Result,
    sql::{Row, row::corrupt},
};

/// A workflow.
pub(crate) fn workflow_row(mut row: Row) -> Result<WorkflowRow> {
    Ok(WorkflowRow {
        key: row.text()?,
        status: WorkflowStatus::of(&row.text::<String>()?).ok_or_else(corrupt)?,
        hidden: row.number::<i64>()? != 0,
        owner: row.text_or_none()?,
        latest: row.number()?,
        edits: row.number()?,
        has_draft: row.number::<i64>()? != 0,
        title: row.text()?,
    })
}

/// The draft of a workflow.
pub(crate) fn draft_row(workflow: &WorkflowKey, mut row: Row) -> Result<DraftRow> {
    let revision = row.number()?;
    let strategy = row.integer_or_none()?.map(u8::try_from).transpose();
    Ok(DraftRow {
        workflow: workflow.clone(),
        revision,
        strategy: strategy.map_err(|error| corrupt().caused_by(error))?,
        format: row.text()?,
        source: row.text()?,
        changed_by: row.text_or_none()?,
        changed_at: row.time()?,
    })
}

/// What a type of subject is configured with.
pub(crate) fn binding_row(mut row: Row) -> Result<BindingRow> {
    Ok(BindingRow {
        subject_type: row.text()?,
        body: row.text()?,
        changed_by: row.text_or_none()?,
        changed_at: row.time()?,
    })
}

/// A file without its content.
pub(crate) fn file_row(mut row: Row) -> Result<FileRow> {
    Ok(FileRow {
        id: FileId::new(row.id()?),
        instance: row.id_or_none()?.map(InstanceId::new),
        task: row.id_or_none()?.map(TaskId::new),
        name: row.text()?,
        content_type: row.text()?,
        size: row.number()?,
        sha256: row.text()?,
        uploaded_by: row.text_or_none()?,
        uploaded_at: row.time()?,
    })
}

/// A version of a workflow.
pub(crate) fn definition_row(workflow: &WorkflowKey, mut row: Row) -> Result<DefinitionRow> {
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
pub(crate) fn claimed_job(mut row: Row) -> Result<ClaimedJob> {
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

/// A job as it is kept.
pub(crate) fn job_summary(mut row: Row) -> Result<JobSummary> {
    Ok(JobSummary {
        job: JobRow {
            tenant: row.text()?,
            id: JobId::new(row.id()?),
            instance: InstanceId::new(row.id()?),
            due_at: row.time()?,
            work: row.json()?,
        },
        failed: row.number()?,
        leased_until: row.time_or_none()?,
        parked: row.number::<i64>()? != 0,
    })
}

/// The order of the jobs of an instance.
pub(crate) fn sort_jobs(jobs: &mut [JobSummary]) {
    jobs.sort_unstable_by_key(|found| (found.parked, found.job.due_at, found.job.id));
}

/// A message, and the instance that consumed it.
pub(crate) fn message_row(
    tenant: &TenantId,
    mut row: Row,
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
pub(crate) fn subscription_row(filter: &SubscriberFilter, mut row: Row) -> Result<SubscriptionRow> {
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
pub(crate) fn schedule_row(mut row: Row) -> Result<ScheduleRow> {
    Ok(ScheduleRow {
        tenant: row.text()?,
        workflow: row.text()?,
        start: row.text()?,
        due_at: row.time()?,
    })
}

/// An answered request.
pub(crate) fn request_row(mut row: Row) -> Result<AnsweredRequest> {
    Ok(AnsweredRequest {
        request: RequestRow {
            id: row.text()?,
            hash: row.text()?,
            notices: row.json()?,
        },
        instance: InstanceId::new(row.id()?),
        version: row.number()?,
        at: row.time()?,
    })
}

/// A request that is kept with an answer of its own.
pub(crate) fn kept_request_row(mut row: Row) -> Result<KeptRequest> {
    Ok(KeptRequest {
        id: row.text()?,
        hash: row.text()?,
        resource: row.id()?,
        taken_over: row.number()?,
        answer: row.text_or_none()?,
        at: row.time()?,
    })
}

/// A stored action.
pub(crate) fn action_row(mut row: Row) -> Result<ActionRow> {
    let (id, workflow) = (ActionId::new(row.id()?), row.text()?);
    let (kind, key) = (row.text::<String>()?, row.text()?);
    Ok(ActionRow {
        id,
        workflow,
        scope: ActionScope::of(&kind, key).ok_or_else(corrupt)?,
        event: row.text()?,
        body: row.text()?,
        changed_by: row.text_or_none()?,
        changed_at: row.time()?,
    })
}

/// A substitution.
pub(crate) fn substitution_row(mut row: Row) -> Result<SubstitutionRow> {
    Ok(SubstitutionRow {
        id: SubstitutionId::new(row.id()?),
        principal: row.text()?,
        substitute: row.text()?,
        from: row.time()?,
        until: row.time_or_none()?,
        changed_by: row.text_or_none()?,
        changed_at: row.time()?,
    })
}
