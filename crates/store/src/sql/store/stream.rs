//! Positions of entries.

use async_trait::async_trait;
use signoff_core::id::TenantId;

use super::Calls as _;
use crate::{
    contract::{EntryFilter, Positioned, Stream},
    error::Result,
    sql::{
        Driver, Transaction, cannot,
        read::{NewEntry, in_order, new_entry, positioned},
        statements,
    },
};

/// How many entries are numbered at once, at most.
const BATCH: u32 = 1_000;
const WHAT: &str = "number what happened";

/// Numbers entries that have no position, if there are any; how many.
async fn number<D: Driver>(driver: &D, tenant: &TenantId) -> Result<usize> {
    if driver
        .row(WHAT, statements::is_new(tenant))
        .await?
        .is_none()
    {
        return Ok(0);
    }
    let mut transaction = driver.open().await.map_err(cannot(WHAT))?;
    let keys = number_in(&mut transaction, tenant).await?;
    Box::new(transaction).finish().await.map_err(cannot(WHAT))?;
    Ok(keys)
}

/// The same in a transaction. What it reads after it has the lock is what those before it left.
async fn number_in<T: Transaction>(transaction: &mut T, tenant: &TenantId) -> Result<usize> {
    let lock = statements::lock_sequence(tenant);
    transaction.write(&lock).await.map_err(cannot(WHAT))?;
    let last = transaction.read(&statements::last_position(tenant)).await;
    let last = last.map_err(cannot(WHAT))?.pop();
    let last = last.map_or(Ok(0), |mut row| row.number())?;
    let mut found = new_entries(transaction, tenant, None).await?;
    let mut keys = in_order(&found);
    if let (true, Some(first)) = (keys.is_empty(), found.pop()) {
        // All that were found come behind others, of later moments: a clock went back.
        found = new_entries(transaction, tenant, Some(first.instance)).await?;
        keys = in_order(&found);
    }
    if !keys.is_empty() {
        for statement in statements::number(tenant, last, &keys) {
            let written = transaction.write(&statement).await.map_err(cannot(WHAT))?;
            written.checked(&statement).map_err(cannot(WHAT))?;
        }
    }
    Ok(keys.len())
}

async fn new_entries<T: Transaction>(
    transaction: &mut T,
    tenant: &TenantId,
    instance: Option<signoff_core::id::InstanceId>,
) -> Result<Vec<NewEntry>> {
    let bound = statements::new_entries(tenant, instance, BATCH);
    let rows = transaction.read(&bound).await;
    let rows = rows.map_err(cannot(WHAT))?;
    rows.into_iter().map(new_entry).collect()
}

#[async_trait]
impl<D: Driver> Stream for D {
    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        limit: u32,
    ) -> Result<Vec<Positioned>> {
        loop {
            let numbered = number(self, tenant).await?;
            let bound = statements::entries(tenant, filter, limit);
            let rows = self.rows("read what happened", bound).await?;
            let is_full = rows.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
            if is_full || numbered == 0 {
                let entries = rows.into_iter().map(|row| positioned(tenant, row));
                return entries.collect();
            }
        }
    }

    async fn last_position(&self, tenant: &TenantId) -> Result<u64> {
        while number(self, tenant).await? > 0 {}
        let bound = statements::last_position(tenant);
        let row = self.row("read the last position", bound).await?;
        row.map_or(Ok(0), |mut row| row.number())
    }
}
