//! Starts that come by themselves.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::TenantId;
use signoff_store::{
    Result, ScheduleRow, Schedules,
    sql::{Cells, read::schedule_row, sqlite},
};

use super::{SqliteStore, columns::Columns};

#[async_trait]
impl Schedules for SqliteStore {
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        let bound = sqlite::due_schedules(tenant, now, limit);
        let rows = self.read("list schedules", bound).await?;
        rows.iter().map(Columns::of).map(schedule_row).collect()
    }

    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool> {
        let moved = sqlite::move_schedule(row, to).into();
        Ok(self.writer().write("move a schedule", vec![moved]).await? > 0)
    }

    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>> {
        let rows = self
            .read("find the next schedule", sqlite::next_schedule(tenant))
            .await?;
        rows.first().map(|row| Columns::of(row).time()).transpose()
    }
}
