//! Positions of entries in memory: one commits at a time, so each entry gets its own at once.

use async_trait::async_trait;
use signoff_core::id::{InstanceId, TenantId};

use crate::{
    contract::{EntryFilter, Positioned, Stream},
    error::Result,
    memory::{MemoryStore, books::Books},
};

impl Books {
    /// The entry that has a position.
    fn entry(&self, tenant: &TenantId, position: usize) -> Option<Positioned> {
        let (instance, version) = self.streams.get(tenant)?.get(position.checked_sub(1)?)?;
        let kept = self.instances.get(&(tenant.clone(), *instance))?;
        let entry = kept.history.iter().rfind(|entry| entry.version == *version);
        Some(Positioned {
            position: u64::try_from(position).unwrap_or(u64::MAX),
            entry: entry?.clone(),
        })
    }

    /// Gives an entry the next position.
    pub(super) fn number(&mut self, tenant: &TenantId, instance: InstanceId, version: u64) {
        match self.streams.get_mut(tenant) {
            Some(stream) => stream.push((instance, version)),
            None => drop(
                self.streams
                    .insert(tenant.clone(), vec![(instance, version)]),
            ),
        }
    }
}

#[async_trait]
impl Stream for MemoryStore {
    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        limit: u32,
    ) -> Result<Vec<Positioned>> {
        let books = self.books();
        let Some(stream) = books.streams.get(tenant) else {
            return Ok(Vec::new());
        };
        let after = usize::try_from(filter.after).unwrap_or(usize::MAX);
        let behind = stream.iter().enumerate().skip(after);
        let wanted = behind.filter(|(_, (instance, _))| {
            let only = filter.instance.as_ref();
            only.is_none_or(|only| only == instance)
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries = wanted.filter_map(|(index, _)| books.entry(tenant, index + 1));
        Ok(entries.take(limit).collect())
    }

    async fn last_position(&self, tenant: &TenantId) -> Result<u64> {
        let books = self.books();
        let last = books.streams.get(tenant).map_or(0, Vec::len);
        Ok(u64::try_from(last).unwrap_or(u64::MAX))
    }
}
