//! Definitions.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};
use signoff_store::{
    DefinitionRow, Definitions, Published, Result, StartsOf, WorkflowChange, WorkflowRow,
    sql::{
        Cells, nanos,
        read::{definition_row, workflow_row},
        sqlite::{
            self, DEFINITION, LATEST, NEW_DEFINITION, NEW_WORKFLOW, NEXT_VERSION, WORKFLOW,
            WORKFLOWS,
        },
    },
};
use sqlx::SqliteConnection;

use super::{SqliteStore, columns::Columns, error::cannot, statement::Statement};

/// Publishes one document inside an open transaction.
async fn publish(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    row: &DefinitionRow,
) -> Result<Published> {
    let failed = cannot("publish");
    let of_workflow = |sql| {
        Statement::new(sql)
            .bind(tenant.as_str())
            .bind(row.workflow.as_str())
    };
    let latest = of_workflow(LATEST)
        .row(&mut *connection)
        .await
        .map_err(&failed)?;
    let version = if let Some(latest) = latest {
        let mut columns = Columns::of(&latest);
        let version: u32 = columns.number()?;
        if columns.text_or_none::<String>()?.as_ref() == Some(&row.hash) {
            return Ok(Published::Same(version));
        }
        let version = version.saturating_add(1);
        let next = of_workflow(NEXT_VERSION)
            .bind(row.title.as_str())
            .bind(i64::from(version));
        next.run(&mut *connection).await.map_err(&failed)?;
        version
    } else {
        let new = of_workflow(NEW_WORKFLOW).bind(row.title.as_str());
        new.run(&mut *connection).await.map_err(&failed)?;
        1
    };
    of_workflow(NEW_DEFINITION)
        .bind(i64::from(version))
        .bind(row.hash.as_str())
        .bind(row.title.as_str())
        .bind(row.document.as_str())
        .bind(nanos(row.published_at))
        .run(connection)
        .await
        .map_err(&failed)?;
    Ok(Published::New(version))
}

/// Writes the starts that come by themselves, inside the caller's transaction.
async fn schedule(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    rows: &[(String, Timestamp)],
) -> Result<()> {
    for bound in sqlite::set_schedules(tenant, workflow, rows)? {
        let statement = Statement::from(bound);
        statement
            .run(&mut *connection)
            .await
            .map_err(cannot("publish"))?;
    }
    Ok(())
}

#[async_trait]
impl Definitions for SqliteStore {
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
        starts: &[StartsOf],
    ) -> Result<Vec<Published>> {
        let mut loan = self.writer().borrow().await?;
        loan.begin().await?;
        let mut published = Vec::with_capacity(definitions.len());
        for row in definitions {
            published.push(publish(loan.connection()?, tenant, row).await?);
        }
        for StartsOf { workflow, rows } in starts {
            schedule(loan.connection()?, tenant, workflow, rows).await?;
        }
        loan.finish().await?;
        Ok(published)
    }

    async fn publish_draft(
        &self,
        tenant: &TenantId,
        definition: &DefinitionRow,
        starts: &[(String, Timestamp)],
        revision: u64,
    ) -> Result<Option<Published>> {
        let mut loan = self.writer().borrow().await?;
        loan.begin().await?;
        let mut dropped = 0;
        for bound in sqlite::drop_draft(tenant, &definition.workflow, revision)? {
            let statement = Statement::from(bound);
            dropped = statement
                .run(loan.connection()?)
                .await
                .map_err(cannot("publish a draft"))?;
        }
        if dropped == 0 {
            return Ok(None);
        }
        let published = publish(loan.connection()?, tenant, definition).await?;
        schedule(loan.connection()?, tenant, &definition.workflow, starts).await?;
        loan.finish().await?;
        Ok(Some(published))
    }

    async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<DefinitionRow>> {
        let row = Statement::new(DEFINITION)
            .bind(tenant.as_str())
            .bind(workflow.as_str())
            .bind(version.map(i64::from))
            .row(self.readers())
            .await
            .map_err(cannot("read a definition"))?;
        row.map(|row| definition_row(workflow, Columns::of(&row)))
            .transpose()
    }

    async fn definition_as_of(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        published: Timestamp,
    ) -> Result<Option<DefinitionRow>> {
        let bound = sqlite::definition_as_of(tenant, workflow, published);
        let rows = self.read("read a definition", bound).await?;
        let row = rows.first().map(Columns::of);
        row.map(|row| definition_row(workflow, row)).transpose()
    }

    async fn workflow(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>> {
        let row = Statement::new(WORKFLOW)
            .bind(tenant.as_str())
            .bind(key.as_str())
            .row(self.readers())
            .await
            .map_err(cannot("read a workflow"))?;
        row.map(|row| workflow_row(Columns::of(&row))).transpose()
    }

    async fn workflows(&self, tenant: &TenantId) -> Result<Vec<WorkflowRow>> {
        let rows = Statement::new(WORKFLOWS)
            .bind(tenant.as_str())
            .rows(self.readers())
            .await
            .map_err(cannot("list the workflows"))?;
        rows.iter().map(Columns::of).map(workflow_row).collect()
    }

    async fn workflow_change(
        &self,
        tenant: &TenantId,
        key: &WorkflowKey,
        change: &WorkflowChange,
    ) -> Result<bool> {
        let change = sqlite::change_workflow(tenant, key, change).into();
        let changed = self
            .writer()
            .write("change a workflow", vec![change])
            .await?;
        Ok(changed > 0)
    }

    async fn workflow_drop(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<bool> {
        let drop = sqlite::drop_workflow(tenant, key);
        let drop = drop.into_iter().map(Into::into).collect();
        let changed = self.writer().write("drop a workflow", drop).await?;
        Ok(changed > 0)
    }
}
