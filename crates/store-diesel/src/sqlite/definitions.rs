//! Definitions.

use async_trait::async_trait;
use diesel::SqliteConnection;
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

use super::{SqliteStore, error::cannot, statement::Statement};

fn of_workflow(sql: &'static str, tenant: &TenantId, workflow: &WorkflowKey) -> Statement {
    Statement::new(sql)
        .bind(tenant.as_str())
        .bind(workflow.as_str())
}

/// Publishes one document inside an open transaction.
fn publish(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    row: &DefinitionRow,
) -> Result<Published> {
    let mut run = |statement: Statement| statement.rows(connection).map_err(cannot("publish"));
    let of_workflow = |sql| of_workflow(sql, tenant, &row.workflow);
    let version = if let Some(mut latest) = run(of_workflow(LATEST))?.pop() {
        let version: u32 = latest.number()?;
        if latest.text_or_none::<String>()?.as_ref() == Some(&row.hash) {
            return Ok(Published::Same(version));
        }
        let version = version.saturating_add(1);
        run(of_workflow(NEXT_VERSION)
            .bind(row.title.as_str())
            .bind(i64::from(version)))?;
        version
    } else {
        run(of_workflow(NEW_WORKFLOW).bind(row.title.as_str()))?;
        1
    };
    run(of_workflow(NEW_DEFINITION)
        .bind(i64::from(version))
        .bind(row.hash.as_str())
        .bind(row.title.as_str())
        .bind(row.document.as_str())
        .bind(nanos(row.published_at)))?;
    Ok(Published::New(version))
}

/// Writes the starts that come by themselves, inside the caller's transaction.
fn schedule(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    workflow: &WorkflowKey,
    rows: &[(String, Timestamp)],
) -> Result<()> {
    for bound in sqlite::set_schedules(tenant, workflow, rows)? {
        let statement = Statement::from(bound);
        statement.write(connection).map_err(cannot("publish"))?;
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
        let mut loan = self.writer().begin().await?;
        let mut published = Vec::with_capacity(definitions.len());
        for row in definitions {
            published.push(publish(loan.connection()?, tenant, row)?);
        }
        for StartsOf { workflow, rows } in starts {
            schedule(loan.connection()?, tenant, workflow, rows)?;
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
        let mut loan = self.writer().begin().await?;
        let mut dropped = 0;
        for bound in sqlite::drop_draft(tenant, &definition.workflow, revision)? {
            let statement = Statement::from(bound);
            dropped = statement
                .write(loan.connection()?)
                .map_err(cannot("publish a draft"))?
                .changed;
        }
        if dropped == 0 {
            return Ok(None);
        }
        let published = publish(loan.connection()?, tenant, definition)?;
        schedule(loan.connection()?, tenant, &definition.workflow, starts)?;
        loan.finish().await?;
        Ok(Some(published))
    }

    async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<DefinitionRow>> {
        let statement = of_workflow(DEFINITION, tenant, workflow).bind(version.map(i64::from));
        let row = self.readers().row("read a definition", statement).await?;
        row.map(|row| definition_row(workflow, row)).transpose()
    }

    async fn definition_as_of(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        published: Timestamp,
    ) -> Result<Option<DefinitionRow>> {
        let bound = sqlite::definition_as_of(tenant, workflow, published);
        let row = self.readers().row("read a definition", bound).await?;
        row.map(|row| definition_row(workflow, row)).transpose()
    }

    async fn workflow(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>> {
        let statement = of_workflow(WORKFLOW, tenant, key);
        let row = self.readers().row("read a workflow", statement).await?;
        row.map(workflow_row).transpose()
    }

    async fn workflows(&self, tenant: &TenantId) -> Result<Vec<WorkflowRow>> {
        let statement = Statement::new(WORKFLOWS).bind(tenant.as_str());
        let rows = self.readers().rows("list the workflows", statement).await?;
        rows.into_iter().map(workflow_row).collect()
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
        Ok(changed.changed > 0)
    }

    async fn workflow_drop(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<bool> {
        let drop = sqlite::drop_workflow(tenant, key);
        let drop = drop.into_iter().map(Into::into).collect();
        let changed = self.writer().write("drop a workflow", drop).await?;
        Ok(changed.changed > 0)
    }
}
