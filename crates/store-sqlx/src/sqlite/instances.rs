//! Loading and committing.

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Instances, Load, Loaded, OwnedTx, Result};

use super::{SqliteStore, commit, load, transaction::SqliteTx};

#[async_trait]
impl Instances for SqliteStore {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        load::load(self.readers(), load).await
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        self.writer()
            .write("commit", commit::statements(changes)?)
            .await?;
        Ok(())
    }

    async fn begin(&self) -> Result<Box<dyn OwnedTx>> {
        let loan = self.writer().borrow().await?;
        Ok(Box::new(SqliteTx::begin(loan).await?))
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        load::running(self.readers(), tenant, workflow, subject).await
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        load::turn(
            self.writer().borrow().await?.connection()?,
            tenant,
            pool,
            members,
        )
        .await
    }
}
