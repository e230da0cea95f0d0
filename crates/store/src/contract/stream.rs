//! What happened in a tenant, in one order that never changes.

use async_trait::async_trait;
use signoff_core::{
    change::HistoryRow,
    id::{InstanceId, TenantId},
};

use crate::error::Result;

/// An entry of a history, with its place among all of its tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Positioned {
    /// From 1, and never another one.
    pub position: u64,
    /// The entry.
    pub entry: HistoryRow,
}

/// Which entries are read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct EntryFilter {
    /// Only those behind this position; 0 for all.
    pub after: u64,
    /// Only those of this instance.
    pub instance: Option<InstanceId>,
}

/// Reading what happened in a tenant, by position.
///
/// The entries of a tenant have the positions 1, 2, 3 and so on, without gap. An entry gets its position
/// after it was committed, by whoever reads next: so it never stands before one that was read already,
/// however long its transaction took, and whoever remembers the last position that it read misses
/// nothing. Positions are never changed and never given twice. Of one instance a later entry has a
/// greater one; of several, those that were numbered together stand by moment.
#[async_trait]
pub trait Stream {
    /// The next entries, by position, at most `limit` of them; fewer only when no others were
    /// committed before the call. Those that have no position yet get one first.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        limit: u32,
    ) -> Result<Vec<Positioned>>;

    /// The position of the last entry that was committed before the call; 0 when there is none. Whoever
    /// reads from there on reads what is still to happen.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn last_position(&self, tenant: &TenantId) -> Result<u64>;
}
