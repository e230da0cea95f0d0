//! A transaction of the engine's own.

use std::any::Any;

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};
use signoff_store::{Load, Loaded, OwnedTx, Result, UnitOfWork};

use super::{commit, load, loan::Loan};

/// A transaction on the writer's connection, which nobody else uses meanwhile.
#[derive(Debug)]
pub(super) struct SqliteTx {
    loan: Loan,
    /// What `host` gives if the connection is gone, which no path leads to.
    nothing: (),
}

impl SqliteTx {
    pub(super) const fn new(loan: Loan) -> Self {
        Self { loan, nothing: () }
    }
}

#[async_trait]
impl UnitOfWork for SqliteTx {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        load::load(self.loan.connection()?, load)
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        load::running(self.loan.connection()?, tenant, workflow, subject)
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        load::turn(self.loan.connection()?, tenant, pool, members)
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        commit::commit(self.loan.connection()?, changes)
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        match self.loan.connection() {
            Ok(connection) => connection,
            Err(_) => &mut self.nothing,
        }
    }
}

#[async_trait]
impl OwnedTx for SqliteTx {
    async fn finish(self: Box<Self>) -> Result<()> {
        self.loan.finish().await
    }
}
