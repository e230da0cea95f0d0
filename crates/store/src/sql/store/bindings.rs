//! Bindings.

use async_trait::async_trait;
use signoff_core::id::TenantId;

use super::Calls as _;
use crate::{
    contract::{BindingRow, Bindings},
    error::Result,
    sql::{Driver, read::binding_row, statements},
};

#[async_trait]
impl<D: Driver> Bindings for D {
    async fn bindings(&self, tenant: &TenantId) -> Result<Vec<BindingRow>> {
        let bound = statements::bindings(tenant);
        let rows = self.rows("list bindings", bound).await?;
        rows.into_iter().map(binding_row).collect()
    }

    async fn binding(&self, tenant: &TenantId, subject_type: &str) -> Result<Option<BindingRow>> {
        let bound = statements::binding(tenant, subject_type);
        let row = self.row("read a binding", bound).await?;
        row.map(binding_row).transpose()
    }

    async fn binding_put(&self, tenant: &TenantId, row: &BindingRow) -> Result<()> {
        let put = statements::put_binding(tenant, row);
        self.change("write a binding", vec![put]).await?;
        Ok(())
    }

    async fn binding_drop(&self, tenant: &TenantId, subject_type: &str) -> Result<bool> {
        let drop = statements::drop_binding(tenant, subject_type);
        Ok(self.change("drop a binding", vec![drop]).await? > 0)
    }
}
