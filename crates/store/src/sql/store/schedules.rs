//! Starts that come by themselves.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::TenantId;

use super::Calls as _;
use crate::{
    contract::{ScheduleRow, Schedules},
    error::Result,
    sql::{Driver, read::schedule_row, statements},
};

#[async_trait]
impl<D: Driver> Schedules for D {
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        let bound = statements::due_schedules(tenant, now, limit);
        let rows = self.rows("list schedules", bound).await?;
        rows.into_iter().map(schedule_row).collect()
    }

    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool> {
        let moved = statements::move_schedule(row, to);
        Ok(self.change("move a schedule", vec![moved]).await? > 0)
    }

    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let bound = statements::next_schedule(tenant);
        let row = self.row("find the next schedule", bound).await?;
        row.map(|mut row| row.time()).transpose()
    }
}
