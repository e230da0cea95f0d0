//! The net rows of a change: what differs between before and after.

use jiff::Timestamp;

use crate::{
    change::{FieldRow, IncidentRow, JobRow, JobWork, RowOp, SubscriptionRow, TaskOp},
    event::{Event, HistoryEntry},
    id::{ActivationId, IncidentId, JobId, MessageId, TaskId},
    instance::{Activation, ActivationState, Body, Instance, Task, Timer, Timers},
};

/// The net rows of a change, told by their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) tasks: Vec<(TaskId, TaskOp)>,
    pub(super) activations: Vec<(ActivationId, RowOp)>,
    pub(super) data: bool,
    pub(super) forms: bool,
    pub(super) jobs: Vec<JobRow>,
    pub(super) dropped_jobs: Vec<JobId>,
    pub(super) incidents: Vec<IncidentRow>,
    pub(super) resolved_incidents: Vec<IncidentId>,
    pub(super) subscriptions: Vec<SubscriptionRow>,
    pub(super) dropped_subscriptions: Vec<ActivationId>,
    pub(super) consumed: Vec<MessageId>,
    pub(super) fields: Option<Vec<FieldRow>>,
}

impl Parts {
    pub(super) fn add_task(&mut self, before: Option<&Instance>, after: &Instance, id: TaskId) {
        let old = before.and_then(|before| before.task(id));
        let Some(new) = after.touched_task(id) else {
            return;
        };
        match (old, new.is_open()) {
            (None, false) => return,
            (None, true) => self.tasks.push((id, TaskOp::Insert)),
            // The instance stopped or went on, and the task is as it was.
            (Some(old), _) if old == new => {}
            (Some(old), _) => self.tasks.push((id, update(old))),
        }
        let was = before.zip(old).and_then(|(before, old)| fires(before, old));
        let is = fires(after, new);
        // Of two timers at one moment, the second needs a job too: the first had it claimed.
        let moved = was.map(due) != is.map(due);
        let at = |timers: &Timers| timers.next().map(|(at, _)| at);
        match (was.and_then(at), is.and_then(at)) {
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
    pub(super) fn add_activation(
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
        let changed = (old, old_carrier) != (new, carrier);
        let switched = before.is_some_and(|before| runs(before) != runs(after));
        if changed || switched {
            let acts = old.filter(|_| before.is_some_and(runs));
            let will_act = new.filter(|_| runs(after));
            self.add_activation_jobs(acts, will_act, after, id);
            self.add_subscription(acts, will_act, after, at);
        }
        // Another task of it changed, not the activation itself: its row stays as it is.
        if !changed {
            return;
        }
        for task in [carrier, old_carrier].into_iter().flatten() {
            if let Err(at) = self.tasks.binary_search_by_key(&task, |(id, _)| *id) {
                // It is as it was, so it is open before as well as after.
                let op = before.and_then(|before| before.task(task)).map(update);
                self.tasks.insert(at, (task, op.unwrap_or(TaskOp::Insert)));
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

    pub(super) fn add_incidents(&mut self, after: &Instance, entry: &HistoryEntry) {
        for event in &entry.events {
            match event {
                Event::IncidentResolved { incident } => self.resolved_incidents.push(*incident),
                Event::MessageReceived {
                    message: Some(message),
                    ..
                } => self.consumed.push(message.clone()),
                Event::InstanceAttached(started) | Event::InstanceStarted(started) => {
                    self.consumed.extend(started.message.clone())
                }
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
                // Beside the event, it stands in a column of its own.
                message: message.replace('\0', "\u{FFFD}"),
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

/// The row of a task is replaced.
fn update(old: &Task) -> TaskOp {
    TaskOp::Update {
        candidates: old.offered_to().to_vec(),
    }
}

/// Whether moments fire, and what is waited for is heard.
fn runs(instance: &Instance) -> bool {
    instance.status().is_running()
}

/// The timers of a task that fire as things stand.
fn fires<'a>(instance: &Instance, task: &'a Task) -> Option<&'a Timers> {
    let ticks = runs(instance) && task.is_open() && task.suspended_at.is_none();
    ticks.then_some(&task.timers)
}

/// What decides whether a wake-up is needed: a snooze that is not the next to fire needs none.
fn due(timers: &Timers) -> (Option<(Timestamp, Timer)>, Timers) {
    let others = Timers {
        snoozed: None,
        ..timers.clone()
    };
    (timers.next(), others)
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
