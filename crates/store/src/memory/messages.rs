//! Messages in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{MessageRow, SubscriptionRow},
    id::{InstanceId, MessageId, TenantId},
};

use crate::{
    contract::{Messages, SubscriberFilter},
    error::Result,
    memory::MemoryStore,
};

/// How many messages are given at once.
const MOST: usize = 100;
/// How many messages are dropped at once.
const MOST_DROPPED: usize = 1_000;

/// Every message, and the order in which those that are not consumed are given.
#[derive(Clone, Debug, Default)]
pub(super) struct MessageBook {
    kept: BTreeMap<(TenantId, MessageId), (MessageRow, Option<InstanceId>)>,
    waiting: BTreeSet<(TenantId, String, String, Timestamp, MessageId)>,
    consumed: BTreeMap<(TenantId, MessageId), Timestamp>,
}

impl MessageBook {
    /// Whether the message is there and not consumed; `None` when it is not there.
    pub(super) fn is_waiting(&self, tenant: &TenantId, id: &MessageId) -> Option<bool> {
        let (_, consumed_by) = self.get(tenant, id)?;
        Some(consumed_by.is_none())
    }

    /// Notes who consumes a message that was checked.
    pub(super) fn consume(
        &mut self,
        tenant: &TenantId,
        id: &MessageId,
        by: InstanceId,
        at: Timestamp,
    ) {
        self.consumed.insert((tenant.clone(), id.clone()), at);
        if let Some((message, consumed_by)) = self.kept.get_mut(&(tenant.clone(), id.clone())) {
            *consumed_by = Some(by);
            self.waiting.remove(&place(message));
        }
    }

    /// Copies a message of other books.
    pub(super) fn adopt(&mut self, books: &Self, tenant: &TenantId, id: &MessageId) {
        if let Some(found) = books.get(tenant, id) {
            self.kept
                .insert((tenant.clone(), id.clone()), found.clone());
        }
    }

    fn get(&self, tenant: &TenantId, id: &MessageId) -> Option<&(MessageRow, Option<InstanceId>)> {
        self.kept.get(&(tenant.clone(), id.clone()))
    }

    fn add(&mut self, message: &MessageRow) -> bool {
        let key = (message.tenant.clone(), message.id.clone());
        if self.kept.contains_key(&key) {
            return false;
        }
        self.waiting.insert(place(message));
        self.kept.insert(key, (message.clone(), None));
        true
    }

    fn drop_before(&mut self, tenant: Option<&TenantId>, before: Timestamp) -> u64 {
        let old = |key: &(TenantId, MessageId), row: &MessageRow| match self.consumed.get(key) {
            Some(at) => *at < before,
            None => row.expires_at.is_some_and(|at| at < before),
        };
        let own = self.kept.iter();
        let own = own.filter(|((owner, _), _)| tenant.is_none_or(|only| only == owner));
        let gone: Vec<_> = own
            .filter(|(key, (row, _))| old(key, row))
            .map(|(key, _)| key.clone())
            .take(MOST_DROPPED)
            .collect();
        for key in &gone {
            self.consumed.remove(key);
            if let Some((row, _)) = self.kept.remove(key) {
                self.waiting.remove(&place(&row));
            }
        }
        u64::try_from(gone.len()).unwrap_or(u64::MAX)
    }

    fn waiting(&self, tenant: &TenantId, name: &str, key: &str, now: Timestamp) -> Vec<MessageRow> {
        let first = (
            tenant.clone(),
            name.to_owned(),
            key.to_owned(),
            Timestamp::MIN,
            MessageId::from(""),
        );
        self.waiting
            .range(first..)
            .take_while(|(owner, its_name, its_key, ..)| {
                (owner, its_name.as_str(), its_key.as_str()) == (tenant, name, key)
            })
            .filter_map(|(tenant, _, _, _, id)| self.get(tenant, id))
            .map(|(message, _)| message)
            .filter(|message| message.expires_at.is_none_or(|at| at > now))
            .take(MOST)
            .cloned()
            .collect()
    }
}

fn place(message: &MessageRow) -> (TenantId, String, String, Timestamp, MessageId) {
    (
        message.tenant.clone(),
        message.name.clone(),
        message.key.clone(),
        message.sent_at,
        message.id.clone(),
    )
}

#[async_trait]
impl Messages for MemoryStore {
    async fn message_add(&self, message: &MessageRow) -> Result<bool> {
        Ok(self.books().messages.add(message))
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageRow>> {
        Ok(self.books().messages.waiting(tenant, name, key, now))
    }

    async fn message(
        &self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Result<Option<(MessageRow, Option<InstanceId>)>> {
        Ok(self.books().messages.get(tenant, id).cloned())
    }

    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        Ok(self.books().messages.drop_before(tenant, before))
    }

    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>> {
        Ok(self.books().subscriptions.read(filter))
    }
}
