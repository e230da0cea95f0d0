//! What people and operators look at.

use async_trait::async_trait;
use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{InstanceId, TaskId, TenantId},
    instance::{LoadedRows, TaskRow},
};
use signoff_store::{
    IncidentFilter, InstanceFilter, InstancePlace, InstanceSummary, List, Page, PageRequest, Place,
    Queries, Result, Statistics, StatisticsFilter, TaskFilter, TaskSummary,
    sql::{
        Cells,
        read::{
            history_row, incident_row, instance_count, listed_instance, live_rows, node_count,
            person_count, task_place, task_rows, task_summary,
        },
        sqlite::{self, HISTORY, TASK, TaskList},
    },
};

use super::{SqliteStore, columns::Columns, error::cannot, statement::Statement};

/// One row more than the page holds, to know whether another page follows.
fn limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
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
            let bound = list.page(tenant, filter, from, limit(size - items.len()))?;
            let rows = self.read("list tasks", bound).await?;
            for row in &rows {
                items.push(task_summary(tenant, Columns::of(row))?);
            }
        }
        Ok(Page::cut(items, size, task_place))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let mut count = 0;
        for list in TaskList::of(filter) {
            let bound = list.count(tenant, filter)?;
            let row = self.read("count tasks", bound).await?.pop();
            count += row.map_or(Ok(0), |row| Columns::of(&row).number::<u64>())?;
        }
        Ok(count)
    }

    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>> {
        let row = Statement::new(TASK)
            .bind(tenant.as_str())
            .bind(id.uuid())
            .row(self.readers())
            .await
            .map_err(cannot("read a task"))?;
        row.map(|row| task_summary(tenant, Columns::of(&row)))
            .transpose()
    }

    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>> {
        let place = InstancePlace::of(page, &filter.order)?;
        let bound = sqlite::instances(tenant, filter, &place, limit(page.size()));
        let rows = self.read("list instances", bound).await?;
        let read = rows
            .iter()
            .map(|row| listed_instance(tenant, Columns::of(row)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::of_instances(read, page.size()))
    }

    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>> {
        let rows = Statement::new(HISTORY)
            .bind(tenant.as_str())
            .bind(instance.uuid())
            .rows(self.readers())
            .await
            .map_err(cannot("read a history"))?;
        rows.iter()
            .map(|row| history_row(tenant, instance, Columns::of(row)))
            .collect()
    }

    async fn incidents(
        &self,
        tenant: &TenantId,
        filter: &IncidentFilter,
        page: &PageRequest,
    ) -> Result<Page<IncidentRow>> {
        let place = Place::of(page, &[List::Incidents])?;
        let bound = sqlite::incidents(tenant, filter, place, limit(page.size()));
        let rows = self.read("list incidents", bound).await?;
        let items = rows
            .iter()
            .map(|row| incident_row(tenant, Columns::of(row)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::cut(items, page.size(), |last: &IncidentRow| {
            Place::new(List::Incidents, last.opened_at, last.id.uuid())
        }))
    }

    async fn live(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<LoadedRows>> {
        let rows = self
            .read("read instances", sqlite::live(tenant, ids)?)
            .await?;
        live_rows(tenant, ids, rows.iter().map(Columns::of))
    }

    async fn tasks_of(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<TaskRow>> {
        let rows = self
            .read("read tasks", sqlite::tasks_of(tenant, ids)?)
            .await?;
        task_rows(tenant, rows.iter().map(Columns::of))
    }

    async fn statistics(&self, tenant: &TenantId, filter: &StatisticsFilter) -> Result<Statistics> {
        let [instances, nodes, people] = sqlite::statistics(tenant, filter);
        let instances = self.read("count instances", instances).await?;
        let nodes = self.read("count tasks", nodes).await?;
        let people = self.read("count tasks", people).await?;
        Ok(Statistics {
            instances: instances
                .iter()
                .map(|row| instance_count(Columns::of(row)))
                .collect::<Result<_>>()?,
            nodes: nodes
                .iter()
                .map(|row| node_count(Columns::of(row)))
                .collect::<Result<_>>()?,
            people: people
                .iter()
                .map(|row| person_count(Columns::of(row)))
                .collect::<Result<_>>()?,
        })
    }
}
