//! Stored actions.

use async_trait::async_trait;
use signoff_core::id::{ActionId, TenantId, WorkflowKey};

use super::Calls as _;
use crate::{
    contract::{ActionRow, Actions},
    error::Result,
    sql::{Driver, read::action_row, statements},
};

#[async_trait]
impl<D: Driver> Actions for D {
    async fn actions(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Result<Vec<ActionRow>> {
        let bound = statements::actions(tenant, workflow);
        let rows = self.rows("list actions", bound).await?;
        rows.into_iter().map(action_row).collect()
    }

    async fn action(&self, tenant: &TenantId, id: ActionId) -> Result<Option<ActionRow>> {
        let bound = statements::action(tenant, id);
        let row = self.row("read an action", bound).await?;
        row.map(action_row).transpose()
    }

    async fn action_put(&self, tenant: &TenantId, row: &ActionRow) -> Result<()> {
        let put = statements::put_action(tenant, row);
        self.change("write an action", vec![put]).await?;
        Ok(())
    }

    async fn action_drop(&self, tenant: &TenantId, id: ActionId) -> Result<bool> {
        let drop = statements::drop_action(tenant, id);
        Ok(self.change("drop an action", vec![drop]).await? > 0)
    }
}
