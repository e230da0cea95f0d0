//! What waits for a person, and what the person has decided.

use jiff::Timestamp;
use serde::Serialize;
use signoff_core::{actor::Person, id::TenantId, instance::Outcome};
use signoff_store::{PageRequest, Period, TaskFilter, TaskSummary, Whose};

use crate::{engine::Engine, error::Error};

/// How many of what was decided last are given.
const LAST: u32 = 10;

/// What waits for a person, and what the person has decided.
#[derive(Clone, Debug, PartialEq)]
pub struct MyApprovals {
    /// How many of each.
    pub counts: MyCounts,
    /// The ten that the person decided last, the latest first.
    pub last: Vec<TaskSummary>,
}

/// Tasks of a person, counted by status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct MyCounts {
    /// Those that the person has.
    pub mine: u64,
    /// Those that the person may take.
    pub available: u64,
    /// Of those that the person has, the ones whose moment has passed.
    pub overdue: u64,
    /// What the person approved.
    pub approved: u64,
    /// What the person completed.
    pub completed: u64,
    /// What the person rejected.
    pub rejected: u64,
    /// What the person sent back.
    pub resubmitted: u64,
    /// All that the person decided.
    pub done: u64,
}

impl Engine {
    /// What waits for a person and what the person has decided, counted, with the last ten. A fixed
    /// number of questions to the store. The lists themselves: [`tasks_where`](Self::tasks_where).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn my_approvals(
        &self,
        tenant: &TenantId,
        person: &Person,
    ) -> Result<MyApprovals, Error> {
        let done = TaskFilter::of(Whose::DoneBy(person.id.clone()));
        let page = PageRequest {
            limit: LAST,
            after: None,
        };
        let last = self.inner().store.tasks(tenant, &done, &page).await?;
        Ok(MyApprovals {
            counts: self.my_counts(tenant, person, self.clock().now()).await?,
            last: last.items,
        })
    }

    async fn my_counts(
        &self,
        tenant: &TenantId,
        person: &Person,
        now: Timestamp,
    ) -> Result<MyCounts, Error> {
        let count =
            async |filter: TaskFilter| self.inner().store.count_tasks(tenant, &filter).await;
        let mine = TaskFilter::of(Whose::HeldBy(person.id.clone()));
        let done = TaskFilter::of(Whose::DoneBy(person.id.clone()));
        let said = |outcome: Outcome| TaskFilter {
            outcome: Some(outcome.as_str().to_owned()),
            ..done.clone()
        };
        Ok(MyCounts {
            available: count(TaskFilter::of(Whose::AvailableTo(person.clone()))).await?,
            overdue: count(TaskFilter {
                due: Period::before(now),
                ..mine.clone()
            })
            .await?,
            mine: count(mine).await?,
            approved: count(said(Outcome::Approved)).await?,
            completed: count(said(Outcome::Completed)).await?,
            rejected: count(said(Outcome::Rejected)).await?,
            resubmitted: count(said(Outcome::Resubmitted)).await?,
            done: count(done).await?,
        })
    }

    /// Tasks by any filter: a person's, of a workflow, overdue, found by a part of their title.
    ///
    /// # Errors
    /// When the store fails or the cursor is not one of this list.
    pub async fn tasks_where(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<signoff_store::Page<TaskSummary>, Error> {
        Ok(self.inner().store.tasks(tenant, filter, page).await?)
    }
}
