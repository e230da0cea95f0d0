//! Loading and committing.

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Instances, Load, Loaded, OwnedTx, Result, sql::read::loaded};

use super::{
    SqliteStore, commit,
    load::{CANNOT_FIND, CANNOT_LOAD, CANNOT_TURN, finding, found, loading, turned, turning},
    transaction::SqliteTx,
};

#[async_trait]
impl Instances for SqliteStore {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        let rows = self.readers().rows(CANNOT_LOAD, loading(load)).await?;
        loaded(&load.tenant, rows)
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        self.writer()
            .write("commit", commit::statements(changes)?)
            .await?;
        Ok(())
    }

    async fn begin(&self) -> Result<Box<dyn OwnedTx>> {
        Ok(Box::new(SqliteTx::new(self.writer().begin().await?)))
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let statement = finding(tenant, workflow, subject);
        found(self.readers().rows(CANNOT_FIND, statement).await?)
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        let statement = turning(tenant, pool, members)?;
        turned(
            self.writer()
                .write(CANNOT_TURN, vec![statement])
                .await?
                .rows,
        )
    }
}
