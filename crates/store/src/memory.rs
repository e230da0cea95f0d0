//! The contract in memory: for tests, scenarios and the first minutes.

mod actions;
mod bindings;
mod books;
mod check;
mod definitions;
mod drafts;
mod files;
mod jobs;
mod messages;
mod queries;
mod requests;
mod schedules;
mod statistics;
mod stream;
mod subscriptions;
mod substitutions;
mod task_lists;
mod transaction;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};

use crate::{
    contract::{Capabilities, Instances, Load, Loaded, OwnedTx, Store},
    error::Result,
    memory::{books::Books, transaction::MemoryTx},
};

/// A store in memory; it ends with the process.
///
/// A clone is another handle of the same store. A call costs in proportion to what it changes or
/// gives. Transactions are optimistic: they see what was committed before each of their loads, and
/// finishing one fails with `Conflict` when somebody else changed the same instance meanwhile.
#[derive(Clone, Default)]
pub struct MemoryStore {
    books: Arc<Mutex<Books>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The books; a call that panicked has not half written them, since checks come before writes.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            ..Capabilities::NONE
        }
    }
}

#[async_trait]
impl Instances for MemoryStore {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        Ok(self.books().load(load))
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        self.books().commit(changes)
    }

    async fn begin(&self, _tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        Ok(Box::new(MemoryTx::new(self.clone())))
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        Ok(self
            .books()
            .running(tenant, workflow, subject, |_| true)
            .map(|row| row.id))
    }

    async fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        Ok(self
            .books()
            .keyed(tenant, workflow, key, |_| true)
            .map(|row| row.id))
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        self.books().turn(tenant, pool, members)
    }
}
