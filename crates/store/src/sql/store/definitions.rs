//! Definitions.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use super::Calls as _;
use crate::{
    contract::{DefinitionRow, Definitions, Published, StartsOf, WorkflowChange, WorkflowRow},
    error::Result,
    sql::{
        Connection, Dialect, Driver, Failed, Transaction,
        read::{definition_row, workflow_row},
        statements,
    },
};

/// Publishes one document inside an open transaction.
async fn publish(
    connection: &mut dyn Connection,
    tenant: &TenantId,
    row: &DefinitionRow,
) -> Result<Published> {
    let mut latest = newest(connection, tenant, row).await?;
    if latest.is_none() {
        let add = statements::add_workflow(tenant, &row.workflow);
        connection.write(&add).await.map_err(failed)?;
        latest = newest(connection, tenant, row).await?;
    }
    let (latest, hash) = latest.unwrap_or_default();
    if hash.as_ref() == Some(&row.hash) {
        return Ok(Published::Same(latest));
    }
    let version = latest.saturating_add(1);
    for bound in statements::publish(tenant, row, version) {
        connection.write(&bound).await.map_err(failed)?;
    }
    Ok(Published::New(version))
}

/// The newest version of a workflow and its hash, which nobody else changes meanwhile; none when
/// the workflow was never heard of.
async fn newest(
    connection: &mut dyn Connection,
    tenant: &TenantId,
    row: &DefinitionRow,
) -> Result<Option<(u32, Option<String>)>> {
    if connection.dialect() != Dialect::Sqlite {
        // A statement of its own: what comes after it sees what was written before the lock was had.
        let lock = statements::lock_workflow(tenant, &row.workflow);
        if connection.read(&lock).await.map_err(failed)?.is_empty() {
            // Whoever has made it since then is not waited for: it is not seen either.
            return Ok(None);
        }
    }
    let latest = statements::latest(tenant, &row.workflow);
    let found = connection.read(&latest).await.map_err(failed)?.pop();
    found
        .map(|mut found| Ok((found.number()?, found.text_or_none()?)))
        .transpose()
}

/// Writes the starts that come by themselves, inside an open transaction.
async fn schedule(
    connection: &mut dyn Connection,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    rows: &[(String, Timestamp)],
) -> Result<()> {
    for bound in statements::set_schedules(tenant, workflow, rows)? {
        connection.write(&bound).await.map_err(failed)?;
    }
    Ok(())
}

fn failed(failed: Failed) -> crate::error::Error {
    failed.into_error("publish")
}

#[async_trait]
impl<D: Driver> Definitions for D {
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
        starts: &[StartsOf],
    ) -> Result<Vec<Published>> {
        let mut transaction = self.open().await.map_err(failed)?;
        let mut published = Vec::with_capacity(definitions.len());
        for row in definitions {
            published.push(publish(&mut transaction, tenant, row).await?);
        }
        for StartsOf { workflow, rows } in starts {
            schedule(&mut transaction, tenant, workflow, rows).await?;
        }
        Box::new(transaction).finish().await.map_err(failed)?;
        Ok(published)
    }

    async fn publish_draft(
        &self,
        tenant: &TenantId,
        definition: &DefinitionRow,
        starts: &[(String, Timestamp)],
        revision: u64,
    ) -> Result<Option<Published>> {
        let mut transaction = self.open().await.map_err(failed)?;
        let mut dropped = 0;
        for bound in statements::drop_draft(tenant, &definition.workflow, revision)? {
            dropped = transaction.write(&bound).await.map_err(failed)?.changed;
        }
        if dropped == 0 {
            return Ok(None);
        }
        let published = publish(&mut transaction, tenant, definition).await?;
        schedule(&mut transaction, tenant, &definition.workflow, starts).await?;
        Box::new(transaction).finish().await.map_err(failed)?;
        Ok(Some(published))
    }

    async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<DefinitionRow>> {
        let bound = statements::definition(tenant, workflow, version);
        let row = self.row("read a definition", bound).await?;
        row.map(|row| definition_row(workflow, row)).transpose()
    }

    async fn definition_as_of(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        published: Timestamp,
    ) -> Result<Option<DefinitionRow>> {
        let bound = statements::definition_as_of(tenant, workflow, published);
        let row = self.row("read a definition", bound).await?;
        row.map(|row| definition_row(workflow, row)).transpose()
    }

    async fn workflow(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>> {
        let bound = statements::workflow(tenant, key);
        let row = self.row("read a workflow", bound).await?;
        row.map(workflow_row).transpose()
    }

    async fn workflows(&self, tenant: &TenantId) -> Result<Vec<WorkflowRow>> {
        let bound = statements::workflows(tenant);
        let rows = self.rows("list the workflows", bound).await?;
        rows.into_iter().map(workflow_row).collect()
    }

    async fn workflow_change(
        &self,
        tenant: &TenantId,
        key: &WorkflowKey,
        change: &WorkflowChange,
    ) -> Result<bool> {
        let change = statements::change_workflow(tenant, key, change);
        Ok(self.change("change a workflow", vec![change]).await? > 0)
    }

    async fn workflow_drop(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<bool> {
        let mut drop = statements::drop_workflow(tenant, key);
        let may_lock = Driver::capabilities(self).advisory_lock;
        if may_lock && self.dialect() == Dialect::Postgres {
            drop.insert(0, statements::lock_starts());
        }
        Ok(self.change("drop a workflow", drop).await? > 0)
    }
}
