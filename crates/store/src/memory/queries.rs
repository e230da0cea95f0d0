//! Queries in memory.

use async_trait::async_trait;
use serde_json::Value;
use signoff_core::{
    change::{HistoryRow, IncidentRow},
    id::{IncidentId, InstanceId, TaskId, TenantId},
    instance::{InstanceRow, LoadedRows, TaskRow},
};
use uuid::Uuid;

use crate::{
    contract::{
        FieldFilter, IncidentFilter, InstanceFilter, InstanceOrder, InstanceSummary, Load, Page,
        PageRequest, Part, Queries, Statistics, StatisticsFilter, Target, TaskFilter, TaskSummary,
    },
    error::Result,
    memory::{
        MemoryStore,
        books::{Books, Kept, subject},
        task_lists::{TaskList, edge},
    },
    place::{InstancePlace, List, Place},
    sql::timestamp,
};

impl Books {
    /// At most `size` tasks of the lists from `place` on, each once, in the order of the lists.
    fn read_tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        lists: &[TaskList],
        place: Place,
        size: usize,
    ) -> Vec<&TaskRow> {
        let mut found = Vec::new();
        for list in lists {
            let after = edge(timestamp(place.at), place.id);
            let ids: Box<dyn Iterator<Item = _>> = if list.is_open() {
                let all = self.task_lists.between(
                    tenant,
                    list,
                    after,
                    edge(jiff::Timestamp::MAX, Uuid::max()),
                );
                Box::new(all.filter(move |entry| *entry > after))
            } else {
                let all = self.task_lists.between(
                    tenant,
                    list,
                    edge(jiff::Timestamp::MIN, Uuid::nil()),
                    after,
                );
                Box::new(all.rev().filter(move |entry| *entry < after))
            };
            let wanted = ids
                .filter(|(_, id)| self.fits(tenant, *id, filter))
                .take(size);
            found.extend(wanted);
        }
        found.sort_unstable();
        found.dedup();
        if lists.iter().any(|list| !list.is_open()) {
            found.reverse();
        }
        found.truncate(size);
        let row = |(_, id)| self.tasks.get(&(tenant.clone(), id));
        found.into_iter().filter_map(row).collect()
    }

    fn fits(&self, tenant: &TenantId, id: TaskId, filter: &TaskFilter) -> bool {
        let Some(task) = self.tasks.get(&(tenant.clone(), id)) else {
            return false;
        };
        let of = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let kept = |instance| self.instances.get(&(tenant.clone(), instance));
        filter.instance.is_none_or(|id| task.instance == id)
            && of(&filter.outcome, task.outcome.as_deref())
            && filter
                .due_before
                .is_none_or(|moment| task.due_at.is_some_and(|due| due < moment))
            && (!filter.is_narrow()
                || kept(task.instance).is_some_and(|kept| {
                    let row = &kept.row;
                    of(&filter.workflow, Some(&row.workflow))
                        && of(&filter.subject_type, row.subject_type.as_deref())
                        && filter
                            .search
                            .as_ref()
                            .is_none_or(|part| is_found(row, &part.to_ascii_lowercase()))
                        && fields_hold(kept, &filter.fields)
                }))
    }

    fn summary(&self, task: &TaskRow) -> Option<TaskSummary> {
        let instance = &self
            .instances
            .get(&(task.tenant.clone(), task.instance))?
            .row;
        Some(TaskSummary {
            task: task.clone(),
            workflow: instance.workflow.clone(),
            definition: instance.definition,
            title: instance.title.clone(),
            subject: subject(instance),
            requester: instance.requester.clone(),
        })
    }
}

/// Whether the title in any language or the id of the subject has the part, which is in lower case.
fn is_found(row: &InstanceRow, part: &str) -> bool {
    let has = |text: &str| text.to_ascii_lowercase().contains(part);
    let title = match serde_json::from_str(&row.title) {
        Ok(Value::String(text)) => has(&text),
        Ok(Value::Object(texts)) => texts.values().filter_map(Value::as_str).any(has),
        _ => false,
    };
    title || row.subject_id.as_deref().is_some_and(has)
}

/// The place of a task in its list.
fn place_of(task: &TaskRow) -> Place {
    match task.closed_at {
        Some(at) => Place::new(List::ClosedTasks, at, task.id.uuid()),
        None => Place::new(List::OpenTasks, task.opened_at, task.id.uuid()),
    }
}

/// An instance with the key that it is ordered by, if it is ordered by one.
type Found<'a> = (&'a Kept, Option<String>);

/// At most `most` instances, the latest started first, from a place on.
fn started<'a>(
    books: &'a Books,
    tenant: &TenantId,
    filter: &InstanceFilter,
    place: Place,
    most: usize,
) -> Vec<Found<'a>> {
    let first = (
        tenant.clone(),
        jiff::Timestamp::MIN,
        InstanceId::new(Uuid::nil()),
    );
    let after = (
        tenant.clone(),
        timestamp(place.at),
        InstanceId::new(place.id),
    );
    let listed = books.started.range(first..after).rev();
    listed
        .filter_map(|(tenant, _, id)| books.instances.get(&(tenant.clone(), *id)))
        .filter(|kept| matches(kept, filter))
        .take(most)
        .map(|kept| (kept, None))
        .collect()
}

/// All instances by a field of their data, from a place on.
fn by_field<'a>(
    books: &'a Books,
    tenant: &TenantId,
    filter: &InstanceFilter,
    after: Option<&(String, Uuid)>,
) -> Vec<Found<'a>> {
    let InstanceOrder::Field { name, descending } = &filter.order else {
        return Vec::new();
    };
    let all = books.instances.iter();
    let own = all.filter(|((owner, _), kept)| owner == tenant && matches(kept, filter));
    let mut found: Vec<(&String, Uuid, &Kept)> = own
        .filter_map(|((_, id), kept)| Some((kept.fields.get(name)?, id.uuid(), kept)))
        .collect();
    found.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    if *descending {
        found.reverse();
    }
    let is_behind = |key: &String, id: Uuid| {
        after.is_none_or(|(last, last_id)| match descending {
            true => (key, id) < (last, *last_id),
            false => (key, id) > (last, *last_id),
        })
    };
    let behind = found.into_iter().filter(|(key, id, _)| is_behind(key, *id));
    behind
        .map(|(key, _, kept)| (kept, Some(key.clone())))
        .collect()
}

fn matches(kept: &Kept, filter: &InstanceFilter) -> bool {
    let row = &kept.row;
    filter
        .status
        .as_ref()
        .is_none_or(|status| row.status == *status)
        && filter
            .workflow
            .as_ref()
            .is_none_or(|key| row.workflow == *key)
        && (filter.subject.is_none() || subject(row) == filter.subject)
        && (filter.subject.is_some()
            || filter.subject_type.is_none()
            || row.subject_type == filter.subject_type)
        && (filter.requester.is_none() || row.requester == filter.requester)
        && (filter.parent.is_none() || row.parent == filter.parent)
        && fields_hold(kept, &filter.fields)
}

/// Whether the fields of the data are what is asked.
fn fields_hold(kept: &Kept, asked: &[FieldFilter]) -> bool {
    asked.iter().all(|field| {
        let key = kept.fields.get(&field.name);
        field.wanted().holds(key.map(String::as_str))
    })
}

fn without_state(row: &InstanceRow) -> InstanceSummary {
    InstanceRow {
        state: String::new(),
        data: None,
        forms: None,
        ..row.clone()
    }
}

#[async_trait]
impl Queries for MemoryStore {
    async fn tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>> {
        let place = Place::of(page, &[List::OpenTasks, List::ClosedTasks])?;
        let size = page.size();
        let (open, closed) = TaskList::of(filter);
        let books = self.books();
        let mut rows = Vec::new();
        let mut closed_from = List::ClosedTasks.beginning();
        if place.list == List::OpenTasks {
            rows = books.read_tasks(tenant, filter, &open, place, size + 1);
        } else {
            closed_from = place;
        }
        let left = (size + 1).saturating_sub(rows.len());
        rows.extend(books.read_tasks(tenant, filter, &closed, closed_from, left));
        let items = rows
            .into_iter()
            .filter_map(|row| books.summary(row))
            .collect();
        Ok(Page::cut(items, size, |last: &TaskSummary| {
            place_of(&last.task)
        }))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let (open, closed) = TaskList::of(filter);
        let books = self.books();
        let count = |lists: &[TaskList], list: List| {
            books
                .read_tasks(tenant, filter, lists, list.beginning(), usize::MAX)
                .len()
        };
        let count = count(&open, List::OpenTasks) + count(&closed, List::ClosedTasks);
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskSummary>> {
        let books = self.books();
        let task = books.tasks.get(&(tenant.clone(), id));
        Ok(task.and_then(|task| books.summary(task)))
    }

    async fn instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        page: &PageRequest,
    ) -> Result<Page<InstanceSummary>> {
        let place = InstancePlace::of(page, &filter.order)?;
        let size = page.size();
        let books = self.books();
        let found = match &place {
            InstancePlace::Field(after) => by_field(&books, tenant, filter, after.as_ref()),
            InstancePlace::Started(place) => started(&books, tenant, filter, *place, size + 1),
        };
        let found = found.into_iter().take(size + 1);
        let read = found.map(|(kept, key)| (without_state(&kept.row), key));
        Ok(Page::of_instances(read.collect(), size))
    }

    async fn history(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<HistoryRow>> {
        let books = self.books();
        let kept = books.instances.get(&(tenant.clone(), instance));
        Ok(kept.map(|kept| kept.history.clone()).unwrap_or_default())
    }

    async fn incidents(
        &self,
        tenant: &TenantId,
        filter: &IncidentFilter,
        page: &PageRequest,
    ) -> Result<Page<IncidentRow>> {
        let place = Place::of(page, &[List::Incidents])?;
        let size = page.size();
        let books = self.books();
        let first = (
            tenant.clone(),
            jiff::Timestamp::MIN,
            IncidentId::new(Uuid::nil()),
        );
        let after = (
            tenant.clone(),
            timestamp(place.at),
            IncidentId::new(place.id),
        );
        let items = books
            .opened
            .range(first..after)
            .rev()
            .filter_map(|(tenant, _, id)| books.incidents.get(&(tenant.clone(), *id)))
            .filter(|row| filter.instance.is_none_or(|id| row.instance == id))
            .filter(|row| filter.id.is_none_or(|id| row.id == id))
            .take(size + 1)
            .cloned()
            .collect();
        Ok(Page::cut(items, size, |last: &IncidentRow| {
            Place::new(List::Incidents, last.opened_at, last.id.uuid())
        }))
    }

    async fn live(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<LoadedRows>> {
        let books = self.books();
        let load = |id: &InstanceId| Load {
            tenant: tenant.clone(),
            target: Target::Instance(*id),
            part: Part::All,
        };
        let found = ids.iter().filter_map(|id| books.load(&load(id)));
        Ok(found.map(|loaded| loaded.rows).collect())
    }

    async fn tasks_of(&self, tenant: &TenantId, ids: &[InstanceId]) -> Result<Vec<TaskRow>> {
        let books = self.books();
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut tasks = Vec::new();
        for id in ids {
            let filter = TaskFilter {
                instance: Some(id),
                ..TaskFilter::default()
            };
            let (open, closed) = TaskList::of(&filter);
            for (lists, list) in [(open, List::OpenTasks), (closed, List::ClosedTasks)] {
                let rows = books.read_tasks(tenant, &filter, &lists, list.beginning(), usize::MAX);
                tasks.extend(rows.into_iter().cloned());
            }
        }
        tasks.sort_unstable_by_key(|row: &TaskRow| (row.instance, row.number));
        Ok(tasks)
    }

    async fn statistics(&self, tenant: &TenantId, filter: &StatisticsFilter) -> Result<Statistics> {
        Ok(self.books().statistics(tenant, filter))
    }
}
