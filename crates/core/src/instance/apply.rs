//! The only writer of state: live runs and replay share it.
//!
//! Total: an event that does not fit the state changes nothing. The machine never makes one, and
//! the law "the fold of the events equals the stored state" would show it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    actor::By,
    event::{
        Decision, Event, HistoryEntry, InstanceStarted, NodeEntered, ScopeReopened, TaskOpened,
    },
    id::{ActivationId, InstanceId, NodeKey, PersonId, ScopeId, TaskId},
    instance::{
        Activation, ActivationState, Alarm, Body, CheckIn, ChildEnd, Children, Closing,
        Compensation, EntryState, Header, Instance, InstanceStatus, Lock, NodeResult, OpenEntry,
        Outcome, Scope, ScopeKind, Shared, Task, Timer, VisitState, Vote,
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
                parent: started.parent.clone(),
                seed: started.seed.clone(),
                artifact: started.artifact.clone(),
                outcome: None,
                exclusive: started.exclusive,
                status: InstanceStatus::Running,
                live: 1,
                failed: 0,
                activations: 0,
                numbered: 0,
                visited: 0,
                scopes: BTreeMap::new(),
                results: BTreeMap::new(),
                shared: Shared::default(),
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
            Event::BranchAdded { scope } => {
                if let Some(scope) = self.header.scopes.get_mut(scope) {
                    scope.branches = scope.branches.saturating_add(1);
                    scope.live = scope.live.saturating_add(1);
                }
            }
            Event::BranchEnded { scope, stray } => self.end_branch(*scope, *stray),
            Event::ChildAdded { activation, given } => self.change_children(*activation, |all| {
                all.total = all.total.saturating_add(1);
                all.left.push(given.clone());
            }),
            Event::ChildEnded {
                activation,
                child,
                end,
            } => self.change_children(*activation, |all| end_child(all, *child, end)),
            Event::ChildOrdered {
                activation,
                child,
                place,
            } => self.change_children(*activation, |all| {
                if !all.left.is_empty() {
                    all.left.remove(0);
                }
                all.live.insert(*child, *place);
            }),
            Event::ChildrenPlanned {
                activation,
                definition,
                children,
            } => self.set_body(
                *activation,
                Body::Children(Children {
                    definition: definition.clone(),
                    total: u32::try_from(children.len()).unwrap_or(u32::MAX),
                    completed: 0,
                    left: children.clone(),
                    live: BTreeMap::new(),
                    results: BTreeMap::new(),
                }),
            ),
            Event::CompensationBegun {
                activation,
                scope,
                left,
            } => self.begin_compensation(*activation, *scope, left),
            Event::CompensationNoted(done) => self.header.shared.compensations.push(done.clone()),
            Event::CompensationRun { activation, scope } => {
                self.run_compensation(*activation, *scope);
            }
            Event::ConditionWatched { activation } => {
                if !self.header.shared.watching.contains(activation) {
                    self.header.shared.watching.push(*activation);
                }
            }
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
            Event::CodeRaised { .. }
            | Event::EscalationFailed { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentResolved { .. }
            | Event::InstanceStarted(_)
            | Event::SignalThrown { .. } => {}
            Event::ErrorCaught {
                activation, node, ..
            } => self.end(*activation, node, VisitState::Failed),
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
            Event::InstanceFailed { code } => self.finish(InstanceStatus::Failed {
                at: stamp.at,
                code: code.clone(),
            }),
            Event::InstanceReopened { tokens } => self.reopen(*tokens),
            Event::InstanceRejected { by, reason } => self.finish(InstanceStatus::Rejected {
                at: stamp.at,
                by: by.clone(),
                reason: reason.clone(),
            }),
            Event::JoinArrived {
                join, scope, from, ..
            } => self.arrive(join, *scope, from.as_ref()),
            Event::JoinFired { join, scope } => {
                if let Some(scope) = self.header.scopes.get_mut(scope) {
                    scope.fired = Some(join.clone());
                    self.header.live = self.header.live.saturating_add(1);
                }
            }
            Event::JobOrdered { activation } => self.set_body(*activation, Body::Job),
            Event::LockAwaited { activation, lock } => self.await_lock(*activation, lock),
            Event::LockTaken { activation, lock } => self.take_lock(*activation, lock),
            Event::MessageReceived { into, value, .. } => self.set_data(into.as_deref(), value),
            Event::NodeCancelled { activation, node } => {
                self.leave_race(*activation);
                self.end(*activation, node, VisitState::Cancelled);
            }
            Event::NodeCompleted { activation, node } => {
                self.end(*activation, node, VisitState::Completed);
            }
            Event::NodeDisabled { activation } => {
                self.set_state(*activation, ActivationState::Waiting);
                self.set_entry(*activation, 0, EntryState::Pending);
            }
            Event::NodeEnabled { activation } => {
                self.set_state(*activation, ActivationState::Running);
            }
            Event::NodeEntered(entered) => self.enter(entered),
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
            Event::NodeRetried { activation } => self.retry(*activation),
            Event::NodeRevived { activation, node } => {
                self.pause_race(*activation);
                self.end(*activation, node, VisitState::Cancelled);
            }
            Event::NodeSkipped {
                node,
                activation: None,
            } => self.visit(node, VisitState::Skipped),
            Event::NodeSkipped {
                node,
                activation: Some(activation),
            } => self.end(*activation, node, VisitState::Skipped),
            Event::NodeUndone { node, .. } => {
                if let Some(result) = self.header.results.get_mut(node) {
                    result.state = VisitState::Undone;
                }
            }
            Event::OutcomeSet { outcome } => self.header.outcome = Some(outcome.clone()),
            Event::RaceOpened { race } => {
                self.header.shared.races.insert(*race, Vec::new());
            }
            Event::RaceWon { race, .. } => {
                self.header.shared.races.remove(race);
            }
            Event::ScopeClosed { scope } => {
                self.header.scopes.remove(scope);
                let parked = &mut self.header.shared.parked;
                parked.retain(|_, token| token.scope != Some(*scope));
            }
            Event::ScopeOpened {
                scope,
                activation,
                branches,
            } => self.open_scope(*scope, *activation, *branches, ScopeKind::Split),
            Event::ScopeReopened(scope) => self.reopen_scope(scope),
            Event::SideOpened { scope, activation } => {
                self.header.live += 1;
                self.open_scope(*scope, *activation, 1, ScopeKind::Side);
            }
            Event::SubscriptionOpened {
                activation,
                kind,
                name,
                key,
            } => self.set_body(
                *activation,
                Body::Subscribed {
                    kind: *kind,
                    name: name.clone(),
                    key: key.clone(),
                },
            ),
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
            Event::TokenParked(parked) => {
                let tokens = &mut self.header.shared.parked;
                tokens.insert(parked.activation, parked.token.clone());
            }
            Event::TokenStrayed { scope } => {
                if let Some(scope) = self.header.scopes.get_mut(scope) {
                    scope.strayed = scope.strayed.saturating_add(1);
                }
            }
            Event::TokenUnparked { activation, back } => self.unpark(*activation, *back),
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
        if let (Some(form), true) = (&decision.form, decision.keeps_form())
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

    fn enter(&mut self, entered: &NodeEntered) {
        self.header.activations += 1;
        self.visit(&entered.node, VisitState::Open);
        if let Some(race) = entered.race
            && let Some(members) = self.header.shared.races.get_mut(&race)
        {
            members.push(entered.activation);
        }
        let activation = Activation {
            id: entered.activation,
            node: entered.node.clone(),
            scope: entered.scope,
            from: entered.from.clone(),
            after: entered.after,
            items: entered.items.clone(),
            given: entered.given.clone(),
            race: entered.race,
            stray: entered.stray,
            lock: None,
            state: ActivationState::Running,
            actors: Vec::new(),
            principals: Vec::new(),
            alarm: None,
            body: match entered.entries {
                0 => Body::Plain,
                n => Body::Approval(vec![EntryState::Pending; usize::from(n)]),
            },
        };
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
            let failed = failed_in(&mut self.header, activation.scope);
            *failed = failed.saturating_sub(1);
        }
        if let Some(lock) = &activation.lock {
            release_lock(&mut self.header.shared.locks, lock, id);
        }
        self.header.shared.watching.retain(|other| *other != id);
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

    fn set_state(&mut self, id: ActivationId, state: ActivationState) {
        if let Some(activation) = self.activations.get_mut(&id) {
            activation.state = state;
        }
    }

    fn set_body(&mut self, id: ActivationId, body: Body) {
        if let Some(activation) = self.activations.get_mut(&id) {
            activation.body = body;
        }
    }

    fn change_children(&mut self, id: ActivationId, change: impl FnOnce(&mut Children)) {
        if let Some(Activation {
            body: Body::Children(children),
            ..
        }) = self.activations.get_mut(&id)
        {
            change(children);
        }
    }

    fn await_lock(&mut self, id: ActivationId, lock: &str) {
        let locks = &mut self.header.shared.locks;
        locks.entry(lock.to_owned()).or_default().queue.push(id);
        if let Some(activation) = self.activations.get_mut(&id) {
            activation.lock = Some(lock.to_owned());
            activation.state = ActivationState::Waiting;
        }
    }

    fn take_lock(&mut self, id: ActivationId, lock: &str) {
        let entry = self.header.shared.locks.entry(lock.to_owned()).or_default();
        entry.queue.retain(|other| *other != id);
        entry.holder = Some(id);
        if let Some(activation) = self.activations.get_mut(&id) {
            activation.lock = Some(lock.to_owned());
            activation.state = ActivationState::Running;
        }
    }

    /// An activation that is withdrawn leaves the others their chance.
    fn leave_race(&mut self, id: ActivationId) {
        let race = self.activations.get(&id).and_then(|found| found.race);
        if let Some(race) = race
            && let Some(members) = self.header.shared.races.get_mut(&race)
        {
            members.retain(|other| *other != id);
            if members.is_empty() {
                self.header.shared.races.remove(&race);
            }
        }
    }

    /// One that comes back at once is replaced: the race stays open for it.
    fn pause_race(&mut self, id: ActivationId) {
        let race = self.activations.get(&id).and_then(|found| found.race);
        let members = race.and_then(|race| self.header.shared.races.get_mut(&race));
        if let Some(members) = members {
            members.retain(|other| *other != id);
        }
    }

    fn begin_compensation(&mut self, id: ActivationId, scope: ScopeId, left: &[Compensation]) {
        let noted = &mut self.header.shared.compensations;
        for done in left {
            // The same node may have completed twice: the newest goes first.
            if let Some(at) = noted.iter().rposition(|other| other == done) {
                noted.remove(at);
            }
        }
        self.open_scope(scope, id, 0, ScopeKind::Compensation(id));
        self.set_body(
            id,
            Body::Compensating {
                scope,
                left: left.to_vec(),
            },
        );
    }

    fn run_compensation(&mut self, id: ActivationId, scope: ScopeId) {
        if let Some(Activation {
            body: Body::Compensating { left, .. },
            ..
        }) = self.activations.get_mut(&id)
            && !left.is_empty()
        {
            left.remove(0);
        }
        if let Some(scope) = self.header.scopes.get_mut(&scope) {
            scope.branches = scope.branches.saturating_add(1);
            scope.live = scope.live.saturating_add(1);
        }
    }

    /// What failed is tried again; its body is as it was.
    fn retry(&mut self, id: ActivationId) {
        let Some(activation) = self.activations.get_mut(&id) else {
            return;
        };
        if let ActivationState::Failed(_) = activation.state {
            activation.state = ActivationState::Running;
            let failed = failed_in(&mut self.header, activation.scope);
            *failed = failed.saturating_sub(1);
        }
    }

    fn fire(&mut self, activation: ActivationId, task: Option<TaskId>, timer: Timer) {
        if let Some(task) = task {
            self.change_task(task, |task| task.timers.fired(timer));
        } else if let Some(activation) = self.activations.get_mut(&activation)
            && let Some(alarm) = &mut activation.alarm
        {
            alarm.due.retain(|(_, other)| *other != timer);
        }
    }

    /// An activation fails once: the first incident is the one to be resolved.
    fn fail(&mut self, id: ActivationId, state: ActivationState) {
        let Some(activation) = self.activations.get_mut(&id).filter(|activation| {
            matches!(
                activation.state,
                ActivationState::Running | ActivationState::Waiting
            )
        }) else {
            return;
        };
        activation.state = state;
        *failed_in(&mut self.header, activation.scope) += 1;
    }

    fn finish(&mut self, status: InstanceStatus) {
        self.header.status = status;
        self.header.live = 0;
        self.header.scopes.clear();
        let shared = &mut self.header.shared;
        shared.races.clear();
        shared.locks.clear();
        shared.watching.clear();
        shared.parked.clear();
    }

    fn reopen(&mut self, tokens: u32) {
        self.finish(InstanceStatus::Running);
        self.header.live = tokens;
        self.header.failed = 0;
        self.header.outcome = None;
    }

    fn unpark(&mut self, id: ActivationId, back: bool) {
        let Some(token) = self.header.shared.parked.remove(&id).filter(|_| back) else {
            return;
        };
        match token.scope.and_then(|id| self.header.scopes.get_mut(&id)) {
            Some(scope) => scope.live = scope.live.saturating_add(1),
            None => self.header.live = self.header.live.saturating_add(1),
        }
    }

    /// The scope counts as one token again in the scope around it.
    fn reopen_scope(&mut self, reopened: &ScopeReopened) {
        let around = reopened
            .parent
            .and_then(|id| self.header.scopes.get_mut(&id));
        let depth = around.as_ref().map_or(0, |scope| scope.depth);
        match around {
            Some(scope) => scope.live = scope.live.saturating_add(1),
            None => self.header.live = self.header.live.saturating_add(1),
        }
        let scope = Scope {
            split: reopened.split.clone(),
            parent: reopened.parent,
            from: reopened.from.clone(),
            depth: depth.saturating_add(1),
            branches: reopened.branches,
            live: 0,
            strayed: 0,
            stray: false,
            failed: 0,
            items: reopened.items.clone(),
            kind: ScopeKind::Split,
            fired: None,
            arrived: BTreeMap::new(),
        };
        self.header.scopes.insert(reopened.scope, scope);
    }

    fn end_branch(&mut self, scope: Option<ScopeId>, stray: bool) {
        if let Some(scope) = scope.and_then(|id| self.header.scopes.get_mut(&id))
            && stray
        {
            scope.strayed = scope.strayed.saturating_sub(1);
        }
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

    fn open_scope(&mut self, id: ScopeId, opener: ActivationId, branches: u32, kind: ScopeKind) {
        let Some(opener) = self.activations.get(&opener) else {
            return;
        };
        let around = opener
            .scope
            .and_then(|parent| self.header.scopes.get(&parent));
        let scope = Scope {
            split: opener.node.clone(),
            parent: opener.scope.filter(|_| kind != ScopeKind::Side),
            from: opener.from.clone(),
            depth: around.map_or(0, |parent| parent.depth).saturating_add(1),
            branches,
            live: branches,
            strayed: 0,
            stray: opener.stray && kind == ScopeKind::Split,
            failed: 0,
            items: opener.items.clone(),
            kind,
            fired: None,
            arrived: BTreeMap::new(),
        };
        self.header.scopes.insert(id, scope);
    }
}

/// The counter of what failed where the token is.
fn failed_in(header: &mut Header, scope: Option<ScopeId>) -> &mut u32 {
    match scope.and_then(|scope| header.scopes.get_mut(&scope)) {
        Some(scope) => &mut scope.failed,
        None => &mut header.failed,
    }
}

fn release_lock(locks: &mut BTreeMap<String, Lock>, name: &str, id: ActivationId) {
    let Some(lock) = locks.get_mut(name) else {
        return;
    };
    lock.queue.retain(|other| *other != id);
    if lock.holder == Some(id) {
        lock.holder = None;
    }
    if lock.holder.is_none() && lock.queue.is_empty() {
        locks.remove(name);
    }
}

fn end_child(children: &mut Children, child: InstanceId, end: &ChildEnd) {
    let Some(place) = children.live.remove(&child) else {
        return;
    };
    if let ChildEnd::Completed { data } = end {
        children.completed = children.completed.saturating_add(1);
        if let Some(data) = data {
            children.results.insert(place, Arc::clone(data));
        }
    }
}
