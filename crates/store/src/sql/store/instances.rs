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
    sql::{Bound, Driver, Failed, Written, cannot, commit, read::loaded, statements},
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
        let write = async |statements| self.write(statements).await;
        committed(self, changes, write).await
    }

    async fn commit_for_job(&self, changes: &[Rows]) -> Result<()> {
        let write = async |statements| self.write_for_job(statements).await;
        committed(self, changes, write).await
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

/// Commits changes by `write`, or the only one together with those of others.
async fn committed<D: Driver>(
    driver: &D,
    changes: &[Rows],
    write: impl AsyncFnOnce(Vec<Bound>) -> std::result::Result<Written, Failed>,
) -> Result<()> {
    if let Some(group_commit) = driver.group_commit()
        && let Some(change) = commit::joint(changes)?
    {
        let alone = async |bound| write(vec![bound]).await;
        let done = group_commit.commit(change, alone).await;
        return done.map_err(cannot("commit"));
    }
    let capabilities = Driver::capabilities(driver);
    let statements = commit::statements(driver.dialect(), capabilities, changes)?;
    if !statements.is_empty() {
        write(statements).await.map_err(cannot("commit"))?;
    }
    Ok(())
}
