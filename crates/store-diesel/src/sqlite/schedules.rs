//! Starts that come by themselves.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::TenantId;
use signoff_store::{
    Result, ScheduleRow, Schedules,
    sql::{Cells, read::schedule_row, sqlite},
};

use super::SqliteStore;

#[async_trait]
impl Schedules for SqliteStore {
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        let bound = sqlite::due_schedules(tenant, now, limit);
        let rows = self.readers().rows("list schedules", bound).await?;
        rows.into_iter().map(schedule_row).collect()
    }

    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool> {
        let moved = sqlite::move_schedule(row, to).into();
        let done = self.writer().write("move a schedule", vec![moved]).await?;
        Ok(done.changed > 0)
    }

    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let bound = sqlite::next_schedule(tenant);
        let row = self.readers().row("find the next schedule", bound).await?;
        row.map(|mut row| row.time()).transpose()
    }
}
