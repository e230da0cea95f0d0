//! Many instances at a glance: how far each is, and who must act.

use jiff::Timestamp;
use serde::Serialize;
use signoff_core::{
    actor::Person,
    graph::Graph,
    id::{InstanceId, NodeKey, PersonId, Subject, TaskId, TenantId},
    instance::{Instance, Task},
    principal::Principal,
    reading::{Phase, Progress, Visited, brief_of_instance, brief_of_visit},
    text::Text,
};
use signoff_store::{Choice, InstanceFilter, PageRequest};

use crate::{
    engine::{Engine, InstanceView, looks},
    error::Error,
};

/// How many running instances of one subject are looked at.
const OF_SUBJECT: u32 = 100;

/// An instance at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// The instance.
    pub id: InstanceId,
    /// What it is about or what came of it, in brief.
    pub brief: Text,
    /// How far it is.
    pub progress: Progress,
    /// The open tasks, by number: who must act now.
    pub waits_for: Vec<Waiting>,
    /// Whether something in it failed and needs an operator.
    pub needs_operator: bool,
}

/// An open task: who must act.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// The task.
    pub task: TaskId,
    /// Its number within the instance.
    pub number: u32,
    /// The stage.
    pub node: NodeKey,
    /// The title of the stage.
    pub title: Option<Text>,
    /// What it is about, in brief.
    pub brief: Text,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// Who may take it while nobody has it: `user:ID`, `role:ID` or `anyone`.
    pub candidates: Vec<Principal>,
    /// Whose vote it is, where that is somebody else's.
    pub on_behalf_of: Option<PersonId>,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// Whether that has passed.
    pub is_overdue: bool,
}

impl Engine {
    /// These instances at a glance, in the order of `ids`, without those that the tenant does not
    /// have. One question to the store, however many they are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overviews(
        &self,
        tenant: &TenantId,
        ids: &[InstanceId],
    ) -> Result<Vec<Overview>, Error> {
        let now = self.clock().now();
        let mut overviews = Vec::with_capacity(ids.len());
        for InstanceView {
            instance,
            definition,
        } in self.instances_of(tenant, ids).await?
        {
            let mut tasks: Vec<&Task> = instance.tasks().collect();
            tasks.sort_unstable_by_key(|task| task.number);
            let waiting = |task: &Task| Waiting {
                task: task.id,
                number: task.number,
                title: definition
                    .graph
                    .node(&task.node)
                    .map(|node| node.title.clone()),
                brief: brief_of(&definition.graph, &instance, task, now),
                node: task.node.clone(),
                assignee: task.assignee.clone(),
                candidates: offered(task),
                on_behalf_of: on_behalf(task),
                opened_at: task.opened_at,
                due_at: task.timers.due,
                is_overdue: task.timers.due.is_some_and(|due| due < now),
            };
            overviews.push(Overview {
                id: instance.id(),
                brief: brief_of_instance(&definition.graph, &instance, now),
                progress: Progress::of(&definition.graph, &instance),
                waits_for: tasks.into_iter().map(waiting).collect(),
                needs_operator: instance.activations().any(|activation| {
                    matches!(
                        activation.state,
                        signoff_core::instance::ActivationState::Failed(_)
                    )
                }),
            });
        }
        Ok(overviews)
    }

    /// These instances, each with everything that lives in it, in the order of `ids`, without those that
    /// the tenant does not have. One question to the store, however many they are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn instances_of(
        &self,
        tenant: &TenantId,
        ids: &[InstanceId],
    ) -> Result<Vec<InstanceView>, Error> {
        let mut views = Vec::with_capacity(ids.len());
        for rows in self.inner().store.live(tenant, ids).await? {
            let instance = Instance::from_rows(&rows)?;
            let id = instance.definition();
            let version = Some(id.version);
            if let Some(definition) = self.definition(tenant, &id.workflow, version).await? {
                views.push(InstanceView {
                    instance,
                    definition,
                });
            }
        }
        Ok(views)
    }

    /// The open tasks around a subject that this person must or may do, by instance and number: those
    /// that the person has, and those on offer that the person is not excluded from. Empty: nothing
    /// waits for the person there. At most 100 running instances are looked at, in two questions to
    /// the store.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn must_act(
        &self,
        tenant: &TenantId,
        subject: &Subject,
        person: &Person,
    ) -> Result<Vec<TaskId>, Error> {
        let filter = InstanceFilter {
            subject: Some(subject.clone()),
            status: Choice::of("running"),
            ..InstanceFilter::default()
        };
        let page = PageRequest {
            limit: OF_SUBJECT,
            after: None,
        };
        let found = self.inner().store.instances(tenant, &filter, &page).await?;
        let ids: Vec<_> = found.items.iter().map(|row| row.id).collect();
        let mut tasks = Vec::new();
        for rows in self.inner().store.live(tenant, &ids).await? {
            let instance = Instance::from_rows(&rows)?;
            let mut open: Vec<&Task> = instance.tasks().collect();
            open.sort_unstable_by_key(|task| task.number);
            let his = open
                .into_iter()
                .filter(|task| looks::may_do_in(&instance, task, person));
            tasks.extend(his.map(|task| task.id));
        }
        Ok(tasks)
    }
}

/// An open task in brief.
fn brief_of(graph: &Graph, instance: &Instance, task: &Task, now: Timestamp) -> Text {
    let Some(node) = graph.node(&task.node) else {
        return Text::from_key(task.node.as_str());
    };
    let visited = instance.activation(task.activation).map(|found| Visited {
        items: &found.items,
        given: &found.given,
    });
    brief_of_visit(instance, node, visited, Phase::Open, now)
}

/// Who may take it, while it is open and nobody has it.
pub(super) fn offered(task: &Task) -> Vec<Principal> {
    match (task.is_open(), &task.assignee) {
        (true, None) => task.candidates.clone(),
        _ => Vec::new(),
    }
}

/// Whose vote it is, where that is not who has it or decided it.
pub(super) fn on_behalf(task: &Task) -> Option<PersonId> {
    use signoff_core::instance::Closing;
    let duty = task.duty.as_ref()?;
    let who = match &task.closing {
        Some(Closing::Completed { by, .. }) => by.person(),
        Some(Closing::Cancelled { .. }) | None => task.assignee.as_ref(),
    };
    (who.is_some() && who != Some(duty)).then(|| duty.clone())
}
