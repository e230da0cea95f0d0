//! A command while it is being decided.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    change::JobRow,
    command::OneOff,
    event::Event,
    facts::{Facts, LoadedPart, Question},
    graph::ActionEvent,
    id::{ActivationId, CommandId, IncidentId, NodeKey, PersonId, ScopeId, TaskId},
    instance::{Activation, Instance, Stamp, apply},
    machine::{
        context::{Context, Halt},
        work::Work,
    },
    refusal::RefusalCode,
};

/// A command while it is being decided: its events, applied to a copy of the instance as they come.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    slot: Option<Instance>,
    stamp: Stamp,
    command: CommandId,
    derived: u32,
    /// What was loaded on the way: it was there before the command.
    loaded: LoadedPart,
    pub(super) events: Vec<Event>,
    /// What runs in the next wave.
    pub(super) next: Vec<Work>,
    /// Scopes whose joins must be looked at.
    pub(super) dirty: BTreeSet<ScopeId>,
    /// What actions may react to, in order.
    pub(super) fired: Vec<Fired>,
    /// Jobs of job nodes.
    pub(super) jobs: Vec<JobRow>,
    /// Nodes entered so far, and other steps that are bounded with them.
    pub(super) entered: u32,
    /// Stable codes beside the acceptance.
    pub(super) notices: Vec<&'static str>,
    /// Events at the last look at conditions that are waited for.
    pub(super) watched: usize,
}

/// Something that actions may react to.
#[derive(Clone, Debug)]
pub(super) struct Fired {
    pub(super) event: ActionEvent,
    pub(super) node: Option<NodeKey>,
    pub(super) task: Option<TaskId>,
    pub(super) reason: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) to: Option<String>,
    pub(super) delegator: Option<PersonId>,
    pub(super) delegate: Option<PersonId>,
    /// Fields of the author's own, in place of those of the entry.
    pub(super) meta: Option<Map<String, Value>>,
    /// The action that runs, where somebody asked for one.
    pub(super) only: Option<OneOff>,
}

impl Fired {
    pub(super) fn new(event: ActionEvent, node: Option<&NodeKey>) -> Self {
        Self {
            event,
            node: node.cloned(),
            task: None,
            reason: None,
            comment: None,
            to: None,
            delegator: None,
            delegate: None,
            meta: None,
            only: None,
        }
    }

    pub(super) fn task(self, task: TaskId) -> Self {
        Self {
            task: Some(task),
            ..self
        }
    }
}

impl Draft {
    pub(super) fn new(instance: Option<&Instance>, facts: &Facts) -> Self {
        Self {
            slot: instance.cloned(),
            stamp: Stamp {
                at: facts.now,
                by: facts.actor.by(),
            },
            command: facts.command,
            derived: 0,
            loaded: LoadedPart::default(),
            // Most commands have fewer: they are large, and not moved again.
            events: Vec::with_capacity(16),
            next: Vec::new(),
            dirty: BTreeSet::new(),
            fired: Vec::new(),
            jobs: Vec::new(),
            entered: 0,
            notices: Vec::new(),
            watched: 0,
        }
    }

    /// The instance as the events so far made it.
    pub(super) fn instance(&self) -> Result<&Instance, Halt> {
        self.slot
            .as_ref()
            .ok_or_else(|| Halt::refuse(RefusalCode::NotFound, "there is no such instance"))
    }

    /// The instance, its events, and what was loaded on the way, out of the draft.
    pub(super) fn into_parts(self) -> (Option<Instance>, Vec<Event>, LoadedPart) {
        (self.slot, self.events, self.loaded)
    }

    /// Records that something happened, and applies it.
    ///
    /// However a task is taken from somebody who has left, the incident that says so is over first.
    pub(super) fn emit(&mut self, event: Event) {
        let task = takes(&event).and_then(|id| self.slot.as_ref()?.task(id));
        if let Some(incident) = task.and_then(|task| task.left) {
            self.record(Event::IncidentResolved { incident });
        }
        self.record(event);
    }

    fn record(&mut self, event: Event) {
        apply(&mut self.slot, &self.stamp, &event);
        self.events.push(event);
    }

    /// The next id of this command.
    pub(super) fn id(&mut self) -> Uuid {
        self.derived += 1;
        self.command.derive(self.derived)
    }

    /// The activation with its open tasks, loaded if need be; `None` when it is over.
    pub(super) fn load(
        &mut self,
        id: ActivationId,
        facts: &Facts,
    ) -> Result<Option<&Activation>, Halt> {
        let known = self.instance()?;
        if !known.knows(id) && !known.is_complete() {
            // Whoever has told everything is not asked for one.
            let answers = &facts.answers;
            let part = answers.get_load(id).or_else(|| answers.get_all());
            self.admit(part.ok_or_else(|| Halt::Ask(vec![Question::Load(id)]))?);
        }
        Ok(self.instance()?.activation(id))
    }

    /// Makes every live activation known.
    pub(super) fn load_all(&mut self, facts: &Facts) -> Result<(), Halt> {
        if !self.instance()?.is_complete() {
            let part = facts
                .answers
                .get_all()
                .ok_or_else(|| Halt::Ask(vec![Question::All]))?;
            self.admit(part);
        }
        Ok(())
    }

    fn admit(&mut self, part: &LoadedPart) {
        if let Some(instance) = &mut self.slot {
            instance.admit(part.activations.clone(), part.tasks.clone());
            self.loaded.activations.extend_from_slice(&part.activations);
            self.loaded.tasks.extend_from_slice(&part.tasks);
        }
    }

    /// A branch ends without arriving at a join.
    pub(super) fn end_branch(&mut self, scope: Option<ScopeId>, stray: bool) {
        self.emit(Event::BranchEnded { scope, stray });
        self.dirty.extend(scope);
    }

    /// Counts a step that nobody waits for; refuses when there are too many.
    pub(super) fn counts_step(&mut self, cx: &Context<'_>) -> Result<(), Halt> {
        self.entered += 1;
        let limit = cx.facts.settings.limits.automatic_steps;
        if self.entered <= limit {
            return Ok(());
        }
        Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("more than {limit} nodes run without waiting"),
        ))
    }

    /// Opens an incident that no activation waits for.
    pub(super) fn incident(
        &mut self,
        code: &str,
        message: String,
        activation: Option<ActivationId>,
        task: Option<TaskId>,
    ) -> IncidentId {
        let incident = IncidentId::new(self.id());
        self.emit(Event::IncidentOpened {
            incident,
            code: code.to_owned(),
            message,
            activation,
            task,
        });
        let instance = self.slot.as_ref();
        let node = instance.and_then(|instance| {
            let at = activation.and_then(|id| Some(&instance.touched_activation(id)?.node));
            at.or_else(|| Some(&instance.touched_task(task?)?.node))
        });
        let fired = Fired::new(ActionEvent::OnIncident, node);
        self.fired.push(Fired { task, ..fired });
        incident
    }
}

/// The task that whoever has it does not have any more.
const fn takes(event: &Event) -> Option<TaskId> {
    match event {
        Event::DecisionMade(decision) => Some(decision.task),
        Event::InfoAnswered { task, .. }
        | Event::TaskCancelled { task }
        | Event::TaskClaimed { task, .. }
        | Event::TaskDelegated { task, .. }
        | Event::TaskEscalated { task, .. }
        | Event::TaskReleased { task }
        | Event::TaskTransferred { task, .. } => Some(*task),
        _ => None,
    }
}
