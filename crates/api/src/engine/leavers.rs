//! Persons who leave the organization.

use signoff_core::id::{PersonId, TenantId};
use signoff_store::{Cursor, PageRequest, TaskFilter, Whose};

use crate::{
    call::Call,
    engine::{Done, Engine},
    error::{Error, NotDone},
    once::Once,
};

impl Engine {
    /// Gives every open task of somebody who has left to the substitute, else to the first active
    /// manager above, else opens an incident `person_left`; a claimed offer goes back to the others.
    ///
    /// Each task is a command of its own, as the host: one that is refused does not stop the others. A
    /// task for which nobody is found has one incident, however often it is told: then it is refused
    /// as `no_approver`.
    /// Say first in the directory that the person is not active, or new tasks will come.
    ///
    /// Under a name, each task is given away once, however often this is tried.
    ///
    /// # Errors
    /// When the tasks cannot be listed.
    pub async fn person_left(
        &self,
        tenant: &TenantId,
        person: &PersonId,
        once: Option<&Once>,
    ) -> Result<Vec<Result<Done, NotDone>>, Error> {
        let filter = TaskFilter {
            // What somebody holds and has put out of sight is theirs too.
            whose: Whose::All,
            open: Some(true),
            ..TaskFilter::default()
        };
        let mut tasks = Vec::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = PageRequest {
                after,
                ..PageRequest::default()
            };
            let found = self.inner().store.tasks(tenant, &filter, &page).await?;
            for summary in &found.items {
                let task = summary.task.task()?;
                tasks.extend((task.assignee.as_ref() == Some(person)).then_some(task.id));
            }
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        let calls = tasks.into_iter().map(|task| Call {
            once: once.map(|once| once.part(&task.to_string())),
            ..Call::person_left(task, person.clone()).tenant(tenant.clone())
        });
        Ok(self.call_all(calls).await)
    }
}
