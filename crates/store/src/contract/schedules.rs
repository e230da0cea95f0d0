//! When workflows start by themselves.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::error::Result;

/// The row of a start that comes by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScheduleRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Which of the starts of its document; unique per workflow.
    pub start: String,
    /// When it comes next.
    pub due_at: Timestamp,
}

/// Keeping when workflows start by themselves. Their rows are written with the definition, by
/// [`publish`](crate::Definitions::publish).
#[async_trait]
pub trait Schedules {
    /// The rows that are due at `now` or before, of one tenant or of all, by moment, tenant, workflow
    /// and start; at most `limit`.
    ///
    /// It reserves nothing: [`schedule_move`](Self::schedule_move) decides who starts an instance.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn schedules_due(
        &self,
        tenant: Option<&TenantId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>>;

    /// Moves a row on to its next moment, if it is still due when `row` says; one atomic step, so of
    /// concurrent calls for one moment exactly one gives `true`. `false`, and nothing changes, when
    /// somebody moved it first or it is gone.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn schedule_move(&self, row: &ScheduleRow, to: Timestamp) -> Result<bool>;

    /// When the next row is due, of one tenant or of all; `None` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn next_schedule(&self, tenant: Option<&TenantId>) -> Result<Option<Timestamp>>;
}
