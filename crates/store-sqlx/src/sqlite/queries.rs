//! What people and operators look at.

use async_trait::async_trait;
use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{IncidentId, InstanceId, Subject, TaskId, TenantId},
};
use signoff_store::{
    IncidentFilter, InstanceFilter, InstanceSummary, List, Page, PageRequest, Place, Queries,
    Result, TaskFilter, TaskSummary,
    sql::sqlite::{
        HISTORY, INCIDENTS, INCIDENTS_OF, INSTANCES, INSTANCES_BY_REQUESTER, INSTANCES_BY_SUBJECT,
        TASK, TaskList,
    },
};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteStore,
    columns::Columns,
    error::cannot,
    load::{InstanceColumns, instance_row, task_row},
    statement::Statement,
};

/// A statement for a page: the tenant and the place.
fn page_of(sql: &'static str, tenant: &TenantId, place: Place) -> Statement {
    Statement::new(sql)
        .bind(tenant.as_str().to_owned())
        .bind(place.at)
        .bind_id(place.id)
}

/// One row more than the page holds, to know whether another page follows.
fn limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

fn bytes(id: Option<InstanceId>) -> Option<Vec<u8>> {
    id.map(|id| id.uuid().into_bytes().to_vec())
}

fn summary(tenant: &TenantId, row: &SqliteRow) -> Result<TaskSummary> {
    let mut columns = Columns::of(row);
    let task = task_row(tenant, &mut columns)?;
    let workflow = columns.text()?;
    let definition = columns.number()?;
    let title = columns.text()?;
    let kind: Option<String> = columns.take()?;
    let id: Option<String> = columns.take()?;
    Ok(TaskSummary {
        task,
        workflow,
        definition,
        title,
        subject: kind.zip(id).map(|(kind, id)| Subject { kind, id }),
        requester: columns.text_or_none()?,
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
            let rows = page_of(list.page, tenant, from)
                .bind(bytes(filter.instance))
                .bind(TaskList::who(&filter.whose)?)
                .bind(limit(size - items.len()))
                .rows(self.readers())
                .await
                .map_err(cannot("list tasks"))?;
            for row in &rows {
                items.push(summary(tenant, row)?);
            }
        }
        Ok(Page::cut(items, size, place_of))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let mut count = 0;
        for list in TaskList::of(filter) {
            let row = Statement::new(list.count)
                .bind(tenant.as_str().to_owned())
                .bind(None::<i64>)
                .bind(None::<i64>)
                .bind(bytes(filter.instance))
                .bind(TaskList::who(&filter.whose)?)
                .bind(None::<i64>)
                .row(self.readers())
                .await
                .map_err(cannot("count tasks"))?;
            count += row.map_or(Ok(0), |row| Columns::of(&row).number::<u64>())?;
        }
        Ok(count)
    }

    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>> {
        let row = Statement::new(TASK)
            .bind(tenant.as_str().to_owned())
            .bind_id(id.uuid())
            .row(self.readers())
            .await
            .map_err(cannot("read a task"))?;
        row.map(|row| summary(tenant, &row)).transpose()
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
        let rows = page_of(sql, tenant, place)
            .bind(limit(page.size()))
            .bind(filter.status.clone())
            .bind(filter.workflow.clone())
            .bind(filter.requester.as_ref().map(|id| id.as_str().to_owned()))
            .bind(filter.subject.as_ref().map(|subject| subject.kind.clone()))
            .bind(filter.subject.as_ref().map(|subject| subject.id.clone()))
            .rows(self.readers())
            .await
            .map_err(cannot("list instances"))?;
        let items = rows
            .iter()
            .map(|row| instance_row(tenant, &mut Columns::of(row), InstanceColumns::Listed))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(items, page.size(), |last: &InstanceSummary| {
            Place::new(List::Instances, last.started_at, last.id.uuid())
        }))
    }

    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>> {
        let rows = Statement::new(HISTORY)
            .bind(tenant.as_str().to_owned())
            .bind_id(instance.uuid())
            .rows(self.readers())
            .await
            .map_err(cannot("read a history"))?;
        let row = |row| {
            let mut columns = Columns::of(row);
            Ok(HistoryRow {
                tenant: tenant.clone(),
                instance,
                version: columns.number()?,
                at: columns.time()?,
                person: columns.text_or_none()?,
                body: columns.text()?,
            })
        };
        rows.iter().map(row).collect()
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
        let rows = page_of(sql, tenant, place)
            .bind(limit(page.size()))
            .bind(bytes(filter.instance))
            .rows(self.readers())
            .await
            .map_err(cannot("list incidents"))?;
        let row = |row| {
            let mut columns = Columns::of(row);
            Ok(IncidentRow {
                tenant: tenant.clone(),
                id: IncidentId::new(columns.id()?),
                instance: InstanceId::new(columns.id()?),
                code: columns.text()?,
                message: columns.text()?,
                node: columns.text_or_none()?,
                opened_at: columns.time()?,
            })
        };
        let items = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(items, page.size(), |last: &IncidentRow| {
            Place::new(List::Incidents, last.opened_at, last.id.uuid())
        }))
    }
}
