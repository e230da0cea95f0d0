//! What people and operators look at.

use async_trait::async_trait;
use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{InstanceId, TaskId, TenantId},
    instance::{LoadedRows, TaskRow},
};

use super::Calls as _;
use crate::{
    contract::{
        IncidentFilter, InstanceFilter, InstanceSummary, Page, PageRequest, Queries, Statistics,
        StatisticsFilter, TaskFilter, TaskSummary,
    },
    error::Result,
    place::{InstancePlace, List, Place, Way},
    sql::{
        Driver,
        read::{
            history_row, incident_row, instance_count, listed_instance, live_rows, node_count,
            person_count, task_place, task_rows, task_summary,
        },
        statements::{self, TaskList},
    },
};

/// One row more than the page holds, to know whether another page follows.
fn limit(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

#[async_trait]
impl<D: Driver> Queries for D {
    async fn tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>> {
        let (place, way) = filter.place(page)?;
        let size = page.size();
        let mut items = Vec::new();
        // The closed tasks come after all open ones.
        let (mut lists, passed) = match (filter.finds_nothing(), way) {
            (true, _) => (Vec::new(), List::OpenTasks),
            (false, Way::On) => (TaskList::of(filter), List::OpenTasks),
            (false, Way::Back) => (TaskList::of(filter), List::ClosedTasks),
        };
        if way == Way::Back {
            lists.reverse();
        }
        for list in lists {
            if items.len() > size || (place.list != passed && list.list == passed) {
                continue;
            }
            let from = if place.list == list.list {
                place
            } else {
                way.edge(list.list)
            };
            let bound = list.page(tenant, filter, from, way, limit(size - items.len()))?;
            for row in self.rows("list tasks", bound).await? {
                items.push(task_summary(tenant, row)?);
            }
        }
        Ok(Page::of(items, page, |task| task_place(task).to_cursor()))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let mut count = 0;
        if filter.finds_nothing() {
            return Ok(count);
        }
        for list in TaskList::of(filter) {
            let bound = list.count(tenant, filter)?;
            let row = self.row("count tasks", bound).await?;
            count += row.map_or(Ok(0), |mut row| row.number::<u64>())?;
        }
        Ok(count)
    }

    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>> {
        let row = self
            .row("read a task", statements::task(tenant, id))
            .await?;
        row.map(|row| task_summary(tenant, row)).transpose()
    }

    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>> {
        let (place, way) = InstancePlace::of(page, &filter.order)?;
        if filter.finds_nothing() {
            return Ok(Page::of_instances(Vec::new(), page));
        }
        let bound = statements::instances(tenant, filter, &place, way, limit(page.size()));
        let rows = self.rows("list instances", bound).await?;
        let read = rows
            .into_iter()
            .map(|row| listed_instance(tenant, row))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::of_instances(read, page))
    }

    async fn count_instances(&self, tenant: &TenantId, filter: &InstanceFilter) -> Result<u64> {
        if filter.finds_nothing() {
            return Ok(0);
        }
        let bound = statements::count_instances(tenant, filter);
        let row = self.row("count instances", bound).await?;
        row.map_or(Ok(0), |mut row| row.number::<u64>())
    }

    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>> {
        let bound = statements::history(tenant, instance);
        let rows = self.rows("read a history", bound).await?;
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
        let (place, way) = Place::of(page, &[List::Incidents])?;
        let bound = statements::incidents(tenant, filter, place, way, limit(page.size()));
        let rows = self.rows("list incidents", bound).await?;
        let items = rows
            .into_iter()
            .map(|row| incident_row(tenant, row))
            .collect::<Result<Vec<_>>>()?;
        Ok(Page::of(items, page, |row: &IncidentRow| {
            Place::new(List::Incidents, row.opened_at, row.id.uuid()).to_cursor()
        }))
    }

    async fn live(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<LoadedRows>> {
        let bound = statements::live(tenant, ids)?;
        let rows = self.rows("read instances", bound).await?;
        live_rows(tenant, ids, rows)
    }

    async fn tasks_of(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<TaskRow>> {
        let bound = statements::tasks_of(tenant, ids)?;
        let rows = self.rows("read tasks", bound).await?;
        task_rows(tenant, rows)
    }

    async fn statistics(&self, tenant: &TenantId, filter: &StatisticsFilter) -> Result<Statistics> {
        let [instances, nodes, people] = statements::statistics(tenant, filter);
        let instances = self.rows("count instances", instances).await?;
        let nodes = self.rows("count tasks", nodes).await?;
        let people = self.rows("count tasks", people).await?;
        Ok(Statistics {
            instances: instances
                .into_iter()
                .map(instance_count)
                .collect::<Result<_>>()?,
            nodes: nodes.into_iter().map(node_count).collect::<Result<_>>()?,
            people: people
                .into_iter()
                .map(person_count)
                .collect::<Result<_>>()?,
        })
    }
}
