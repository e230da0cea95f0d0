//! Transactions, the engine's own and the host's.

use std::any::Any;

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};

use crate::{
    contract::{Load, Loaded},
    error::Result,
};

/// An open transaction: the engine's own, or one that the host holds and lends.
#[async_trait]
pub trait UnitOfWork: Send {
    /// As [`Instances::load`](crate::Instances::load), inside the transaction; takes the row lock
    /// where the database has one.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>>;

    /// As [`Instances::running`](crate::Instances::running), inside the transaction.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>>;

    /// As [`Instances::keyed`](crate::Instances::keyed), inside the transaction.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn keyed(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>>;

    /// As [`Instances::turn`](crate::Instances::turn), inside the transaction.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId>;

    /// Writes every change whole, in order, or none of them; on an error nothing of them stays, and
    /// the transaction can go on.
    ///
    /// # Errors
    /// `Conflict` when a version is not the expected one, a unique key is taken, or a message is
    /// consumed already.
    async fn commit(&mut self, changes: &[Rows]) -> Result<()>;

    /// The open connection, by type: what a host's function downcasts to write its own tables.
    fn host(&mut self) -> &mut (dyn Any + Send);
}

/// A transaction that the engine began. Dropping it rolls back.
#[async_trait]
pub trait OwnedTx: UnitOfWork {
    /// Commits.
    ///
    /// # Errors
    /// `Unavailable`, `Conflict`, `Other`: nothing was written.
    async fn finish(self: Box<Self>) -> Result<()>;
}
