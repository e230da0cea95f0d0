//! Schedules in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::{ScheduleRow, Schedules},
    error::Result,
    memory::MemoryStore,
};

/// Every start that comes by itself, and the order in which they come.
#[derive(Clone, Debug, Default)]
pub(super) struct ScheduleBook {
    rows: BTreeMap<(TenantId, WorkflowKey), BTreeMap<String, Timestamp>>,
    due: BTreeSet<(Timestamp, TenantId, WorkflowKey, String)>,
}

impl ScheduleBook {
    pub(super) fn set(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        rows: &[(String, Timestamp)],
    ) {
        let key = (tenant.clone(), workflow.clone());
        let place = |start: &str, at| (at, tenant.clone(), workflow.clone(), start.to_owned());
        let old = self.rows.remove(&key).unwrap_or_default();
        for (start, at) in &old {
            self.due.remove(&place(start, *at));
        }
        let mut new = BTreeMap::new();
        for (start, first) in rows {
            let at = old.get(start).unwrap_or(first);
            new.entry(start.clone()).or_insert(*at);
        }
        for (start, at) in &new {
            self.due.insert(place(start, *at));
        }
        if !new.is_empty() {
            self.rows.insert(key, new);
        }
    }

    fn move_on(&mut self, row: &ScheduleRow, to: Timestamp) -> bool {
        let key = (row.tenant.clone(), row.workflow.clone());
        let starts = self.rows.get_mut(&key);
        let Some(at) = starts
            .and_then(|starts| starts.get_mut(&row.start))
            .filter(|at| **at == row.due_at)
        else {
            return false;
        };
        *at = to;
        let place = |at| (at, key.0.clone(), key.1.clone(), row.start.clone());
        self.due.remove(&place(row.due_at));
        self.due.insert(place(to));
        true
    }

    fn of<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
    ) -> impl Iterator<Item = &'a (Timestamp, TenantId, WorkflowKey, String)> {
        self.due
            .iter()
            .filter(move |(_, owner, ..)| tenant.is_none_or(|only| only == owner))
    }
}

#[async_trait]
impl Schedules for MemoryStore {
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let books = self.books();
        let due = books.schedules.of(tenant);
        let row = |(at, tenant, workflow, start): &(Timestamp, TenantId, WorkflowKey, String)| {
            ScheduleRow {
                tenant: tenant.clone(),
                workflow: workflow.clone(),
                start: start.clone(),
                due_at: *at,
            }
        };
        Ok(due
            .take_while(|(at, ..)| *at <= now)
            .take(limit)
            .map(row)
            .collect())
    }

    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool> {
        Ok(self.books().schedules.move_on(row, to))
    }

    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        Ok(self.books().schedules.of(tenant).next().map(|(at, ..)| *at))
    }
}
