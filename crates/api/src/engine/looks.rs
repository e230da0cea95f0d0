//! What people look at.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use signoff_core::{
    actor::{Actor, Person},
    event::HistoryEntry,
    id::{InstanceId, PersonId, TaskId, TenantId},
    instance::{Instance, Task},
    machine::{self, Possible, With, may_see},
    reading::Progress,
};
use signoff_store::{Load, Page, PageRequest, Part, Target, TaskFilter, TaskSummary, Whose};

use crate::{
    engine::{Definition, Engine},
    error::{Error, ErrorKind},
};

/// An instance with its definition.
#[derive(Clone, Debug)]
pub struct InstanceView {
    /// The instance, with everything that lives in it.
    pub instance: Instance,
    /// What it runs.
    pub definition: Arc<Definition>,
}

/// A task with its instance and definition.
#[derive(Clone, Debug)]
pub struct TaskView {
    /// The task, open or closed.
    pub task: Task,
    /// The instance, with everything that lives in it.
    pub instance: Instance,
    /// What it runs.
    pub definition: Arc<Definition>,
}

impl InstanceView {
    /// How far it is, in whole percent: see [`Progress`].
    #[must_use]
    pub fn progress(&self) -> u8 {
        Progress::of(&self.definition.graph, &self.instance).percent
    }

    /// Its data as a type of the host's.
    ///
    /// # Errors
    /// When the data are not of that form.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&**self.instance.data()).map_err(|error| {
            let message = format!("failed to read the data of `{}`", self.instance.id());
            Error::new(ErrorKind::Serialization, message).caused_by(error)
        })
    }

    /// Everything that somebody may do now, with it, its nodes, its activations and its tasks.
    #[must_use]
    pub fn possible(&self, actor: &Actor, now: Timestamp) -> Vec<Possible> {
        machine::possible(&self.definition.graph, &self.instance, actor, now)
    }

    /// The commands that somebody may give about it as a whole now.
    #[must_use]
    pub fn possible_with_it(&self, actor: &Actor, now: Timestamp) -> Vec<&'static str> {
        let graph = &self.definition.graph;
        machine::possible_with(graph, &self.instance, &With::Instance, actor, now)
    }

    /// Whether a person may look at it: whoever asked for it, has or had something to do in it, may do
    /// it now, is named under `managers` or `viewers`, and admins.
    #[must_use]
    pub fn may_be_seen_by(&self, person: &Person) -> bool {
        may_see(&self.definition.graph, &self.instance, person)
    }
}

impl TaskView {
    /// As [`InstanceView::may_be_seen_by`].
    #[must_use]
    pub fn may_be_seen_by(&self, person: &Person) -> bool {
        may_see(&self.definition.graph, &self.instance, person)
    }

    /// The commands that somebody may give about it now.
    #[must_use]
    pub fn possible(&self, actor: &Actor, now: Timestamp) -> Vec<&'static str> {
        let graph = &self.definition.graph;
        let with = With::Task((&self.task).into());
        machine::possible_with(graph, &self.instance, &with, actor, now)
    }

    /// Whether the person has the task or may take it, exclusions not considered.
    #[must_use]
    pub fn may_be_done_by(&self, person: &Person) -> bool {
        may_do(&self.task, person)
    }

    /// The entry of the approval node that it belongs to.
    #[must_use]
    pub fn entry(&self) -> Option<&signoff_core::graph::EntrySpec> {
        match &self.definition.graph.node(&self.task.node)?.kind {
            signoff_core::graph::NodeKind::Approval(approval) => {
                approval.entries.get(usize::from(self.task.entry))
            }
            signoff_core::graph::NodeKind::Step(step) => Some(&step.entry),
            signoff_core::graph::NodeKind::Task(task) => Some(&task.entry),
            _ => None,
        }
    }
}

fn may_do(task: &Task, person: &Person) -> bool {
    let held = task.assignee.as_ref() == Some(&person.id);
    let offered =
        task.assignee.is_none() && task.candidates.iter().any(|candidate| person.is(candidate));
    person.active && task.is_open() && (held || (offered && !task.was_delegated_by(&person.id)))
}

/// Whether the person has the task or may take it now: not one who is excluded from its entry.
pub(super) fn may_do_in(instance: &Instance, task: &Task, person: &Person) -> bool {
    let activation = instance.activation(task.activation);
    let entry = activation.and_then(|activation| activation.open_entry(task.entry));
    may_do(task, person) && !entry.is_some_and(|entry| entry.excluded.contains(&person.id))
}

impl Engine {
    /// The instance with everything that lives in it; `None` when the tenant has no such instance.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn instance(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Option<InstanceView>, Error> {
        let Some((instance, definition, _)) = self.look(tenant, Target::Instance(id)).await? else {
            return Ok(None);
        };
        Ok(Some(InstanceView {
            instance,
            definition,
        }))
    }

    /// The task, open or closed; `None` when the tenant has no such task.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn task(&self, tenant: &TenantId, id: TaskId) -> Result<Option<TaskView>, Error> {
        let Some((instance, definition, Some(task))) = self.look(tenant, Target::Task(id)).await?
        else {
            return Ok(None);
        };
        Ok(Some(TaskView {
            task,
            instance,
            definition,
        }))
    }

    async fn look(
        &self,
        tenant: &TenantId,
        target: Target,
    ) -> Result<Option<(Instance, Arc<Definition>, Option<Task>)>, Error> {
        let load = Load {
            tenant: tenant.clone(),
            target,
            part: Part::All,
        };
        let Some(loaded) = self.inner().store.load(&load).await? else {
            return Ok(None);
        };
        let instance = Instance::from_rows(&loaded.rows)?;
        let task = loaded
            .task
            .as_ref()
            .map(signoff_core::instance::TaskRow::task)
            .transpose()?;
        let id = instance.definition();
        let Some(definition) = self
            .definition(tenant, &id.workflow, Some(id.version))
            .await?
        else {
            return Ok(None);
        };
        Ok(Some((instance, definition, task)))
    }

    /// What happened to an instance, from the beginning; empty when there is no such instance.
    ///
    /// # Errors
    /// When the store fails, or holds an entry that is not what was once written.
    pub async fn history(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let rows = self.inner().store.history(tenant, id).await?;
        rows.iter()
            .map(|row| {
                serde_json::from_str(&row.body).map_err(|error| {
                    let message = format!("cannot read history entry {} of `{id}`", row.version);
                    Error::new(ErrorKind::Store, message).caused_by(error)
                })
            })
            .collect()
    }

    /// Tasks of a person: those that the person has, those that the person may take, or those done.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tasks(
        &self,
        tenant: &TenantId,
        whose: Whose,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>, Error> {
        let filter = TaskFilter {
            whose,
            ..TaskFilter::default()
        };
        Ok(self.inner().store.tasks(tenant, &filter, page).await?)
    }

    /// The person as the machine knows one now; `None` when the directory knows none.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn person(&self, tenant: &TenantId, id: &PersonId) -> Result<Option<Person>, Error> {
        Ok(self
            .profile(tenant, id)
            .await?
            .map(|profile| profile.person()))
    }
}
