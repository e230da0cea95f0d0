//! Which tasks and activations the events of a change speak of.

use crate::{
    event::Event,
    id::{ActivationId, TaskId},
    instance::Instance,
};

/// What the events of a change speak of.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) tasks: Vec<TaskId>,
    pub(super) activations: Vec<ActivationId>,
}

impl Touched {
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each event of the closed list"
    )]
    pub(super) fn add(&mut self, event: &Event, after: &Instance) {
        match event {
            Event::CheckedIn { task, .. }
            | Event::EscalationFailed { task, .. }
            | Event::TaskCancelled { task }
            | Event::TaskClaimed { task, .. }
            | Event::TaskDelegated { task, .. }
            | Event::TaskDrafted { task, .. }
            | Event::TaskEscalated { task, .. }
            | Event::TaskOffered { task, .. }
            | Event::TaskReleased { task }
            | Event::TaskTransferred { task, .. }
            | Event::TaskRetimed { task, .. }
            | Event::TaskResumed { task }
            | Event::TaskSnoozed { task, .. }
            | Event::TaskStarted { task }
            | Event::TaskSuspended { task, .. }
            | Event::TaskWoken { task } => self.add_task(*task, after),
            Event::IncidentOpened { task, .. } => {
                if let Some(task) = task {
                    self.add_task(*task, after);
                }
            }
            Event::TimerFired {
                activation, task, ..
            } => {
                self.activations.push(*activation);
                if let Some(task) = task {
                    self.add_task(*task, after);
                }
            }
            // Everything may have another name; whatever waits for a moment or for something from
            // outside stops, or goes on.
            Event::InstanceHeld { .. }
            | Event::InstanceMigrated { .. }
            | Event::InstanceResumed => {
                self.tasks.extend(after.tasks().map(|task| task.id));
                self.activations
                    .extend(after.activations().map(|found| found.id));
            }
            Event::NodeEntered(entered) => self.activations.push(entered.activation),
            Event::DecisionMade(decision) => self.add_task(decision.task, after),
            Event::TaskOpened(opened) => {
                self.add_task(opened.task, after);
                if let Some(question) = &opened.question {
                    self.add_task(question.about, after);
                }
            }
            Event::InfoAnswered { task, .. } => self.add_task(*task, after),
            Event::EntryChanged { activation, .. }
            | Event::EntryClosed { activation, .. }
            | Event::EntryOpened { activation, .. }
            | Event::ChildAdded { activation, .. }
            | Event::ChildEnded { activation, .. }
            | Event::ChildOrdered { activation, .. }
            | Event::ChildrenPlanned { activation, .. }
            | Event::CompensationBegun { activation, .. }
            | Event::CompensationRun { activation, .. }
            | Event::ErrorCaught { activation, .. }
            | Event::FunctionReturned { activation, .. }
            | Event::JobOrdered { activation, .. }
            | Event::LockAwaited { activation, .. }
            | Event::LockTaken { activation, .. }
            | Event::MessageReceived { activation, .. }
            | Event::NodeDisabled { activation }
            | Event::NodeEnabled { activation }
            | Event::NodeRetried { activation }
            | Event::NodeRevived { activation, .. }
            | Event::NodeSkipped {
                activation: Some(activation),
                ..
            }
            | Event::StatusSet { activation, .. }
            | Event::SubscriptionOpened { activation, .. }
            | Event::TransitionFailed { activation, .. }
            | Event::TransitionTaken { activation, .. }
            | Event::TimersArmed { activation, .. }
            | Event::NodeCancelled { activation, .. }
            | Event::NodeCompleted { activation, .. }
            | Event::NodeFailed { activation, .. }
            | Event::NodeObsolete { activation, .. }
            | Event::NodeRejected { activation, .. }
            | Event::NodeResubmitted { activation, .. }
            | Event::NodeReturned { activation, .. } => self.activations.push(*activation),
            Event::ActionRequested { .. }
            | Event::BranchAdded { .. }
            | Event::BranchEnded { .. }
            | Event::CodeRaised { .. }
            | Event::Commented { .. }
            | Event::CompensationNoted(_)
            | Event::ConditionWatched { .. }
            | Event::DataSet { .. }
            | Event::GroupSkipped { .. }
            | Event::IncidentResolved { .. }
            | Event::InstanceAttached(_)
            | Event::InstanceBegun { .. }
            | Event::InstanceCancelled { .. }
            | Event::InstanceCompleted
            | Event::InstanceFailed { .. }
            | Event::InstanceReopened { .. }
            | Event::InstanceRejected { .. }
            | Event::InstanceStarted(_)
            | Event::JoinArrived { .. }
            | Event::JoinFired { .. }
            | Event::MetadataSet { .. }
            | Event::NewsKept(_)
            | Event::NodeSkipped {
                activation: None, ..
            }
            | Event::NodeUndone { .. }
            | Event::OutcomeSet { .. }
            | Event::RaceOpened { .. }
            | Event::RaceWon { .. }
            | Event::ScopeClosed { .. }
            | Event::ScopeOpened { .. }
            | Event::ScopeReopened(_)
            | Event::SideOpened { .. }
            | Event::SignalThrown { .. }
            | Event::TokenParked(_)
            | Event::TokenStrayed { .. }
            | Event::TokenUnparked { .. } => {}
        }
    }

    /// A task row may carry its activation: when one changes, so may the row that carries the other.
    fn add_task(&mut self, id: TaskId, after: &Instance) {
        self.tasks.push(id);
        if let Some(task) = after.touched_task(id) {
            self.activations.push(task.activation);
            // The end of a question lets the clock of another task go on.
            self.tasks
                .extend(task.question.as_ref().map(|question| question.about));
        }
    }
}
