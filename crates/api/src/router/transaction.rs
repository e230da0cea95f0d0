//! A transaction in the store of one tenant.

use std::any::Any;

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Error, ErrorKind, Load, Loaded, OwnedTx, Result, UnitOfWork};

/// A transaction of one tenant; what names another is an error.
pub(super) struct TenantTx {
    pub(super) tenant: TenantId,
    pub(super) tx: Box<dyn OwnedTx>,
}

impl TenantTx {
    fn check(&self, tenant: &TenantId) -> Result<()> {
        same(&self.tenant, tenant)
    }
}

/// The tenant of the changes, `None` without changes.
pub(super) fn one_tenant(changes: &[Rows]) -> Result<Option<&TenantId>> {
    let mut tenants = changes.iter().map(|rows| &rows.instance.tenant);
    let Some(first) = tenants.next() else {
        return Ok(None);
    };
    for other in tenants {
        same(first, other)?;
    }
    Ok(Some(first))
}

fn same(one: &TenantId, other: &TenantId) -> Result<()> {
    if one == other {
        return Ok(());
    }
    let message = format!("one transaction is of one tenant, and this names `{one}` and `{other}`");
    Err(Error::new(ErrorKind::Other, message))
}

#[async_trait]
impl UnitOfWork for TenantTx {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        self.check(&load.tenant)?;
        self.tx.load(load).await
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        self.check(tenant)?;
        self.tx.running(tenant, workflow, subject).await
    }

    async fn keyed(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        self.check(tenant)?;
        self.tx.keyed(tenant, workflow, key).await
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        self.check(tenant)?;
        self.tx.turn(tenant, pool, members).await
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        if let Some(tenant) = one_tenant(changes)? {
            self.check(tenant)?;
        }
        self.tx.commit(changes).await
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        self.tx.host()
    }
}

#[async_trait]
impl OwnedTx for TenantTx {
    async fn finish(self: Box<Self>) -> Result<()> {
        self.tx.finish().await
    }
}
