//! Drafts.

use async_trait::async_trait;
use signoff_core::id::{TenantId, WorkflowKey};

use super::Calls as _;
use crate::{
    contract::{DraftRow, Drafts},
    error::Result,
    sql::{Driver, read::draft_row, statements},
};

#[async_trait]
impl<D: Driver> Drafts for D {
    async fn draft(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Option<DraftRow>> {
        let bound = statements::draft(tenant, workflow);
        let row = self.row("read a draft", bound).await?;
        row.map(|row| draft_row(workflow, row)).transpose()
    }

    async fn draft_edits(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<u64> {
        let bound = statements::draft_edits(tenant, workflow);
        let row = self.row("count the edits of a draft", bound).await?;
        row.map_or(Ok(0), |mut row| row.number())
    }

    async fn draft_save(&self, tenant: &TenantId, row: &DraftRow, title: &str) -> Result<bool> {
        let save = statements::save_draft(tenant, row, title)?;
        Ok(self.change("write a draft", save).await? > 0)
    }

    async fn draft_drop(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        revision: u64,
    ) -> Result<bool> {
        let drop = statements::drop_draft(tenant, workflow, revision)?;
        Ok(self.change("drop a draft", drop.to_vec()).await? > 0)
    }
}
