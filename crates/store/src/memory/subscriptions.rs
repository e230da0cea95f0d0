//! Subscriptions in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use jiff::Timestamp;
use signoff_core::{
    change::{SubscriptionKind, SubscriptionRow},
    id::{ActivationId, TenantId},
};

use crate::contract::SubscriberFilter;

/// A place in a list of those who wait for one thing: of any key where it is `None`.
type Place = (
    TenantId,
    SubscriptionKind,
    String,
    Option<String>,
    Timestamp,
    ActivationId,
);

/// Every subscription, listed by its name and once more by its key.
#[derive(Clone, Debug, Default)]
pub(super) struct SubscriptionBook {
    rows: BTreeMap<(TenantId, ActivationId), SubscriptionRow>,
    lists: BTreeSet<Place>,
}

impl SubscriptionBook {
    /// Adds a subscription, in place of the one that its activation has.
    pub(super) fn put(&mut self, row: SubscriptionRow) {
        self.drop(&row.tenant, row.activation);
        self.lists.extend(places(&row));
        self.rows.insert((row.tenant.clone(), row.activation), row);
    }

    pub(super) fn drop(&mut self, tenant: &TenantId, activation: ActivationId) {
        if let Some(row) = self.rows.remove(&(tenant.clone(), activation)) {
            for place in places(&row) {
                self.lists.remove(&place);
            }
        }
    }

    pub(super) fn read(&self, filter: &SubscriberFilter) -> Vec<SubscriptionRow> {
        let at = |since, activation| -> Place {
            let (tenant, name) = (filter.tenant.clone(), filter.name.clone());
            let key = filter.key.clone();
            (tenant, filter.kind, name, key, since, activation)
        };
        let nil = ActivationId::new(uuid::Uuid::nil());
        let (since, activation) = filter.after.unwrap_or((Timestamp::MIN, nil));
        let last = at(filter.until, ActivationId::new(uuid::Uuid::max()));
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        self.lists
            .range((Bound::Excluded(at(since, activation)), Bound::Unbounded))
            .take_while(|place| **place <= last)
            .take(limit)
            .filter_map(|(tenant, _, _, _, _, activation)| {
                self.rows.get(&(tenant.clone(), *activation)).cloned()
            })
            .collect()
    }
}

fn places(row: &SubscriptionRow) -> [Place; 2] {
    [None, Some(row.key.clone())].map(|key| {
        let (tenant, name) = (row.tenant.clone(), row.name.clone());
        (tenant, row.kind, name, key, row.since, row.activation)
    })
}
