//! What people and operators look at.

use async_trait::async_trait;
use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{IncidentId, InstanceId, PersonId, Subject, TaskId, TenantId},
};
use signoff_store::{
    IncidentFilter, InstanceFilter, InstanceSummary, List, Page, PageRequest, Place, Queries,
    Result, TaskFilter, TaskSummary,
    sql::sqlite::{
        HISTORY, INCIDENTS, INCIDENTS_OF, INSTANCES, INSTANCES_BY_REQUESTER, INSTANCES_BY_SUBJECT,
        TASK, TaskList,
    },
};

use super::{
    SqliteStore,
    load::{InstanceColumns, instance_row, task_row},
    row::Row,
    statement::{Arg, Statement},
};

/// A statement for a page: the tenant and the place.
fn page_of(sql: &'static str, tenant: &TenantId, place: Place) -> Statement {
    Statement::new(sql)
        .bind(tenant.as_str())
        .bind(place.at)
        .bind(place.id)
}

/// One row more than the page holds, to know whether another page follows.
fn limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

fn summary(tenant: &TenantId, mut row: Row) -> Result<TaskSummary> {
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
    })
}

fn history_row(tenant: &TenantId, instance: InstanceId, mut row: Row) -> Result<HistoryRow> {
    Ok(HistoryRow {
        tenant: tenant.clone(),
        instance,
        version: row.number()?,
        at: row.time()?,
        person: row.text_or_none()?,
        body: row.text()?,
    })
}

fn incident_row(tenant: &TenantId, mut row: Row) -> Result<IncidentRow> {
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

/// The place of a task in its list.
fn place_of(summary: &TaskSummary) -> Place {
    let task = &summary.task;
    match task.closed_at {
        Some(at) => Place::new(List::ClosedTasks, at, task.id.uuid()),
        None => Place::new(List::OpenTasks, task.opened_at, task.id.uuid()),
    }
}

#[async_trait]
impl Queries for SqliteStore {
    async fn tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>> {
        let place = Place::of(page, &[List::OpenTasks, List::ClosedTasks])?;
        let size = page.size();
        let mut items = Vec::new();
        for list in TaskList::of(filter) {
            // A place among the closed tasks is behind every open one.
            if items.len() > size
                || (place.list == List::ClosedTasks && list.list == List::OpenTasks)
            {
                continue;
            }
            let from = if place.list == list.list {
                place
            } else {
                list.list.beginning()
            };
            let statement = page_of(list.page, tenant, from)
                .bind(filter.instance.map(InstanceId::uuid))
                .bind(TaskList::who(&filter.whose)?)
                .bind(limit(size - items.len()));
            for row in self.readers().rows("list tasks", statement).await? {
                items.push(summary(tenant, row)?);
            }
        }
        Ok(Page::cut(items, size, place_of))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let mut count = 0;
        for list in TaskList::of(filter) {
            let statement = Statement::new(list.count)
                .bind(tenant.as_str())
                .bind(Arg::Null)
                .bind(Arg::Null)
                .bind(filter.instance.map(InstanceId::uuid))
                .bind(TaskList::who(&filter.whose)?)
                .bind(Arg::Null);
            let row = self.readers().row("count tasks", statement).await?;
            count += row.map_or(Ok(0), |mut row| row.number::<u64>())?;
        }
        Ok(count)
    }

    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>> {
        let statement = Statement::new(TASK).bind(tenant.as_str()).bind(id.uuid());
        let row = self.readers().row("read a task", statement).await?;
        row.map(|row| summary(tenant, row)).transpose()
    }

    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>> {
        let place = Place::of(page, &[List::Instances])?;
        let sql = match (&filter.subject, &filter.requester) {
            (Some(_), _) => INSTANCES_BY_SUBJECT,
            (None, Some(_)) => INSTANCES_BY_REQUESTER,
            (None, None) => INSTANCES,
        };
        let subject = filter.subject.as_ref();
        let statement = page_of(sql, tenant, place)
            .bind(limit(page.size()))
            .bind(filter.status.as_deref())
            .bind(filter.workflow.as_deref())
            .bind(filter.requester.as_ref().map(PersonId::as_str))
            .bind(subject.map(|subject| subject.kind.as_str()))
            .bind(subject.map(|subject| subject.id.as_str()));
        let rows = self.readers().rows("list instances", statement).await?;
        let items = rows
            .into_iter()
            .map(|mut row| instance_row(tenant, &mut row, InstanceColumns::Listed))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(items, page.size(), |last: &InstanceSummary| {
            Place::new(List::Instances, last.started_at, last.id.uuid())
        }))
    }

    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>> {
        let statement = Statement::new(HISTORY)
            .bind(tenant.as_str())
            .bind(instance.uuid());
        let rows = self.readers().rows("read a history", statement).await?;
        rows.into_iter()
            .map(|row| history_row(tenant, instance, row))
            .collect()
    }

    async fn incidents(
        &self,
        tenant: &TenantId,
        filter: &IncidentFilter,
        page: &PageRequest,
    ) -> Result<Page<IncidentRow>> {
        let place = Place::of(page, &[List::Incidents])?;
        let sql = if filter.instance.is_some() {
            INCIDENTS_OF
        } else {
            INCIDENTS
        };
        let statement = page_of(sql, tenant, place)
            .bind(limit(page.size()))
            .bind(filter.instance.map(InstanceId::uuid));
        let rows = self.readers().rows("list incidents", statement).await?;
        let items = rows
            .into_iter()
            .map(|row| incident_row(tenant, row))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(items, page.size(), |last: &IncidentRow| {
            Place::new(List::Incidents, last.opened_at, last.id.uuid())
        }))
    }
}
