//! What a load gives.

use std::collections::BTreeMap;

use signoff_core::{
    id::{ActivationId, InstanceId, TaskId, TenantId},
    instance::{ActivationRow, InstanceRow, LoadedRows, TaskRow},
};

use crate::{
    contract::Loaded,
    error::{Error, ErrorKind, Result},
    sql::{
        Row,
        statements::{ROW_ACTIVATION, ROW_INSTANCE, ROW_TARGET, ROW_TASK},
    },
};

/// What the rows of a statement that loads hold; `None` when there is no instance row.
pub(crate) fn loaded(
    tenant: &TenantId,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Option<Loaded>> {
    let mut instance = None;
    let mut task = None;
    let mut tasks = Vec::new();
    let mut activations = Vec::new();
    for mut row in rows {
        match row.number::<i64>()? {
            ROW_INSTANCE => {
                let mut header = instance_row(tenant, &mut row)?;
                header.state = row.text()?;
                header.data = row.text_or_none()?;
                header.forms = row.text_or_none()?;
                instance = Some(header);
            }
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

/// What the rows of [`live`](crate::sql::statements::live) hold, in the order of `ids`.
pub(crate) fn live_rows(
    tenant: &TenantId,
    ids: &[InstanceId],
    rows: impl IntoIterator<Item = Row>,
) -> Result<Vec<LoadedRows>> {
    let mut found: BTreeMap<InstanceId, LoadedRows> = BTreeMap::new();
    let mut tasks = Vec::new();
    let mut activations = Vec::new();
    for mut row in rows {
        match row.number::<i64>()? {
            ROW_INSTANCE => {
                let mut instance = instance_row(tenant, &mut row)?;
                instance.state = row.text()?;
                instance.data = row.text_or_none()?;
                instance.forms = row.text_or_none()?;
                let rows = LoadedRows {
                    instance,
                    activations: Vec::new(),
                    tasks: Vec::new(),
                };
                found.insert(rows.instance.id, rows);
            }
            ROW_ACTIVATION => activations.push(activation_row(tenant, &mut row)?),
            _ => tasks.push(task_row(tenant, &mut row)?),
        }
    }
    tasks.sort_unstable_by_key(|row: &TaskRow| row.id);
    activations.sort_unstable_by_key(|row: &ActivationRow| row.id);
    for row in tasks {
        if let Some(rows) = found.get_mut(&row.instance) {
            rows.tasks.push(row);
        }
    }
    for row in activations {
        if let Some(rows) = found.get_mut(&row.instance) {
            rows.activations.push(row);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What the rows of [`tasks_of`](crate::sql::statements::tasks_of) hold, by instance and number.
pub(crate) fn task_rows(
    tenant: &TenantId,
    rows: impl IntoIterator<Item = Row>,
) -> Result<Vec<TaskRow>> {
    let mut tasks = rows
        .into_iter()
        .map(|mut row| task_row(tenant, &mut row))
        .collect::<Result<Vec<_>>>()?;
    tasks.sort_unstable_by_key(|row| (row.instance, row.number));
    Ok(tasks)
}

/// An instance with neither state nor data nor forms, whose columns come last where they are given.
pub(super) fn instance_row(tenant: &TenantId, row: &mut Row) -> Result<InstanceRow> {
    Ok(InstanceRow {
        tenant: tenant.clone(),
        id: InstanceId::new(row.id()?),
        parent: row.id_or_none()?.map(InstanceId::new),
        version: row.past(1).number()?,
        definition: row.number()?,
        started_at: row.time()?,
        changed_at: row.time()?,
        ended_at: row.time_or_none()?,
        workflow: row.text()?,
        status: row.text()?,
        title: row.text()?,
        subject_type: row.text_or_none()?,
        subject_id: row.text_or_none()?,
        exclusive: row.text_or_none()?,
        business_key: row.text_or_none()?,
        unique_key: row.text_or_none()?,
        requester: row.text_or_none()?,
        state: String::new(),
        data: None,
        forms: None,
    })
}

pub(super) fn task_row(tenant: &TenantId, row: &mut Row) -> Result<TaskRow> {
    Ok(TaskRow {
        tenant: tenant.clone(),
        id: TaskId::new(row.id()?),
        instance: InstanceId::new(row.id()?),
        activation: ActivationId::new(row.id()?),
        number: row.number()?,
        opened_at: row.time()?,
        due_at: row.time_or_none()?,
        closed_at: row.time_or_none()?,
        node: row.past(1).text()?,
        state: row.text()?,
        assignee: row.text_or_none()?,
        candidates: row.json()?,
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
        node: row.past(6).text()?,
        body: row.text()?,
    })
}
