//! The only writer of state: live runs and replay share it.
//!
//! Total: an event that does not fit the state changes nothing. The machine never makes one, and
//! the law "the fold of the events equals the stored state" would show it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    actor::By,
    event::{Decision, Event, HistoryEntry, InstanceStarted, TaskOpened},
    id::{ActivationId, NodeKey, PersonId, ScopeId, TaskId},
    instance::{
        Activation, ActivationState, Alarm, Body, CheckIn, Closing, EntryState, Header, Instance,
        InstanceStatus, NodeResult, OpenEntry, Outcome, Scope, Task, Timer, VisitState, Vote,
    },
};

/// When and by whom a command was accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub by: By,
}

/// The state after `entries`, from nothing; `None` when they do not begin with a start.
#[must_use]
pub fn fold<'a>(entries: impl IntoIterator<Item = &'a HistoryEntry>) -> Option<Instance> {
    let mut instance = None;
    for entry in entries {
        apply_entry(&mut instance, entry);
    }
    instance
}

/// Applies one accepted command.
pub fn apply_entry(instance: &mut Option<Instance>, entry: &HistoryEntry) {
    let stamp = Stamp {
        at: entry.at,
        by: entry.by.clone(),
    };
    for event in &entry.events {
        apply(instance, &stamp, event);
    }
    *instance = instance.take().map(|mut instance| {
        instance.version = entry.version;
        instance.compact()
    });
}

/// Applies one event.
pub fn apply(slot: &mut Option<Instance>, stamp: &Stamp, event: &Event) {
    match (slot.as_mut(), event) {
        (None, Event::InstanceStarted(started)) => *slot = Some(Instance::begin(stamp, started)),
        (Some(instance), event) => instance.apply(stamp, event),
        (None, _) => {}
    }
}

impl Instance {
    fn begin(stamp: &Stamp, started: &InstanceStarted) -> Self {
        Self {
            version: 0,
            data: Arc::clone(&started.data),
            forms: Arc::new(Value::Object(Map::new())),
            header: Header {
                tenant: started.tenant.clone(),
                id: started.instance,
                definition: started.definition.clone(),
                title: started.title.clone(),
                subject: started.subject.clone(),
                requester: started.requester.clone(),
                started_by: stamp.by.clone(),
                started_at: stamp.at,
                metadata: Arc::clone(&started.metadata),
                exclusive: started.exclusive,
                status: InstanceStatus::Running,
                live: 1,
                failed: 0,
                activations: 0,
                numbered: 0,
                visited: 0,
                scopes: BTreeMap::new(),
                results: BTreeMap::new(),
            },
            activations: BTreeMap::new(),
            tasks: BTreeMap::new(),
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one line for each event of the closed list"
    )]
    fn apply(&mut self, stamp: &Stamp, event: &Event) {
        match event {
            Event::BranchEnded { scope } => self.end_branch(*scope),
            Event::CheckedIn { task, by, .. } => self.change_task(*task, |task| {
                task.check_in = Some(CheckIn {
                    by: by.clone(),
                    at: stamp.at,
                });
            }),
            Event::DataSet { values } => {
                for (key, value) in values {
                    self.set_data(Some(key), value);
                }
            }
            Event::DecisionMade(decision) => self.decide(stamp, decision),
            Event::EntryOpened {
                activation,
                entry,
                members,
                needed,
                excluded,
            } => self.set_entry(
                *activation,
                *entry,
                EntryState::Open(OpenEntry {
                    members: members.clone(),
                    needed: *needed,
                    excluded: excluded.clone(),
                    votes: Vec::new(),
                }),
            ),
            Event::EntryClosed {
                activation, entry, ..
            } => self.set_entry(*activation, *entry, EntryState::Done),
            Event::EscalationFailed { .. }
            | Event::IncidentOpened { .. }
            | Event::InstanceStarted(_) => {}
            Event::FunctionReturned { into, value, .. } => self.set_data(into.as_deref(), value),
            Event::GroupSkipped { nodes, .. } => {
                for node in nodes {
                    self.visit(node, VisitState::Skipped);
                }
            }
            Event::InstanceCancelled { reason } => self.finish(InstanceStatus::Cancelled {
                at: stamp.at,
                by: stamp.by.clone(),
                reason: reason.clone(),
            }),
            Event::InstanceCompleted => self.finish(InstanceStatus::Completed { at: stamp.at }),
            Event::InstanceRejected { by, reason } => self.finish(InstanceStatus::Rejected {
                at: stamp.at,
                by: by.clone(),
                reason: reason.clone(),
            }),
            Event::JoinArrived { join, scope, from } => self.arrive(join, *scope, from.as_ref()),
            Event::JobOrdered { activation } => {
                if let Some(activation) = self.activations.get_mut(activation) {
                    activation.body = Body::Job;
                }
            }
            Event::NodeCancelled { activation, node } => {
                self.end(*activation, node, VisitState::Cancelled);
            }
            Event::NodeCompleted { activation, node } => {
                self.end(*activation, node, VisitState::Completed);
            }
            Event::NodeEntered {
                activation,
                node,
                scope,
                from,
                entries,
            } => self.enter(Activation {
                id: *activation,
                node: node.clone(),
                scope: *scope,
                from: from.clone(),
                state: ActivationState::Running,
                actors: Vec::new(),
                principals: Vec::new(),
                alarm: None,
                body: match entries {
                    0 => Body::Plain,
                    n => Body::Approval(vec![EntryState::Pending; usize::from(*n)]),
                },
            }),
            Event::NodeFailed {
                activation,
                incident,
                ..
            } => self.fail(*activation, ActivationState::Failed(*incident)),
            Event::NodeRejected { activation, node } => {
                self.end(*activation, node, VisitState::Rejected);
            }
            Event::NodeResubmitted {
                activation,
                node,
                to,
            } => {
                self.end(*activation, node, VisitState::Resubmitted);
                // A node that opens anew undoes nothing else; other branches go on.
                if to != node {
                    self.send_back(to);
                }
            }
            Event::NodeSkipped { node } => self.visit(node, VisitState::Skipped),
            Event::ScopeClosed { scope } => {
                self.header.scopes.remove(scope);
            }
            Event::ScopeOpened {
                scope,
                activation,
                branches,
            } => self.open_scope(*scope, *activation, *branches, false),
            Event::SideOpened { scope, activation } => {
                self.header.live += 1;
                self.open_scope(*scope, *activation, 1, true);
            }
            Event::TaskCancelled { task } => {
                self.change_task(*task, |task| {
                    task.closing = Some(Closing::Cancelled { at: stamp.at })
                });
            }
            Event::TaskClaimed { task, by } => {
                self.change_task(*task, |task| task.assignee = Some(by.clone()));
            }
            Event::TaskDelegated { task, from, to, .. } => self.change_task(*task, |task| {
                task.duty.get_or_insert_with(|| from.clone());
                task.delegators.push(from.clone());
                task.assignee = Some(to.clone());
            }),
            Event::TaskEscalated {
                task,
                assignee,
                candidates,
                ..
            } => self.change_task(*task, |task| {
                task.assignee.clone_from(assignee);
                task.candidates.clone_from(candidates);
            }),
            Event::TaskOpened(opened) => self.open_task(stamp, opened),
            Event::TaskReleased { task } => self.change_task(*task, |task| task.assignee = None),
            Event::TimerFired {
                activation,
                task,
                timer,
            } => self.fire(*activation, *task, *timer),
            Event::TimersArmed {
                activation,
                job,
                due,
            } => {
                if let Some(activation) = self.activations.get_mut(activation) {
                    activation.alarm = Some(Alarm {
                        job: *job,
                        due: due.clone(),
                    });
                }
            }
        }
    }

    fn change_task(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(&id) {
            change(task);
        }
    }

    fn open_task(&mut self, stamp: &Stamp, opened: &TaskOpened) {
        self.header.numbered = opened.number;
        self.tasks.insert(
            opened.task,
            Task {
                id: opened.task,
                activation: opened.activation,
                node: opened.node.clone(),
                entry: opened.entry,
                number: opened.number,
                duty: opened.duty.clone(),
                assignee: opened.assignee.clone(),
                candidates: opened.candidates.clone(),
                delegators: Vec::new(),
                check_in: None,
                opened_at: stamp.at,
                timers: opened.timers.clone(),
                closing: None,
            },
        );
    }

    fn decide(&mut self, stamp: &Stamp, decision: &Decision) {
        self.change_task(decision.task, |task| {
            task.closing = Some(Closing::Completed {
                by: decision.by.clone(),
                at: stamp.at,
                outcome: decision.outcome,
            });
        });
        if let (Some(form), Outcome::Approved) = (&decision.form, decision.outcome)
            && let Value::Object(forms) = Arc::make_mut(&mut self.forms)
        {
            forms.insert(decision.node.as_str().to_owned(), Value::clone(form));
        }
        let Some(activation) = self.activations.get_mut(&decision.activation) else {
            return;
        };
        activation.actors.extend(decision.by.person().cloned());
        activation.principals.extend(decision.on_behalf_of.clone());
        if let Body::Approval(entries) = &mut activation.body
            && let Some(EntryState::Open(entry)) = entries.get_mut(usize::from(decision.entry))
        {
            entry.votes.push(Vote {
                by: decision.by.clone(),
                approve: decision.outcome == Outcome::Approved,
            });
        }
    }

    fn set_entry(&mut self, id: ActivationId, index: u16, state: EntryState) {
        if let Some(Activation {
            body: Body::Approval(entries),
            ..
        }) = self.activations.get_mut(&id)
            && let Some(slot) = entries.get_mut(usize::from(index))
        {
            *slot = state;
        }
    }

    fn set_data(&mut self, into: Option<&str>, value: &Value) {
        if let Some(key) = into
            && let Value::Object(data) = Arc::make_mut(&mut self.data)
        {
            data.insert(key.to_owned(), value.clone());
        }
    }

    fn enter(&mut self, activation: Activation) {
        self.header.activations += 1;
        self.visit(&activation.node, VisitState::Open);
        self.activations.insert(activation.id, activation);
    }

    fn visit(&mut self, node: &NodeKey, state: VisitState) {
        self.header.visited += 1;
        let visit = self.header.visited;
        match self.header.results.get_mut(node) {
            Some(result) => {
                result.state = state;
                result.visit = visit;
            }
            None => {
                let result = NodeResult {
                    state,
                    actors: Vec::new(),
                    principals: Vec::new(),
                    visit,
                };
                self.header.results.insert(node.clone(), result);
            }
        }
    }

    /// What was visited since `target` is to be done again.
    fn send_back(&mut self, target: &NodeKey) {
        let Some(since) = self.header.results.get(target).map(|result| result.visit) else {
            return;
        };
        for result in self.header.results.values_mut() {
            if result.visit >= since
                && matches!(result.state, VisitState::Completed | VisitState::Skipped)
            {
                result.state = VisitState::Resubmitted;
            }
        }
    }

    fn end(&mut self, id: ActivationId, node: &NodeKey, state: VisitState) {
        let Some(activation) = self
            .activations
            .get_mut(&id)
            .filter(|activation| activation.is_live())
        else {
            return;
        };
        if let ActivationState::Failed(_) = activation.state {
            let failed = match activation
                .scope
                .and_then(|scope| self.header.scopes.get_mut(&scope))
            {
                Some(scope) => &mut scope.failed,
                None => &mut self.header.failed,
            };
            *failed = failed.saturating_sub(1);
        }
        activation.state = ActivationState::Ended;
        let actors: Vec<PersonId> = std::mem::take(&mut activation.actors);
        let principals = std::mem::take(&mut activation.principals);
        self.header.activations = self.header.activations.saturating_sub(1);
        if let Some(result) = self.header.results.get_mut(node) {
            result.state = state;
            if state != VisitState::Cancelled {
                result.actors = actors;
                result.principals = principals;
            }
        }
    }

    fn fire(&mut self, activation: ActivationId, task: Option<TaskId>, timer: Timer) {
        if let Some(task) = task {
            self.change_task(task, |task| task.timers.fired(timer));
        } else if let Some(activation) = self.activations.get_mut(&activation)
            && let Some(alarm) = &mut activation.alarm
        {
            alarm
                .due
                .retain(|(_, boundary)| timer != Timer::Boundary(*boundary));
        }
    }

    /// An activation fails once: the first incident is the one to be resolved.
    fn fail(&mut self, id: ActivationId, state: ActivationState) {
        let Some(activation) = self
            .activations
            .get_mut(&id)
            .filter(|activation| activation.state == ActivationState::Running)
        else {
            return;
        };
        activation.state = state;
        match activation
            .scope
            .and_then(|scope| self.header.scopes.get_mut(&scope))
        {
            Some(scope) => scope.failed += 1,
            None => self.header.failed += 1,
        }
    }

    fn finish(&mut self, status: InstanceStatus) {
        self.header.status = status;
        self.header.live = 0;
        self.header.scopes.clear();
    }

    fn end_branch(&mut self, scope: Option<ScopeId>) {
        let live = match scope {
            None => Some(&mut self.header.live),
            Some(id) => self.header.scopes.get_mut(&id).map(|scope| &mut scope.live),
        };
        if let Some(live) = live {
            *live = live.saturating_sub(1);
        }
    }

    fn arrive(&mut self, join: &NodeKey, scope: ScopeId, from: Option<&NodeKey>) {
        if let Some(scope) = self.header.scopes.get_mut(&scope) {
            if from.is_some() {
                scope.from = from.cloned();
            }
            scope.live = scope.live.saturating_sub(1);
            *scope.arrived.entry(join.clone()).or_default() += 1;
        }
    }

    fn open_scope(&mut self, id: ScopeId, split: ActivationId, branches: u32, side: bool) {
        let Some(split) = self.activations.get(&split) else {
            return;
        };
        let around = split
            .scope
            .and_then(|parent| self.header.scopes.get(&parent));
        let scope = Scope {
            split: split.node.clone(),
            parent: split.scope.filter(|_| !side),
            from: split.from.clone(),
            depth: around.map_or(0, |parent| parent.depth).saturating_add(1),
            branches,
            live: branches,
            failed: 0,
            arrived: BTreeMap::new(),
        };
        self.header.scopes.insert(id, scope);
    }
}
