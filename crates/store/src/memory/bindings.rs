//! Bindings in memory.

use async_trait::async_trait;
use signoff_core::id::TenantId;

use crate::{
    contract::{BindingRow, Bindings},
    error::Result,
    memory::MemoryStore,
};

#[async_trait]
impl Bindings for MemoryStore {
    async fn bindings(&self, tenant: &TenantId) -> Result<Vec<BindingRow>> {
        let books = self.books();
        let all = books.bindings.iter().filter(|((of, _), _)| of == tenant);
        Ok(all.map(|(_, row)| row.clone()).collect())
    }

    async fn binding(&self, tenant: &TenantId, subject_type: &str) -> Result<Option<BindingRow>> {
        let key = (tenant.clone(), subject_type.to_owned());
        Ok(self.books().bindings.get(&key).cloned())
    }

    async fn binding_put(&self, tenant: &TenantId, row: &BindingRow) -> Result<()> {
        let key = (tenant.clone(), row.subject_type.clone());
        self.books().bindings.insert(key, row.clone());
        Ok(())
    }

    async fn binding_drop(&self, tenant: &TenantId, subject_type: &str) -> Result<bool> {
        let key = (tenant.clone(), subject_type.to_owned());
        Ok(self.books().bindings.remove(&key).is_some())
    }
}
