//! The statuses that a step may get next, and who may give them.

use signoff_core::{
    graph::{NodeKind, Status, StatusRole, StepNode},
    id::{InstanceId, NodeKey, PersonId, TaskId, TenantId},
    refusal::{Refusal, RefusalCode},
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
    /// The same, each with what would become of it.
    pub ways: Vec<WayChoice>,
}

impl StatusChoice {
    /// Whether it may be given, as far as the state and the person go: it may lack what is filled.
    #[must_use]
    pub fn is_permitted(&self) -> bool {
        self.refused.as_ref().is_none_or(lacks_form)
    }
}

/// A step that a status may lead to, and whether somebody may go there now.
#[derive(Clone, Debug)]
pub struct WayChoice {
    /// The step.
    pub to: NodeKey,
    /// Its title.
    pub title: Text,
    /// Why somebody may not; `None` when they may.
    pub refused: Option<Refusal>,
    /// What people read while its condition does not hold, where the document says it.
    pub reason: Option<Text>,
    /// Whether a transition there may be taken as things stand: one that nobody refuses, and whose
    /// condition holds.
    pub open: bool,
}

impl WayChoice {
    /// Whether the person may go there, as far as the state and the person go: it may lack what is
    /// filled or noted.
    #[must_use]
    pub fn is_permitted(&self) -> bool {
        self.refused.as_ref().is_none_or(lacks_form)
    }
}

/// What is read of the first transition there that says it.
fn reason(step: &StepNode, to: &NodeKey) -> Option<Text> {
    let mut there = step.transitions.iter().filter(|way| way.to == *to);
    there.find_map(|way| way.reason.clone())
}

fn is_closed(tried: &Result<bool, Refusal>) -> bool {
    let refused = tried.as_ref().err();
    refused.is_some_and(|refused| refused.code == RefusalCode::TargetInvalid)
}

fn lacks_form(refused: &Refusal) -> bool {
    matches!(
        refused.code,
        RefusalCode::FormRequired | RefusalCode::FormInvalid
    )
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
        let graph = &view.definition.graph;
        for (name, status) in &step.statuses {
            let leads_to = leads_to(step, status);
            let mut ways = Vec::with_capacity(leads_to.len());
            for to in &leads_to {
                let tried = self.try_status(tenant, task, by, name, Some(to)).await?;
                let title = graph.node(to).map(|node| node.title.clone());
                ways.push(WayChoice {
                    to: to.clone(),
                    title: title.unwrap_or_default(),
                    open: tried.as_ref().is_ok_and(|leaves| *leaves),
                    reason: reason(step, to).filter(|_| is_closed(&tried)),
                    refused: tried.err(),
                });
            }
            statuses.push(StatusChoice {
                key: name.clone(),
                status: status.clone(),
                current: current.key == *name,
                refused: self.try_status(tenant, task, by, name, None).await?.err(),
                leads_to,
                ways,
            });
        }
        Ok(Some(StepStatuses {
            step: key.clone(),
            title: title.clone(),
            task,
            statuses,
        }))
    }

    /// Whether the status would leave the step, or why it may not be given.
    async fn try_status(
        &self,
        tenant: &TenantId,
        task: Option<TaskId>,
        by: Option<&PersonId>,
        status: &str,
        to: Option<&NodeKey>,
    ) -> Result<Result<bool, Refusal>, Error> {
        let Some(task) = task else {
            let refused = Refusal::new(RefusalCode::NotOpen, "no step is open");
            return Ok(Err(refused));
        };
        let mut call = Call::set_status(task, status).tenant(tenant.clone());
        if let Some(by) = by {
            call = call.by(by.clone());
        }
        if let Some(to) = to {
            call = call.to(to.as_str());
        }
        match self.dry_run(call).await {
            Ok(done) => Ok(Ok(!done.notices.contains(&"no_transition"))),
            Err(NotDone::Refused(refusal)) => Ok(Err(refusal)),
            Err(NotDone::Failed(error)) => Err(error),
        }
    }
}

fn leads_to(step: &StepNode, status: &Status) -> Vec<NodeKey> {
    let mut steps: Vec<NodeKey> = Vec::new();
    if status.role == StatusRole::Completion {
        for way in &step.transitions {
            if !steps.contains(&way.to) {
                steps.push(way.to.clone());
            }
        }
    }
    steps
}
