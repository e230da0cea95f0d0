//! Drafts.

use async_trait::async_trait;
use signoff_core::id::{TenantId, WorkflowKey};
use signoff_store::{
    DraftRow, Drafts, Result,
    sql::{Cells, read::draft_row, sqlite},
};

use super::SqliteStore;

#[async_trait]
impl Drafts for SqliteStore {
    async fn draft(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Option<DraftRow>> {
        let draft = sqlite::draft(tenant, workflow);
        let row = self.readers().row("read a draft", draft).await?;
        row.map(|row| draft_row(workflow, row)).transpose()
    }

    async fn draft_edits(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<u64> {
        let edits = sqlite::draft_edits(tenant, workflow);
        let row = self
            .readers()
            .row("count the edits of a draft", edits)
            .await?;
        Ok(row.map(|mut row| row.number()).transpose()?.unwrap_or(0))
    }

    async fn draft_save(&self, tenant: &TenantId, row: &DraftRow, title: &str) -> Result<bool> {
        let save = sqlite::save_draft(tenant, row, title)?;
        let save = save.into_iter().map(Into::into).collect();
        let changed = self.writer().write("write a draft", save).await?;
        Ok(changed.changed > 0)
    }

    async fn draft_drop(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        revision: u64,
    ) -> Result<bool> {
        let drop = sqlite::drop_draft(tenant, workflow, revision)?;
        let drop = drop.into_iter().map(Into::into).collect();
        let changed = self.writer().write("drop a draft", drop).await?;
        Ok(changed.changed > 0)
    }
}
