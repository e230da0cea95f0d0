//! Drafts in memory.

use async_trait::async_trait;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::{DraftRow, Drafts},
    error::Result,
    memory::{MemoryStore, books::Books},
};

impl Books {
    fn edits(&self, key: &(TenantId, WorkflowKey)) -> u64 {
        let row = self.workflows.get(key).map(|row| row.edits);
        row.or_else(|| self.dropped.get(key).map(|(_, edits)| *edits))
            .unwrap_or(0)
    }

    pub(super) fn draft_drop(&mut self, key: &(TenantId, WorkflowKey), revision: u64) -> bool {
        let draft = self.drafts.get(key);
        if draft.is_none_or(|row| row.revision != revision) {
            return false;
        }
        self.drafts.remove(key);
        if let Some(workflow) = self.workflows.get_mut(key) {
            workflow.edits += 1;
            workflow.has_draft = false;
        }
        true
    }
}

#[async_trait]
impl Drafts for MemoryStore {
    async fn draft(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Option<DraftRow>> {
        let key = (tenant.clone(), workflow.clone());
        Ok(self.books().drafts.get(&key).cloned())
    }

    async fn draft_edits(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<u64> {
        Ok(self.books().edits(&(tenant.clone(), workflow.clone())))
    }

    async fn draft_save(&self, tenant: &TenantId, row: &DraftRow, title: &str) -> Result<bool> {
        let mut books = self.books();
        let key = (tenant.clone(), row.workflow.clone());
        if books.edits(&key).checked_add(1) != Some(row.revision) {
            return Ok(false);
        }
        let workflow = books.workflow_or_new(&key);
        workflow.edits = row.revision;
        workflow.has_draft = true;
        if workflow.latest == 0 {
            title.clone_into(&mut workflow.title);
        }
        books.drafts.insert(key, row.clone());
        Ok(true)
    }

    async fn draft_drop(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        revision: u64,
    ) -> Result<bool> {
        let key = (tenant.clone(), workflow.clone());
        Ok(self.books().draft_drop(&key, revision))
    }
}
