//! What happened: the closed list of events in an instance's history.
//!
//! Events are stored as JSON with their name and are never renamed. A change of what an event means
//! is a new event; decoders of the old one stay. `testdata/records` holds the stored form of every
//! one, and it must decode and apply for ever.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    actor::By,
    id::{
        ActivationId, CommandId, DefinitionId, GroupKey, IncidentId, InstanceId, JobId, NodeKey,
        PersonId, ScopeId, Subject, TaskId, TenantId,
    },
    instance::{Outcome, Timer, Timers},
    principal::Principal,
    text::Text,
};

/// One accepted command in the history of an instance.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The version of the instance after it, from 1.
    pub version: u64,
    /// The command.
    pub command: CommandId,
    /// When it was accepted.
    pub at: Timestamp,
    /// Who acted.
    pub by: By,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A branch ended without arriving at a join.
    BranchEnded {
        /// Its scope; `None` outside every split.
        scope: Option<ScopeId>,
    },
    /// The first of two decisions was recorded.
    CheckedIn {
        /// The task.
        task: TaskId,
        /// Who.
        by: By,
        /// What was said with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// Fields of the data were filled.
    DataSet {
        /// The fields, by top-level key.
        values: Map<String, Value>,
    },
    /// A person decided.
    DecisionMade(Decision),
    /// People were asked.
    EntryOpened {
        /// The activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
        /// Whose votes count; empty for an offer.
        members: Vec<PersonId>,
        /// Approvals that complete it.
        needed: u32,
        /// Who may not decide.
        excluded: Vec<PersonId>,
    },
    /// An entry has been decided.
    EntryClosed {
        /// The activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
        /// How.
        outcome: Outcome,
    },
    /// Nobody was found to escalate to.
    EscalationFailed {
        /// The task, which stays.
        task: TaskId,
        /// The level that fired.
        level: u32,
    },
    /// A function of the host returned.
    FunctionReturned {
        /// The activation that called it.
        activation: ActivationId,
        /// The key of the data that took the result.
        into: Option<String>,
        /// The result.
        value: Value,
    },
    /// A group was passed by because its guard was false.
    GroupSkipped {
        /// The group.
        group: GroupKey,
        /// Its nodes.
        nodes: Vec<NodeKey>,
    },
    /// Something needs an operator.
    IncidentOpened {
        /// The incident.
        incident: IncidentId,
        /// Its stable code.
        code: String,
        /// What it is about.
        message: String,
        /// The activation that cannot go on, if one cannot.
        activation: Option<ActivationId>,
        /// The task that it is about, if it is about one.
        task: Option<TaskId>,
    },
    /// The instance was stopped.
    InstanceCancelled {
        /// Why.
        reason: String,
    },
    /// The instance came to its end.
    InstanceCompleted,
    /// People said no.
    InstanceRejected {
        /// Who said the last no.
        by: By,
        /// Why.
        reason: String,
    },
    /// The instance began.
    InstanceStarted(Box<InstanceStarted>),
    /// A token arrived at a join.
    JoinArrived {
        /// The join.
        join: NodeKey,
        /// The scope of the token.
        scope: ScopeId,
        /// The last approval node on the token's way.
        from: Option<NodeKey>,
    },
    /// A job of the host was ordered; it has the id of the activation.
    JobOrdered {
        /// The activation that waits for it.
        activation: ActivationId,
    },
    /// An activation was withdrawn.
    NodeCancelled {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// An activation ended as planned.
    NodeCompleted {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// A token came to a node.
    NodeEntered {
        /// The new activation.
        activation: ActivationId,
        /// The node.
        node: NodeKey,
        /// The scope of the token.
        scope: Option<ScopeId>,
        /// The last approval node on the token's way.
        from: Option<NodeKey>,
        /// How many entries the node has; 0 where it is not an approval node.
        entries: u16,
    },
    /// An activation cannot go on.
    NodeFailed {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// What an operator sees.
        incident: IncidentId,
    },
    /// People said no at a node, and the token leaves it.
    NodeRejected {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
    },
    /// A node was sent back from, and its token goes to the target.
    NodeResubmitted {
        /// The activation.
        activation: ActivationId,
        /// Its node.
        node: NodeKey,
        /// Where the token goes.
        to: NodeKey,
    },
    /// A node was passed by because its guard was false.
    NodeSkipped {
        /// The node.
        node: NodeKey,
    },
    /// All branches that are left have arrived; the scope is over and its token goes on.
    ScopeClosed {
        /// The scope.
        scope: ScopeId,
    },
    /// A split gave each branch a token.
    ScopeOpened {
        /// The new scope.
        scope: ScopeId,
        /// The activation of the split.
        activation: ActivationId,
        /// How many branches.
        branches: u32,
    },
    /// A token runs beside its node, which stays: a boundary that does not interrupt.
    SideOpened {
        /// The scope of that token, which no join counts.
        scope: ScopeId,
        /// The activation that stays.
        activation: ActivationId,
    },
    /// A task was withdrawn.
    TaskCancelled {
        /// The task.
        task: TaskId,
    },
    /// Somebody took an offered task.
    TaskClaimed {
        /// The task.
        task: TaskId,
        /// Who.
        by: PersonId,
    },
    /// A task was handed over; vote and separation of duties stay the delegator's too.
    TaskDelegated {
        /// The task.
        task: TaskId,
        /// Who gave it.
        from: PersonId,
        /// Who has it now.
        to: PersonId,
        /// Why.
        reason: String,
    },
    /// A task went to somebody else because nobody answered.
    TaskEscalated {
        /// The task.
        task: TaskId,
        /// The level that fired, from 1.
        level: u32,
        /// Who has it now; `None` when it is offered.
        assignee: Option<PersonId>,
        /// Who may take it now.
        candidates: Vec<Principal>,
    },
    /// A person has something to do.
    TaskOpened(Box<TaskOpened>),
    /// Somebody gave a claimed task back.
    TaskReleased {
        /// The task.
        task: TaskId,
    },
    /// Boundaries wait for their moments.
    TimersArmed {
        /// The activation.
        activation: ActivationId,
        /// The job that wakes it at the earliest.
        job: JobId,
        /// When, and which boundary of the node in file order from 0; earliest first.
        due: Vec<(Timestamp, u16)>,
    },
    /// A moment came that was waited for.
    TimerFired {
        /// The activation that waits.
        activation: ActivationId,
        /// The task that waits; none for a boundary.
        task: Option<TaskId>,
        /// Which of the timers.
        timer: Timer,
    },
}

/// An instance began.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct InstanceStarted {
    /// The tenant that owns it.
    pub tenant: TenantId,
    /// Its id.
    pub instance: InstanceId,
    /// What it runs.
    pub definition: DefinitionId,
    /// Its title for people.
    pub title: Text,
    /// The business object that it is about.
    pub subject: Option<Subject>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// Its data, defaults included.
    pub data: Arc<Value>,
    /// What the host noted.
    pub metadata: Arc<Value>,
    /// Whether the subject may have no other running instance of the workflow.
    pub exclusive: bool,
}

/// A person has something to do.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TaskOpened {
    /// The task.
    pub task: TaskId,
    /// Its activation.
    pub activation: ActivationId,
    /// The node of that activation.
    pub node: NodeKey,
    /// The entry of that node, from 0.
    pub entry: u16,
    /// Its number within the instance, from 1.
    pub number: u32,
    /// Whose vote it carries.
    pub duty: Option<PersonId>,
    /// Who has it.
    pub assignee: Option<PersonId>,
    /// Who may take it.
    pub candidates: Vec<Principal>,
    /// What happens when nobody answers.
    pub timers: Timers,
}

/// What a person said of a task; it closes the task.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Decision {
    /// The task.
    pub task: TaskId,
    /// Its activation.
    pub activation: ActivationId,
    /// Its node.
    pub node: NodeKey,
    /// The entry of its node, from 0.
    pub entry: u16,
    /// Who decided.
    pub by: By,
    /// For whom, when the vote is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
    /// What was said.
    pub outcome: Outcome,
    /// Said with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Why, for a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The filled form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Arc<Value>>,
}

impl Event {
    /// The stored name, snake_case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BranchEnded { .. } => "branch_ended",
            Self::CheckedIn { .. } => "checked_in",
            Self::DataSet { .. } => "data_set",
            Self::DecisionMade(_) => "decision_made",
            Self::EntryClosed { .. } => "entry_closed",
            Self::EntryOpened { .. } => "entry_opened",
            Self::EscalationFailed { .. } => "escalation_failed",
            Self::FunctionReturned { .. } => "function_returned",
            Self::GroupSkipped { .. } => "group_skipped",
            Self::IncidentOpened { .. } => "incident_opened",
            Self::InstanceCancelled { .. } => "instance_cancelled",
            Self::InstanceCompleted => "instance_completed",
            Self::InstanceRejected { .. } => "instance_rejected",
            Self::InstanceStarted(_) => "instance_started",
            Self::JoinArrived { .. } => "join_arrived",
            Self::JobOrdered { .. } => "job_ordered",
            Self::NodeCancelled { .. } => "node_cancelled",
            Self::NodeCompleted { .. } => "node_completed",
            Self::NodeEntered { .. } => "node_entered",
            Self::NodeFailed { .. } => "node_failed",
            Self::NodeRejected { .. } => "node_rejected",
            Self::NodeResubmitted { .. } => "node_resubmitted",
            Self::NodeSkipped { .. } => "node_skipped",
            Self::ScopeClosed { .. } => "scope_closed",
            Self::ScopeOpened { .. } => "scope_opened",
            Self::SideOpened { .. } => "side_opened",
            Self::TaskCancelled { .. } => "task_cancelled",
            Self::TaskClaimed { .. } => "task_claimed",
            Self::TaskDelegated { .. } => "task_delegated",
            Self::TaskEscalated { .. } => "task_escalated",
            Self::TaskOpened(_) => "task_opened",
            Self::TaskReleased { .. } => "task_released",
            Self::TimersArmed { .. } => "timers_armed",
            Self::TimerFired { .. } => "timer_fired",
        }
    }
}

#[cfg(test)]
mod tests;
