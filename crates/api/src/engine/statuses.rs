//! The statuses that a step may get next, and who may give them.

use signoff_core::{
    graph::{NodeKind, Status, StatusRole, StepNode},
    id::{InstanceId, NodeKey, PersonId, TaskId, TenantId},
    refusal::Refusal,
    text::Text,
};

use crate::{
    call::Call,
    engine::Engine,
    error::{Error, NotDone},
};

/// The step where an instance stands, with every status that it has.
#[derive(Clone, Debug)]
pub struct StepStatuses {
    /// The step.
    pub step: NodeKey,
    /// Its title.
    pub title: Text,
    /// The task whose status is set; none while the instance waits for an approval, or has ended.
    pub task: Option<TaskId>,
    /// The statuses in file order.
    pub statuses: Vec<StatusChoice>,
}

/// A status of a step, and whether somebody may give it now.
#[derive(Clone, Debug)]
pub struct StatusChoice {
    /// Its key.
    pub key: String,
    /// Its looks and what setting it means.
    pub status: Status,
    /// Whether the step has it.
    pub current: bool,
    /// Why it may not be given; `None` when it may.
    pub refused: Option<Refusal>,
    /// The steps that it may lead to, as they are tried.
    pub leads_to: Vec<NodeKey>,
}

impl Engine {
    /// Every status of the step where an instance stands, and of each whether `by` may give it now;
    /// the host when nobody is named. `None` when there is no such instance, or it has no steps.
    ///
    /// Each is tried as [`dry_run`](Self::dry_run) does: what is told here is what a call would say.
    ///
    /// # Errors
    /// When the store, the directory or a function fails.
    pub async fn statuses(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
        by: Option<&PersonId>,
    ) -> Result<Option<StepStatuses>, Error> {
        let Some(view) = self.instance(tenant, instance).await? else {
            return Ok(None);
        };
        let Some((key, current)) = view.instance.step() else {
            return Ok(None);
        };
        let node = view.definition.graph.node(key);
        let Some((title, NodeKind::Step(step))) = node.map(|node| (&node.title, &node.kind)) else {
            return Ok(None);
        };
        let task = view.instance.tasks().find(|task| task.node == *key);
        let task = task.map(|task| task.id);
        let mut statuses = Vec::with_capacity(step.statuses.len());
        for (name, status) in &step.statuses {
            statuses.push(StatusChoice {
                key: name.clone(),
                status: status.clone(),
                current: current.key == *name,
                refused: self.try_status(tenant, task, by, name).await?,
                leads_to: leads_to(step, status),
            });
        }
        Ok(Some(StepStatuses {
            step: key.clone(),
            title: title.clone(),
            task,
            statuses,
        }))
    }

    async fn try_status(
        &self,
        tenant: &TenantId,
        task: Option<TaskId>,
        by: Option<&PersonId>,
        status: &str,
    ) -> Result<Option<Refusal>, Error> {
        let Some(task) = task else {
            let code = signoff_core::refusal::RefusalCode::NotOpen;
            return Ok(Some(Refusal::new(code, "no step is open")));
        };
        let mut call = Call::set_status(task, status).tenant(tenant.clone());
        if let Some(by) = by {
            call = call.by(by.clone());
        }
        match self.dry_run(call).await {
            Ok(_) => Ok(None),
            Err(NotDone::Refused(refusal)) => Ok(Some(refusal)),
            Err(NotDone::Failed(error)) => Err(error),
        }
    }
}

fn leads_to(step: &StepNode, status: &Status) -> Vec<NodeKey> {
    match status.role {
        StatusRole::Completion => step.transitions.iter().map(|way| way.to.clone()).collect(),
        _ => Vec::new(),
    }
}
