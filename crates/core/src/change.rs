//! What an accepted command writes: net, and whole or not at all.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    actor::By,
    event::{Event, HistoryEntry},
    graph::{ActionEvent, OnFailure, Retry},
    id::{
        ActivationId, DefinitionId, IncidentId, InstanceId, JobId, MessageId, PersonId, TaskId,
        TenantId,
    },
    instance::{
        Activation, ActivationRow, ActivationState, Body, ChildEnd, Given, Instance, InstanceRow,
        Parent, TaskRow, to_json,
    },
    text::Text,
};

/// What an accepted command writes.
///
/// Net: nothing that was opened and closed again in it appears outside the history. A store writes
/// [`rows`](Self::rows) whole or not at all and interprets none of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The version that the command was decided on; 0 for a new instance. The only lock.
    pub before: u64,
    /// The new history entry.
    pub entry: HistoryEntry,
    after: Instance,
    rows: Parts,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Parts {
    tasks: Vec<(TaskId, RowOp)>,
    activations: Vec<(ActivationId, RowOp)>,
    data: bool,
    forms: bool,
    jobs: Vec<JobRow>,
    dropped_jobs: Vec<JobId>,
    incidents: Vec<IncidentRow>,
    resolved_incidents: Vec<IncidentId>,
    subscriptions: Vec<SubscriptionRow>,
    dropped_subscriptions: Vec<ActivationId>,
    consumed: Vec<MessageId>,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowOp {
    /// It is new.
    Insert,
    /// It exists and is replaced.
    Update,
    /// It exists and goes.
    Delete,
}

/// The row operations of a [`Change`].
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The version that the stored instance row must have; 0 when there must be none.
    pub before: u64,
    /// The instance row.
    pub instance: InstanceRow,
    /// The history row.
    pub history: HistoryRow,
    /// Task rows to insert or update; a task row is never deleted by a command. Their candidates
    /// replace those stored.
    pub tasks: Vec<(RowOp, TaskRow)>,
    /// Activation rows to insert or update.
    pub activations: Vec<(RowOp, ActivationRow)>,
    /// Activation rows to delete.
    pub dropped_activations: Vec<ActivationId>,
    /// Job rows to insert, or to replace where the id exists.
    pub jobs: Vec<JobRow>,
    /// Job rows to delete, if they exist.
    pub dropped_jobs: Vec<JobId>,
    /// Incident rows to insert.
    pub incidents: Vec<IncidentRow>,
    /// Incident rows to delete, if they exist: they are resolved.
    pub resolved_incidents: Vec<IncidentId>,
    /// Subscription rows to insert.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Activations whose subscription rows are deleted, if they exist.
    pub dropped_subscriptions: Vec<ActivationId>,
    /// Messages that the change consumes: each must be there and not consumed yet, else the whole
    /// change conflicts.
    pub consumed: Vec<MessageId>,
}

/// The row of an activation that waits for something from outside its instance.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SubscriptionRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The instance.
    pub instance: InstanceId,
    /// The activation that waits.
    pub activation: ActivationId,
    /// What it waits for.
    pub kind: SubscriptionKind,
    /// The name of the message or signal.
    pub name: String,
    /// Which message of that name; empty where one is as good as another.
    pub key: String,
    /// Since when it waits.
    pub since: Timestamp,
}

/// What an activation waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionKind {
    /// A message: kept until it is consumed, by one activation.
    Message,
    /// A signal: heard by all who wait at that moment, and lost where nobody does.
    Signal,
}

impl SubscriptionKind {
    /// The word as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Signal => "signal",
        }
    }
}

/// The row of a message that was sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MessageRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id that its sender gave it.
    pub id: MessageId,
    /// Its name.
    pub name: String,
    /// Which receiver it is meant for; empty where any will do.
    pub key: String,
    /// What it says, as JSON.
    pub payload: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// From when on nobody gets it any more; never when `None`.
    pub expires_at: Option<Timestamp>,
}

/// The row of a history entry.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HistoryRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The instance.
    pub instance: InstanceId,
    /// The version of the instance after it.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Which person acted.
    pub person: Option<PersonId>,
    /// The entry as JSON.
    pub body: String,
}

/// The row of a job.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct JobRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id; of a wake-up, that of its task.
    pub id: JobId,
    /// The instance.
    pub instance: InstanceId,
    /// When it is due.
    pub due_at: Timestamp,
    /// What it does.
    pub work: JobWork,
}

/// What a job does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum JobWork {
    /// Runs the actions of one event, in order.
    Actions(Box<ActionsJob>),
    /// Stops a child whose parent does not wait for it any more.
    CancelChild {
        /// The child.
        child: InstanceId,
        /// Why.
        reason: String,
    },
    /// Tells the parent that a child has ended.
    EndChild {
        /// The parent.
        parent: InstanceId,
        /// Its activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// How it ended.
        end: ChildEnd,
    },
    /// Runs the host's function for a job node.
    Node(Box<NodeJob>),
    /// Tells the parent that a child has raised a code.
    Raise {
        /// The parent.
        parent: InstanceId,
        /// Its activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// The code.
        code: String,
    },
    /// Looks whether a message that an activation begins to wait for was sent before.
    Receive {
        /// The activation.
        activation: ActivationId,
        /// The name of the message.
        name: String,
        /// Which one of that name.
        key: String,
    },
    /// Fires the earliest timer of an activation: its own or one of its boundaries.
    Ring {
        /// The activation.
        activation: ActivationId,
    },
    /// Tells all who wait for a signal.
    Signal {
        /// Its name.
        name: String,
        /// What it says.
        payload: Value,
        /// When it was thrown: who begins to wait later does not hear it, however late it is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thrown_at: Option<Timestamp>,
    },
    /// Starts a child.
    StartChild(Box<ChildJob>),
    /// Fires the earliest timer of a task.
    Wake {
        /// The task.
        task: TaskId,
        /// Its activation.
        activation: ActivationId,
        /// The entry of its node, from 0.
        entry: u16,
    },
}

/// A call of the host's function for a job node, after the commit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NodeJob {
    /// The activation that waits.
    pub activation: ActivationId,
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Value,
    /// How often and when it is tried again.
    pub retry: Retry,
    /// How long one attempt may take; as long as it likes when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<SignedDuration>,
}

/// A child to start.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ChildJob {
    /// Its id.
    pub child: InstanceId,
    /// What it runs.
    pub definition: DefinitionId,
    /// Its data and seed.
    pub given: Given,
    /// Who starts it.
    pub parent: Parent,
    /// Who asked for the parent.
    pub requester: Option<PersonId>,
}

/// The actions of one event: one job, in order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ActionsJob {
    /// The event.
    pub event: ActionEvent,
    /// What templates and handlers are told.
    pub context: ActionContext,
    /// The actions that are left, in order.
    pub actions: Vec<ResolvedAction>,
}

/// What templates and handlers are told about an event.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ActionContext {
    /// The workflow's key.
    pub workflow: String,
    /// The workflow's title.
    pub workflow_title: Text,
    /// The node that it happened at.
    pub node: Option<String>,
    /// That node's title.
    pub node_title: Option<Text>,
    /// The instance's title.
    pub title: Text,
    /// The instance's status after the command.
    pub status: String,
    /// The type of the subject.
    pub subject_type: Option<String>,
    /// The id of the subject.
    pub subject_id: Option<String>,
    /// Who asked for the instance.
    pub requester: Option<PersonId>,
    /// Who acted.
    pub actor: By,
    /// The task that it is about.
    pub task: Option<TaskId>,
    /// Why.
    pub reason: Option<String>,
    /// Said with it.
    pub comment: Option<String>,
    /// When the task is due.
    pub due: Option<Timestamp>,
    /// Where it goes: a node or a person.
    pub to: Option<String>,
}

/// One action with everything worked out that only the instance knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ResolvedAction {
    /// Its place in the list of its event, from 0: part of its idempotency key.
    pub index: u16,
    /// What it does.
    pub call: ActionCall,
    /// What a final failure means for the actions after it.
    pub on_failure: OnFailure,
    /// How often and when it is tried again.
    pub retry: Retry,
}

/// What a resolved action does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ActionCall {
    /// Sends mail.
    Mail {
        /// The template's name.
        template: String,
        /// A subject in place of the template's.
        subject: Option<String>,
        /// Who gets it; each address once.
        to: Vec<Addressee>,
        /// Who gets a copy.
        cc: Vec<Addressee>,
        /// More values for the template.
        with: Value,
    },
    /// Runs the host's function.
    Run {
        /// The name that the host registered.
        name: String,
        /// What it is given.
        with: Value,
    },
}

impl ActionCall {
    /// The name as `expect: actions` shows it: the function's, or `mail`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Mail { .. } => "mail",
            Self::Run { name, .. } => name,
        }
    }
}

/// Who gets a mail: a person whose address the directory knows, or an address.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// A fixed address.
    Address(String),
    /// A person.
    Person(PersonId),
}

/// The row of an incident.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IncidentRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The id.
    pub id: IncidentId,
    /// The instance.
    pub instance: InstanceId,
    /// The stable code.
    pub code: String,
    /// What it is about.
    pub message: String,
    /// The node that it happened at.
    pub node: Option<String>,
    /// When.
    pub opened_at: Timestamp,
}

impl Change {
    /// The net change from `before` to `after` by `entry`, with the jobs of its actions.
    ///
    /// `after` still holds what the command closed.
    pub(crate) fn net(
        before: Option<&Instance>,
        after: Instance,
        entry: HistoryEntry,
        actions: Vec<JobRow>,
    ) -> Self {
        let mut parts = Parts {
            data: before.is_none_or(|before| !Arc::ptr_eq(before.data(), after.data())),
            forms: before.is_none_or(|before| !Arc::ptr_eq(before.forms(), after.forms())),
            jobs: actions,
            ..Parts::default()
        };
        let mut touched = Touched::default();
        for event in &entry.events {
            touched.add(event, &after);
        }
        touched.tasks.sort_unstable();
        touched.tasks.dedup();
        touched.activations.sort_unstable();
        touched.activations.dedup();
        for id in &touched.tasks {
            parts.add_task(before, &after, *id);
        }
        for id in &touched.activations {
            parts.add_activation(before, &after, *id, entry.at);
        }
        // Ordered and cancelled again in one command: there is nothing to run.
        parts.jobs.retain(|job| match &job.work {
            JobWork::Node(work) => after.activation(work.activation).is_some(),
            JobWork::Receive { activation, .. } => after.activation(*activation).is_some(),
            JobWork::StartChild(work) => {
                !work.parent.awaits || after.activation(work.parent.activation).is_some()
            }
            _ => true,
        });
        parts.add_incidents(&after, &entry);
        Self {
            before: before.map_or(0, Instance::version),
            after: after.at_version(entry.version),
            entry,
            rows: parts,
        }
    }

    /// The instance after the command; it still remembers what the command closed.
    #[must_use]
    pub fn instance(&self) -> &Instance {
        &self.after
    }

    /// The instance after the command, as the fold of its history gives it.
    #[must_use]
    pub fn into_instance(self) -> Instance {
        self.after.compact()
    }

    /// The jobs that the change adds.
    #[must_use]
    pub fn jobs(&self) -> &[JobRow] {
        &self.rows.jobs
    }

    /// The rows to write, in the stored form.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let parts = &self.rows;
        let after = &self.after;
        let live = |op: RowOp| op != RowOp::Delete;
        Rows {
            before: self.before,
            instance: after.row(self.entry.at, parts.data, parts.forms),
            history: HistoryRow {
                tenant: after.tenant().clone(),
                instance: after.id(),
                version: self.entry.version,
                at: self.entry.at,
                person: self.entry.by.person().cloned(),
                body: to_json(&self.entry),
            },
            tasks: parts
                .tasks
                .iter()
                .filter_map(|(id, op)| {
                    let task = after.touched_task(*id)?;
                    let carried = (after.carrier(task.activation) == Some(*id))
                        .then(|| after.activation(task.activation))
                        .flatten();
                    Some((*op, task.row(after, carried)))
                })
                .collect(),
            activations: parts
                .activations
                .iter()
                .filter(|(_, op)| live(*op))
                .filter_map(|(id, op)| Some((*op, after.touched_activation(*id)?.row(after))))
                .collect(),
            dropped_activations: parts
                .activations
                .iter()
                .filter(|(_, op)| !live(*op))
                .map(|(id, _)| *id)
                .collect(),
            jobs: parts.jobs.clone(),
            dropped_jobs: parts.dropped_jobs.clone(),
            incidents: parts.incidents.clone(),
            resolved_incidents: parts.resolved_incidents.clone(),
            subscriptions: parts.subscriptions.clone(),
            dropped_subscriptions: parts.dropped_subscriptions.clone(),
            consumed: parts.consumed.clone(),
        }
    }
}

/// What the events of a change speak of.
#[derive(Debug, Default)]
struct Touched {
    tasks: Vec<TaskId>,
    activations: Vec<ActivationId>,
}

impl Touched {
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each event of the closed list"
    )]
    fn add(&mut self, event: &Event, after: &Instance) {
        match event {
            Event::CheckedIn { task, .. }
            | Event::EscalationFailed { task, .. }
            | Event::TaskCancelled { task }
            | Event::TaskClaimed { task, .. }
            | Event::TaskDelegated { task, .. }
            | Event::TaskEscalated { task, .. }
            | Event::TaskReleased { task } => self.add_task(*task, after),
            Event::TimerFired {
                activation, task, ..
            } => {
                self.activations.push(*activation);
                if let Some(task) = task {
                    self.add_task(*task, after);
                }
            }
            Event::NodeEntered(entered) => self.activations.push(entered.activation),
            Event::DecisionMade(decision) => self.add_task(decision.task, after),
            Event::TaskOpened(opened) => self.add_task(opened.task, after),
            Event::EntryClosed { activation, .. }
            | Event::EntryOpened { activation, .. }
            | Event::ChildAdded { activation, .. }
            | Event::ChildEnded { activation, .. }
            | Event::ChildOrdered { activation, .. }
            | Event::ChildrenPlanned { activation, .. }
            | Event::CompensationBegun { activation, .. }
            | Event::CompensationRun { activation, .. }
            | Event::ErrorCaught { activation, .. }
            | Event::FunctionReturned { activation, .. }
            | Event::JobOrdered { activation }
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
            | Event::SubscriptionOpened { activation, .. }
            | Event::TimersArmed { activation, .. }
            | Event::NodeCancelled { activation, .. }
            | Event::NodeCompleted { activation, .. }
            | Event::NodeFailed { activation, .. }
            | Event::NodeRejected { activation, .. }
            | Event::NodeResubmitted { activation, .. } => self.activations.push(*activation),
            Event::BranchAdded { .. }
            | Event::BranchEnded { .. }
            | Event::CodeRaised { .. }
            | Event::CompensationNoted(_)
            | Event::ConditionWatched { .. }
            | Event::DataSet { .. }
            | Event::GroupSkipped { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentResolved { .. }
            | Event::InstanceCancelled { .. }
            | Event::InstanceCompleted
            | Event::InstanceFailed { .. }
            | Event::InstanceReopened { .. }
            | Event::InstanceRejected { .. }
            | Event::InstanceStarted(_)
            | Event::JoinArrived { .. }
            | Event::JoinFired { .. }
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
        }
    }
}

impl Parts {
    fn add_task(&mut self, before: Option<&Instance>, after: &Instance, id: TaskId) {
        let old = before.and_then(|before| before.task(id));
        let Some(new) = after.touched_task(id) else {
            return;
        };
        let op = match (old, new.is_open()) {
            (None, false) => return,
            (None, true) => RowOp::Insert,
            (Some(_), _) => RowOp::Update,
        };
        self.tasks.push((id, op));
        let wake_at = |task: &crate::instance::Task| task.timers.next().map(|(at, _)| at);
        let (was, is) = (
            old.and_then(wake_at),
            wake_at(new).filter(|_| new.is_open()),
        );
        // Of two timers at one moment, the second needs a job too: the first had it claimed.
        let moved = old.map(|old| &old.timers) != Some(&new.timers);
        match (was, is) {
            (_, Some(at)) if moved => self.jobs.push(JobRow {
                tenant: after.tenant().clone(),
                id: JobId::new(id.uuid()),
                instance: after.id(),
                due_at: at,
                work: JobWork::Wake {
                    task: id,
                    activation: new.activation,
                    entry: new.entry,
                },
            }),
            (Some(_), None) => self.dropped_jobs.push(JobId::new(id.uuid())),
            _ => {}
        }
    }

    /// An activation is stored in the row of its first open task, else in a row of its own.
    fn add_activation(
        &mut self,
        before: Option<&Instance>,
        after: &Instance,
        id: ActivationId,
        at: Timestamp,
    ) {
        let old = before.and_then(|before| before.activation(id));
        let was_alone = old.is_some() && before.is_some_and(|before| before.carrier(id).is_none());
        let new = after.activation(id);
        let carrier = new.and_then(|_| after.carrier(id));
        let old_carrier = before.and_then(|before| before.carrier(id));
        // Another task of it changed, not the activation itself: its row stays as it is.
        if (old, old_carrier) == (new, carrier) {
            return;
        }
        self.add_activation_jobs(old, new, after, id);
        self.add_subscription(old, new, after, at);
        for task in [carrier, old_carrier].into_iter().flatten() {
            if let Err(at) = self.tasks.binary_search_by_key(&task, |(id, _)| *id) {
                self.tasks.insert(at, (task, RowOp::Update));
            }
        }
        match (was_alone, new.is_some() && carrier.is_none()) {
            (false, false) => {}
            (false, true) => self.activations.push((id, RowOp::Insert)),
            (true, true) => self.activations.push((id, RowOp::Update)),
            (true, false) => self.activations.push((id, RowOp::Delete)),
        }
    }

    /// The job that wakes an activation for its boundaries; a job node's own goes with its activation.
    fn add_activation_jobs(
        &mut self,
        old: Option<&Activation>,
        new: Option<&Activation>,
        after: &Instance,
        id: ActivationId,
    ) {
        let next = |activation: &Activation| {
            let alarm = activation.alarm.as_ref()?;
            let (at, boundary) = alarm.due.first()?;
            Some((alarm.job, *at, *boundary))
        };
        let (was, is) = (old.and_then(next), new.and_then(next));
        match (was, is) {
            (was, Some((job, at, _))) if was != is => self.jobs.push(JobRow {
                tenant: after.tenant().clone(),
                id: job,
                instance: after.id(),
                due_at: at,
                work: JobWork::Ring { activation: id },
            }),
            (Some((job, ..)), None) => self.dropped_jobs.push(job),
            _ => {}
        }
        // One that has failed for good is not run once more either.
        if old.is_some_and(is_under_way) && !new.is_some_and(is_under_way) {
            self.dropped_jobs.push(JobId::new(id.uuid()));
        }
    }

    /// The row by which a message or a signal finds an activation.
    fn add_subscription(
        &mut self,
        old: Option<&Activation>,
        new: Option<&Activation>,
        after: &Instance,
        since: Timestamp,
    ) {
        let waits = |found: &&Activation| waits_outside(found);
        let (old, new) = (old.filter(waits), new.filter(waits));
        match (old, new) {
            (None, Some(new)) => {
                let Body::Subscribed { kind, name, key } = &new.body else {
                    return;
                };
                self.subscriptions.push(SubscriptionRow {
                    tenant: after.tenant().clone(),
                    instance: after.id(),
                    activation: new.id,
                    kind: *kind,
                    name: name.clone(),
                    key: key.clone(),
                    since,
                });
            }
            (Some(old), None) => self.dropped_subscriptions.push(old.id),
            _ => {}
        }
    }

    fn add_incidents(&mut self, after: &Instance, entry: &HistoryEntry) {
        for event in &entry.events {
            match event {
                Event::IncidentResolved { incident } => self.resolved_incidents.push(*incident),
                Event::MessageReceived {
                    message: Some(message),
                    ..
                } => self.consumed.push(message.clone()),
                Event::InstanceStarted(started) => self.consumed.extend(started.message.clone()),
                _ => {}
            }
            let Event::IncidentOpened {
                incident,
                code,
                message,
                activation,
                task,
            } = event
            else {
                continue;
            };
            let node = activation
                .and_then(|id| after.touched_activation(id))
                .map(|activation| &activation.node)
                .or_else(|| {
                    task.and_then(|id| after.touched_task(id))
                        .map(|task| &task.node)
                });
            self.incidents.push(IncidentRow {
                tenant: after.tenant().clone(),
                id: *incident,
                instance: after.id(),
                code: code.clone(),
                message: message.clone(),
                node: node.map(|node| node.as_str().to_owned()),
                opened_at: entry.at,
            });
        }
        // Opened and settled again in one command: nobody needs to see it.
        let settled = std::mem::take(&mut self.resolved_incidents);
        let (here, before): (Vec<_>, Vec<_>) = settled
            .into_iter()
            .partition(|id| self.incidents.iter().any(|row| row.id == *id));
        self.incidents.retain(|row| !here.contains(&row.id));
        self.resolved_incidents = before;
    }
}

/// Whether something from outside the instance is waited for.
fn waits_outside(activation: &Activation) -> bool {
    let named = matches!(&activation.body, Body::Subscribed { name, .. } if !name.is_empty());
    named && activation.state == ActivationState::Running
}

/// Whether the job of a job node is still to be told how it ended.
fn is_under_way(activation: &Activation) -> bool {
    activation.body == Body::Job && activation.state == ActivationState::Running
}
