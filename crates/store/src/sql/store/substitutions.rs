//! Substitutions.

use async_trait::async_trait;
use signoff_core::id::{SubstitutionId, TenantId};

use super::Calls as _;
use crate::{
    contract::{SubstitutionFilter, SubstitutionRow, Substitutions},
    error::Result,
    sql::{Driver, read::substitution_row, statements},
};

#[async_trait]
impl<D: Driver> Substitutions for D {
    async fn substitutions(
        &self,
        tenant: &TenantId,
        filter: &SubstitutionFilter,
    ) -> Result<Vec<SubstitutionRow>> {
        let bound = statements::substitutions(tenant, filter);
        let rows = self.rows("list substitutions", bound).await?;
        rows.into_iter().map(substitution_row).collect()
    }

    async fn substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<Option<SubstitutionRow>> {
        let bound = statements::substitution(tenant, id);
        let row = self.row("read a substitution", bound).await?;
        row.map(substitution_row).transpose()
    }

    async fn substitution_put(&self, tenant: &TenantId, row: &SubstitutionRow) -> Result<()> {
        let put = statements::put_substitution(tenant, row);
        self.change("write a substitution", vec![put]).await?;
        Ok(())
    }

    async fn substitution_drop(&self, tenant: &TenantId, id: SubstitutionId) -> Result<bool> {
        let drop = statements::drop_substitution(tenant, id);
        Ok(self.change("drop a substitution", vec![drop]).await? > 0)
    }
}
