//! Counts in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use signoff_core::id::{PersonId, TenantId};

use crate::{
    contract::{InstanceCount, NodeCount, PersonCount, Statistics, StatisticsFilter},
    memory::books::Books,
    sql::nanos,
};

/// From one moment to another, as the SQL stores count it.
fn lasted(from: Timestamp, to: Timestamp) -> i64 {
    nanos(to).saturating_sub(nanos(from)) / 1_000_000
}

impl Books {
    pub(super) fn statistics(&self, tenant: &TenantId, filter: &StatisticsFilter) -> Statistics {
        let mut instances: BTreeMap<(String, String), InstanceCount> = BTreeMap::new();
        let is_since = |at: Timestamp| filter.since.is_none_or(|since| at >= since);
        let is_of = |workflow: &str| {
            filter
                .workflow
                .as_ref()
                .is_none_or(|wanted| wanted == workflow)
        };
        let rows = self.instances.values().map(|kept| &kept.row);
        for row in rows.filter(|row| row.tenant == *tenant) {
            if !is_since(row.started_at) || !is_of(&row.workflow) {
                continue;
            }
            let key = (row.workflow.clone(), row.status.clone());
            let found = instances.entry(key).or_insert_with(|| InstanceCount {
                workflow: row.workflow.clone(),
                status: row.status.clone(),
                count: 0,
                ended: 0,
                total_ms: 0,
                longest_ms: 0,
            });
            let ms = row.ended_at.map_or(0, |at| lasted(row.started_at, at));
            found.count += 1;
            found.ended += u64::from(row.ended_at.is_some());
            found.total_ms += ms;
            found.longest_ms = found.longest_ms.max(ms);
        }
        let mut nodes = BTreeMap::new();
        let mut people = BTreeMap::new();
        for task in self.tasks.values().filter(|task| task.tenant == *tenant) {
            let kept = self.instances.get(&(tenant.clone(), task.instance));
            let Some(workflow) = kept.map(|kept| kept.row.workflow.as_str()) else {
                continue;
            };
            if !is_since(task.opened_at) || !is_of(workflow) {
                continue;
            }
            let open = task.closed_at.is_none();
            let overdue = open && task.due_at.is_some_and(|due| due < filter.now);
            let ms = task.closed_at.map_or(0, |at| lasted(task.opened_at, at));
            let node = nodes
                .entry((workflow.to_owned(), task.node.clone()))
                .or_insert_with(|| NodeCount {
                    workflow: workflow.to_owned(),
                    node: task.node.clone(),
                    open: 0,
                    overdue: 0,
                    done: 0,
                    total_ms: 0,
                    longest_ms: 0,
                });
            node.open += u64::from(open);
            node.overdue += u64::from(overdue);
            if task.outcome.is_some() {
                node.done += 1;
                node.total_ms += ms;
                node.longest_ms = node.longest_ms.max(ms);
            }
            if let (true, Some(id)) = (open, &task.assignee) {
                let person = person(&mut people, id);
                person.open += 1;
                person.overdue += u64::from(overdue);
            }
            if let Some(id) = &task.closed_by {
                let person = person(&mut people, id);
                person.done += 1;
                person.total_ms += ms;
            }
        }
        Statistics {
            instances: instances.into_values().collect(),
            nodes: nodes.into_values().collect(),
            people: people.into_values().collect(),
        }
    }
}

fn person<'a>(
    people: &'a mut BTreeMap<PersonId, PersonCount>,
    id: &PersonId,
) -> &'a mut PersonCount {
    people.entry(id.clone()).or_insert_with(|| PersonCount {
        person: id.clone(),
        open: 0,
        overdue: 0,
        done: 0,
        total_ms: 0,
    })
}
