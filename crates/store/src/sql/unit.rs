//! A part in a transaction, over any driver's connection.

use std::any::Any;

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};

use crate::{
    contract::{Load, Loaded, OwnedTx, UnitOfWork},
    error::{Error, ErrorKind, Result},
    sql::{Connection, Dialect, Failed, Row, Transaction, commit, read::loaded, statements},
};

#[async_trait]
impl<C: Connection> UnitOfWork for C {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        let what = "load an instance";
        // SQLite has one writer, and the transaction is it.
        if self.dialect() != Dialect::Sqlite {
            let lock = statements::lock_instance(load);
            if let Err(failed) = self.read(&lock).await {
                return Err(self.error(what, failed));
            }
        }
        let rows = self.read(&statements::load(load)).await;
        let rows = rows.map_err(|failed| self.error(what, failed))?;
        loaded(&load.tenant, rows)
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let bound = statements::running(tenant, workflow, subject);
        let rows = self.read(&bound).await;
        let rows = rows.map_err(|failed| self.error("find the running instance", failed))?;
        let row = rows.into_iter().next();
        row.map(|mut row| row.id().map(InstanceId::new)).transpose()
    }

    async fn keyed(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        let bound = statements::keyed(tenant, workflow, key);
        let rows = self.read(&bound).await;
        let rows = rows.map_err(|failed| self.error("find the business key", failed))?;
        let row = rows.into_iter().next();
        row.map(|mut row| row.id().map(InstanceId::new)).transpose()
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        let row = take_turn(self, tenant, pool, &statements::members(members)?).await;
        let row = row.map_err(|failed| self.error("take a turn", failed))?;
        let mut row = row.ok_or_else(|| {
            Error::new(ErrorKind::Other, "a pool without members has no next turn")
        })?;
        row.text()
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        let statements = commit::statements(self.dialect(), self.capabilities(), changes)?;
        if statements.is_empty() {
            return Ok(());
        }
        let done = commit::run_all(self, &statements).await;
        done.map_err(|failed| self.error("commit", failed))
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        self.driver()
    }
}

#[async_trait]
impl<T: Transaction + 'static> OwnedTx for T {
    async fn finish(self: Box<Self>) -> Result<()> {
        let done = Transaction::finish(self).await;
        done.map_err(|failed| failed.into_error("commit a transaction"))
    }
}

/// Counts the next turn of a pool; the row that names its member, none when there are no members.
async fn take_turn<C: Connection>(
    connection: &mut C,
    tenant: &TenantId,
    pool: &str,
    members: &str,
) -> std::result::Result<Option<Row>, Failed> {
    if connection.dialect() == Dialect::Sqlite {
        let take = statements::take_turn(tenant, pool, members);
        return Ok(connection.write(&take).await?.rows.pop());
    }
    // Whoever counts the pool first is the only one to see its turns until the transaction ends.
    connection
        .write(&statements::lock_pool(tenant, pool))
        .await?;
    let next = statements::next_turn(tenant, pool, members);
    let row = connection.read(&next).await?.pop();
    if let Some(mut row) = row.clone()
        && let Ok(member) = row.text::<String>()
    {
        let count = statements::count_turn(tenant, pool, &member);
        connection.write(&count).await?;
    }
    Ok(row)
}
