//! Queries in memory.

use std::{collections::BTreeSet, ops::Bound};

use async_trait::async_trait;
use jiff::Timestamp;
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
    place::{InstancePlace, List, Place, Way},
    sql::timestamp,
};

impl Books {
    /// At most `size` tasks of the lists from `place` on, each once, in the order of the lists; or from
    /// it back, against their order.
    fn read_tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        lists: &[TaskList],
        (place, way): (Place, Way),
        size: usize,
    ) -> Vec<&TaskRow> {
        let mut found = Vec::new();
        // Open tasks are listed from the earliest on, closed ones from the latest.
        let ascends = |list: &TaskList| list.is_open() == (way == Way::On);
        for list in lists {
            let after = edge(timestamp(place.at), place.id);
            let ids: Box<dyn Iterator<Item = _>> = if ascends(list) {
                let all =
                    self.task_lists
                        .between(tenant, list, after, edge(Timestamp::MAX, Uuid::max()));
                Box::new(all.filter(move |entry| *entry > after))
            } else {
                let all =
                    self.task_lists
                        .between(tenant, list, edge(Timestamp::MIN, Uuid::nil()), after);
                Box::new(all.rev().filter(move |entry| *entry < after))
            };
            let wanted = ids
                .filter(|(_, id)| self.fits(tenant, *id, filter))
                .take(size);
            found.extend(wanted);
        }
        found.sort_unstable();
        found.dedup();
        if lists.iter().any(|list| !ascends(list)) {
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
        !filter.finds_nothing()
            && filter.instance.is_none_or(|id| task.instance == id)
            && of(&filter.node, Some(&task.node))
            && filter.state.holds(&task.state)
            && filter.opened.holds(Some(task.opened_at))
            && filter.closed.holds(task.closed_at)
            && of(&filter.outcome, task.outcome.as_deref())
            && filter.due.holds(task.due_at)
            && (!filter.is_narrow()
                || kept(task.instance).is_some_and(|kept| {
                    let row = &kept.row;
                    filter.workflow.holds(&row.workflow)
                        && of(&filter.business_key, row.business_key.as_deref())
                        && (filter.requester.is_none() || row.requester == filter.requester)
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
            business_key: instance.business_key.clone(),
        })
    }
}

/// Whether the title in any language, the business key or the id of the subject has the part, which is in lower case.
fn is_found(row: &InstanceRow, part: &str) -> bool {
    let has = |text: &str| text.to_ascii_lowercase().contains(part);
    let title = match serde_json::from_str(&row.title) {
        Ok(Value::String(text)) => has(&text),
        Ok(Value::Object(texts)) => texts.values().filter_map(Value::as_str).any(has),
        _ => false,
    };
    title
        || row.subject_id.as_deref().is_some_and(has)
        || row.business_key.as_deref().is_some_and(has)
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

/// What an index has of a tenant, the latest first, from a place on; or from it back, the earliest first.
fn from<'a, I: Ord + Sync>(
    index: &'a BTreeSet<(TenantId, Timestamp, I)>,
    tenant: &TenantId,
    (place, way): (Place, Way),
    id: fn(Uuid) -> I,
) -> Box<dyn Iterator<Item = &'a (TenantId, Timestamp, I)> + Send + 'a> {
    let key = |at, uuid| (tenant.clone(), at, id(uuid));
    let place = key(timestamp(place.at), place.id);
    match way {
        Way::On => {
            let first = key(Timestamp::MIN, Uuid::nil());
            Box::new(index.range(first..place).rev())
        }
        Way::Back => {
            let last = key(Timestamp::MAX, Uuid::max());
            let behind = (Bound::Excluded(place), Bound::Included(last));
            Box::new(index.range(behind))
        }
    }
}

/// At most `most` instances, the latest started first, from a place on; or from it back, the earliest
/// started first.
fn started<'a>(
    books: &'a Books,
    tenant: &TenantId,
    filter: &InstanceFilter,
    (place, way): (Place, Way),
    most: usize,
) -> Vec<Found<'a>> {
    let listed = from(&books.started, tenant, (place, way), InstanceId::new);
    listed
        .filter_map(|(tenant, _, id)| books.instances.get(&(tenant.clone(), *id)))
        .filter(|kept| matches(books, kept, filter))
        .take(most)
        .map(|kept| (kept, None))
        .collect()
}

/// All instances by a field of their data, from a place on, or from it back.
fn by_field<'a>(
    books: &'a Books,
    tenant: &TenantId,
    filter: &InstanceFilter,
    after: Option<&(String, Uuid)>,
    way: Way,
) -> Vec<Found<'a>> {
    let InstanceOrder::Field { name, descending } = &filter.order else {
        return Vec::new();
    };
    let descends = *descending == (way == Way::On);
    let all = books.instances.iter();
    let own = all.filter(|((owner, _), kept)| owner == tenant && matches(books, kept, filter));
    let mut found: Vec<(&String, Uuid, &Kept)> = own
        .filter_map(|((_, id), kept)| Some((kept.fields.get(name)?, id.uuid(), kept)))
        .collect();
    found.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    if descends {
        found.reverse();
    }
    let is_behind = |key: &String, id: Uuid| {
        after.is_none_or(|(last, last_id)| match descends {
            true => (key, id) < (last, *last_id),
            false => (key, id) > (last, *last_id),
        })
    };
    let behind = found.into_iter().filter(|(key, id, _)| is_behind(key, *id));
    behind
        .map(|(key, _, kept)| (kept, Some(key.clone())))
        .collect()
}

fn matches(books: &Books, kept: &Kept, filter: &InstanceFilter) -> bool {
    let row = &kept.row;
    let of = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    let search = filter.search.as_ref();
    !filter.finds_nothing()
        && filter.status.holds(&row.status)
        && filter.workflow.holds(&row.workflow)
        && (filter.subject.is_none() || subject(row) == filter.subject)
        && (filter.subject.is_some() || of(&filter.subject_type, &row.subject_type))
        && (filter.requester.is_none() || row.requester == filter.requester)
        && (filter.parent.is_none() || row.parent == filter.parent)
        && of(&filter.business_key, &row.business_key)
        && filter.started.holds(Some(row.started_at))
        && filter.ended.holds(row.ended_at)
        && filter
            .incidents
            .is_none_or(|wanted| wanted == has_incidents(books, row))
        && search.is_none_or(|part| is_found(row, &part.to_ascii_lowercase()))
        && fields_hold(kept, &filter.fields)
}

fn has_incidents(books: &Books, row: &InstanceRow) -> bool {
    let mut incidents = books.incidents.values();
    incidents.any(|incident| incident.tenant == row.tenant && incident.instance == row.id)
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
        let (place, way) = filter.place(page)?;
        let size = page.size();
        let (open, closed) = TaskList::of(filter);
        let (open, closed) = ((open, List::OpenTasks), (closed, List::ClosedTasks));
        // The closed tasks come after all open ones.
        let [first, last] = match way {
            Way::On => [open, closed],
            Way::Back => [closed, open],
        };
        let books = self.books();
        let mut rows = Vec::new();
        let is_passed = place.list == last.1;
        for (lists, list) in [(!is_passed).then_some(first), Some(last)]
            .into_iter()
            .flatten()
        {
            let from = if place.list == list {
                place
            } else {
                way.edge(list)
            };
            let left = (size + 1).saturating_sub(rows.len());
            rows.extend(books.read_tasks(tenant, filter, &lists, (from, way), left));
        }
        let items = rows
            .into_iter()
            .filter_map(|row| books.summary(row))
            .collect();
        Ok(Page::of(items, page, |task: &TaskSummary| {
            place_of(&task.task).to_cursor()
        }))
    }

    async fn count_tasks(&self, tenant: &TenantId, filter: &TaskFilter) -> Result<u64> {
        let (open, closed) = TaskList::of(filter);
        let books = self.books();
        let count = |lists: &[TaskList], list: List| {
            books
                .read_tasks(
                    tenant,
                    filter,
                    lists,
                    (list.beginning(), Way::On),
                    usize::MAX,
                )
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
        let (place, way) = InstancePlace::of(page, &filter.order)?;
        let most = page.size() + 1;
        let books = self.books();
        let found = match &place {
            InstancePlace::Field(after) => by_field(&books, tenant, filter, after.as_ref(), way),
            InstancePlace::Started(place) => started(&books, tenant, filter, (*place, way), most),
        };
        let found = found.into_iter().take(most);
        let read = found.map(|(kept, key)| (without_state(&kept.row), key));
        Ok(Page::of_instances(read.collect(), page))
    }

    async fn count_instances(&self, tenant: &TenantId, filter: &InstanceFilter) -> Result<u64> {
        let books = self.books();
        let count = match filter.order {
            InstanceOrder::Field { .. } => by_field(&books, tenant, filter, None, Way::On).len(),
            InstanceOrder::Earliest | InstanceOrder::Started => {
                let all = (List::Instances.beginning(), Way::On);
                started(&books, tenant, filter, all, usize::MAX).len()
            }
        };
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
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
        let (place, way) = Place::of(page, &[List::Incidents])?;
        let books = self.books();
        let listed = from(&books.opened, tenant, (place, way), IncidentId::new);
        let items = listed
            .filter_map(|(tenant, _, id)| books.incidents.get(&(tenant.clone(), *id)))
            .filter(|row| filter.instance.is_none_or(|id| row.instance == id))
            .filter(|row| filter.id.is_none_or(|id| row.id == id))
            .take(page.size() + 1)
            .cloned()
            .collect();
        Ok(Page::of(items, page, |row: &IncidentRow| {
            Place::new(List::Incidents, row.opened_at, row.id.uuid()).to_cursor()
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
                let all = (list.beginning(), Way::On);
                let rows = books.read_tasks(tenant, &filter, &lists, all, usize::MAX);
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
