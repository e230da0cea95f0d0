//! Loading and committing.

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};

use super::Calls as _;
use crate::{
    contract::{Instances, Load, Loaded, OwnedTx},
    error::Result,
    sql::{Driver, cannot, commit, read::loaded, statements},
};

#[async_trait]
impl<D: Driver> Instances for D {
    async fn load(&self, load: &Load) -> Result<Option<Loaded>> {
        let rows = self
            .rows("load an instance", statements::load(load))
            .await?;
        loaded(&load.tenant, rows)
    }

    async fn commit_now(&self, changes: &[Rows]) -> Result<()> {
        if let Some(group_commit) = self.group_commit()
            && let Some(change) = commit::joint(changes)?
        {
            let alone = async |bound| self.write(vec![bound]).await;
            return group_commit
                .commit(change, alone)
                .await
                .map_err(cannot("commit"));
        }
        let statements = commit::statements(self.dialect(), Driver::capabilities(self), changes)?;
        if !statements.is_empty() {
            self.write(statements).await.map_err(cannot("commit"))?;
        }
        Ok(())
    }

    async fn commit_for_job(&self, changes: &[Rows]) -> Result<()> {
        let statements = commit::statements(self.dialect(), Driver::capabilities(self), changes)?;
        if !statements.is_empty() {
            let written = self.write_for_job(statements).await;
            written.map_err(cannot("commit"))?;
        }
        Ok(())
    }

    async fn begin(&self, _tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        let transaction = self.open().await.map_err(cannot("begin a transaction"))?;
        Ok(Box::new(transaction))
    }

    async fn begin_for_job(&self, _tenant: &TenantId) -> Result<Box<dyn OwnedTx>> {
        let transaction = self.open_for_job().await;
        Ok(Box::new(
            transaction.map_err(cannot("begin a transaction"))?,
        ))
    }

    async fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let bound = statements::running(tenant, workflow, subject);
        let row = self.row("find the running instance", bound).await?;
        row.map(|mut row| row.id().map(InstanceId::new)).transpose()
    }

    async fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        let bound = statements::keyed(tenant, workflow, key);
        let row = self.row("find the business key", bound).await?;
        row.map(|mut row| row.id().map(InstanceId::new)).transpose()
    }

    async fn turn(&self, tenant: &TenantId, pool: &str, members: &[PersonId]) -> Result<PersonId> {
        let mut transaction = self.begin(tenant).await?;
        let member = transaction.turn(tenant, pool, members).await?;
        transaction.finish().await?;
        Ok(member)
    }
}
