//! Bindings.

use async_trait::async_trait;
use signoff_core::id::TenantId;
use signoff_store::{
    BindingRow, Bindings, Result,
    sql::{read::binding_row, sqlite},
};

use super::{SqliteStore, columns::Columns};

#[async_trait]
impl Bindings for SqliteStore {
    async fn bindings(&self, tenant: &TenantId) -> Result<Vec<BindingRow>> {
        let all = sqlite::bindings(tenant);
        let rows = self.read("list bindings", all).await?;
        rows.iter().map(Columns::of).map(binding_row).collect()
    }

    async fn binding(&self, tenant: &TenantId, subject_type: &str) -> Result<Option<BindingRow>> {
        let one = sqlite::binding(tenant, subject_type);
        let rows = self.read("read a binding", one).await?;
        rows.first().map(Columns::of).map(binding_row).transpose()
    }

    async fn binding_put(&self, tenant: &TenantId, row: &BindingRow) -> Result<()> {
        let put = sqlite::put_binding(tenant, row);
        self.writer()
            .write("write a binding", vec![put.into()])
            .await?;
        Ok(())
    }

    async fn binding_drop(&self, tenant: &TenantId, subject_type: &str) -> Result<bool> {
        let drop = sqlite::drop_binding(tenant, subject_type);
        let dropped = self
            .writer()
            .write("drop a binding", vec![drop.into()])
            .await?;
        Ok(dropped > 0)
    }
}
