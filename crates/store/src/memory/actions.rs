//! Stored actions in memory.

use async_trait::async_trait;
use signoff_core::id::{ActionId, TenantId, WorkflowKey};

use crate::{
    contract::{ActionRow, Actions},
    error::Result,
    memory::MemoryStore,
};

#[async_trait]
impl Actions for MemoryStore {
    async fn actions(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Vec<ActionRow>> {
        let books = self.books();
        let all = books.actions.iter();
        let of = all.filter(|((owner, _), row)| owner == tenant && row.workflow == *workflow);
        Ok(of.map(|(_, row)| row.clone()).collect())
    }

    async fn action(&self, tenant: &TenantId, id: ActionId) -> Result<Option<ActionRow>> {
        Ok(self.books().actions.get(&(tenant.clone(), id)).cloned())
    }

    async fn action_put(&self, tenant: &TenantId, row: &ActionRow) -> Result<()> {
        let key = (tenant.clone(), row.id);
        self.books().actions.insert(key, row.clone());
        Ok(())
    }

    async fn action_drop(&self, tenant: &TenantId, id: ActionId) -> Result<bool> {
        let dropped = self.books().actions.remove(&(tenant.clone(), id));
        Ok(dropped.is_some())
    }
}
