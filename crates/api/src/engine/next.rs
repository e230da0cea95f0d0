//! Where a person goes on after a task.

use signoff_core::{
    actor::Person,
    id::{InstanceId, TaskId, TenantId},
};
use signoff_store::{Choice, InstanceFilter, PageRequest, TaskFilter, Whose};

use crate::{
    engine::{Engine, looks},
    error::Error,
};

/// How many children of one instance are looked at.
const FAMILY: u32 = 50;
/// How many tasks of one instance are looked at.
const TASKS: u32 = 10;

impl Engine {
    /// The task that a person may do next around an instance: of the instance itself, then of its
    /// children, its parent, and the other children of its parent; there one that the person has,
    /// else one that the person may take and is not excluded from. At most 50 children of each are
    /// looked at.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn next_task(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
        person: &Person,
    ) -> Result<Option<TaskId>, Error> {
        if let Some(task) = self.task_of(tenant, instance, person).await? {
            return Ok(Some(task));
        }
        let parent = self.instance(tenant, instance).await?;
        let parent = parent.and_then(|view| view.instance.parent().map(|parent| parent.instance));
        let mut family = self.children_of(tenant, instance).await?;
        if let Some(parent) = parent {
            family.push(parent);
            family.extend(self.children_of(tenant, parent).await?);
        }
        for other in family.into_iter().filter(|other| *other != instance) {
            if let Some(task) = self.task_of(tenant, other, person).await? {
                return Ok(Some(task));
            }
        }
        Ok(None)
    }

    async fn children_of(
        &self,
        tenant: &TenantId,
        parent: InstanceId,
    ) -> Result<Vec<InstanceId>, Error> {
        let filter = InstanceFilter {
            parent: Some(parent),
            status: Choice::of("running"),
            ..InstanceFilter::default()
        };
        let page = PageRequest {
            limit: FAMILY,
            after: None,
        };
        let found = self.inner().store.instances(tenant, &filter, &page).await?;
        Ok(found.items.into_iter().map(|row| row.id).collect())
    }

    async fn task_of(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
        person: &Person,
    ) -> Result<Option<TaskId>, Error> {
        let first = PageRequest {
            limit: TASKS,
            after: None,
        };
        for whose in [
            Whose::HeldBy(person.id.clone()),
            Whose::AvailableTo(person.clone()),
        ] {
            let filter = TaskFilter {
                whose,
                instance: Some(instance),
                open: Some(true),
                ..TaskFilter::default()
            };
            let found = self.inner().store.tasks(tenant, &filter, &first).await?;
            for row in found.items {
                if self.may_do_next(tenant, row.task.id, person).await? {
                    return Ok(Some(row.task.id));
                }
            }
        }
        Ok(None)
    }

    /// Whether the task is still open to the person, who is not excluded from it.
    async fn may_do_next(
        &self,
        tenant: &TenantId,
        task: TaskId,
        person: &Person,
    ) -> Result<bool, Error> {
        let Some(view) = self.task(tenant, task).await? else {
            return Ok(false);
        };
        Ok(looks::may_do_in(&view.instance, &view.task, person))
    }
}
