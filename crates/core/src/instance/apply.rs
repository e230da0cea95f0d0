//! The only writer of state: live runs and replay share it.
//!
//! Total: an event that does not fit the state changes nothing. The machine never makes one, and
//! the law "the fold of the events equals the stored state" would show it.

mod migrate;
mod pauses;
mod tasks;
mod tokens;
mod visits;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use rpds::RedBlackTreeSetSync;
use serde_json::{Map, Value};

use crate::{
    actor::By,
    event::{Event, HistoryEntry, InstanceStarted},
    instance::{
        ActivationState, Alarm, Body, CheckIn, Children, Closing, Delegation, EntryState, Header,
        Instance, InstanceStatus, OpenEntry, Outcome, PERSON_LEFT, ScopeKind, Shared, StepStatus,
        VisitState, live::Live,
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
        (None, Event::InstanceStarted(started)) => {
            *slot = Some(Instance::begin(stamp, started, InstanceStatus::Running));
        }
        (None, Event::InstanceAttached(started)) => {
            let start = started.start.clone();
            *slot = Some(Instance::begin(
                stamp,
                started,
                InstanceStatus::Pending { start },
            ));
        }
        (Some(instance), event) => instance.apply(stamp, event),
        (None, _) => {}
    }
}

impl Instance {
    fn begin(stamp: &Stamp, started: &InstanceStarted, status: InstanceStatus) -> Self {
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
                attached_at: None,
                metadata: Arc::clone(&started.metadata),
                parent: started.parent.clone(),
                seed: started.seed.clone(),
                artifact: started.artifact.clone(),
                outcome: None,
                exclusive: started.exclusive,
                business_key: started.business_key.clone(),
                unique: started.unique,
                follows: started.follows,
                live: u32::from(status.is_running()),
                status,
                failed: 0,
                activations: 0,
                numbered: 0,
                visited: 0,
                scopes: BTreeMap::new(),
                results: BTreeMap::new(),
                shared: Shared::default(),
            },
            activations: Live::new(),
            tasks: Live::new(),
            seats: RedBlackTreeSetSync::new_sync(),
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
            } => self.change_children(*activation, |all| visits::end_child(all, *child, end)),
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
            Event::EntryChanged {
                activation,
                entry,
                members,
                later,
                needed,
                followed,
                ..
            } => self.change_entry(*activation, *entry, |open| {
                open.members.clone_from(members);
                open.later.clone_from(later);
                open.needed = *needed;
                if followed.is_some() {
                    open.followed.clone_from(followed);
                }
            }),
            Event::EntryOpened {
                activation,
                entry,
                members,
                later,
                needed,
                excluded,
                higher,
                followed,
            } => self.set_entry(
                *activation,
                *entry,
                EntryState::Open(OpenEntry {
                    members: members.clone(),
                    later: later.clone(),
                    needed: *needed,
                    excluded: excluded.clone(),
                    higher: higher.clone(),
                    followed: followed.clone(),
                    votes: Vec::new(),
                }),
            ),
            Event::EntryClosed {
                activation, entry, ..
            } => self.set_entry(*activation, *entry, EntryState::Done),
            Event::ActionRequested { .. }
            | Event::CodeRaised { .. }
            | Event::Commented { .. }
            | Event::EscalationFailed { .. }
            | Event::IncidentResolved { .. }
            | Event::InstanceAttached(_)
            | Event::InstanceStarted(_)
            | Event::SignalThrown { .. }
            | Event::TransitionFailed { .. }
            | Event::TransitionTaken { .. } => {}
            Event::ErrorCaught {
                activation, node, ..
            } => self.end(*activation, node, VisitState::Failed),
            Event::FunctionReturned { into, value, .. } => self.set_data(into.as_deref(), value),
            Event::GroupSkipped { nodes, .. } => {
                for node in nodes {
                    self.visit(node, VisitState::Skipped);
                }
            }
            Event::IncidentOpened {
                incident,
                code,
                task,
                ..
            } => {
                if let (PERSON_LEFT, Some(task)) = (code.as_str(), task) {
                    self.change_task(*task, |task| task.left = Some(*incident));
                }
            }
            Event::InfoAnswered { task, by, .. } => {
                let closing = Closing::Completed {
                    by: by.clone(),
                    at: stamp.at,
                    outcome: Outcome::Answered,
                };
                self.close_task(stamp, *task, closing);
            }
            Event::InstanceBegun { requester } => self.begin_pending(stamp, requester.as_ref()),
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
            Event::InstanceMigrated { definition, nodes } => self.migrate(definition, nodes),
            Event::InstanceHeld { reason, jobs } => self.hold(stamp, reason.as_ref(), jobs),
            Event::InstanceResumed => self.resume(stamp),
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
            Event::JobOrdered { activation, .. } => self.set_body(*activation, Body::Job),
            Event::LockAwaited { activation, lock } => self.await_lock(*activation, lock),
            Event::LockTaken { activation, lock } => self.take_lock(*activation, lock),
            Event::MessageReceived { into, value, .. } => self.set_data(into.as_deref(), value),
            Event::MetadataSet { values } => self.set_metadata(values),
            Event::NewsKept(news) => self.keep_news(news),
            Event::NodeCancelled { activation, node } => {
                self.give_up_race(*activation);
                self.end(*activation, node, VisitState::Cancelled);
            }
            Event::NodeCompleted {
                activation,
                node,
                artifact,
            } => {
                self.end(*activation, node, VisitState::Completed);
                self.keep_artifact(node, artifact.as_ref());
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
            Event::NodeObsolete {
                activation,
                incident,
                ..
            } => self.make_obsolete(*activation, *incident),
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
            Event::NodeReturned { activation, node } => {
                self.end(*activation, node, VisitState::Resubmitted);
            }
            Event::NodeRetried { activation } => self.retry(*activation),
            Event::NodeRevived { activation, node } => {
                self.leave_race(*activation);
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
                self.close_task(stamp, *task, Closing::Cancelled { at: stamp.at });
            }
            Event::StatusSet {
                node, status, from, ..
            } => {
                if let Some(result) = self.header.results.get_mut(node) {
                    // To be given once more changes nothing, nor what it goes back to.
                    let before = match result.status.take() {
                        Some(had) if from.as_ref() == Some(status) => had.before,
                        _ => from.clone(),
                    };
                    result.status = Some(StepStatus {
                        key: status.clone(),
                        before,
                    });
                }
            }
            Event::TaskClaimed { task, by } => {
                self.change_task(*task, |task| task.assign(Some(by.clone()), stamp.at));
            }
            Event::TaskDelegated {
                task,
                from,
                to,
                reason,
            } => {
                self.give_away(*task, Some(from));
                self.change_task(*task, |task| {
                    task.duty.get_or_insert_with(|| from.clone());
                    task.delegations.push(Delegation {
                        from: from.clone(),
                        to: to.clone(),
                        at: stamp.at,
                        reason: reason.clone(),
                    });
                    task.assign(Some(to.clone()), stamp.at);
                });
            }
            Event::TaskDrafted { task, form } => {
                self.change_task(*task, |task| task.draft.clone_from(form));
            }
            Event::TaskEscalated {
                task,
                assignee,
                candidates,
                ..
            } => {
                self.give_away(*task, None);
                self.change_task(*task, |task| {
                    task.assign(assignee.clone(), stamp.at);
                    task.candidates.clone_from(candidates);
                    task.escalated = task.escalated.saturating_add(1);
                });
            }
            Event::TaskOffered {
                task, candidates, ..
            } => self.change_task(*task, |task| task.candidates.clone_from(candidates)),
            Event::TaskOpened(opened) => self.open_task(stamp, opened),
            Event::TaskReleased { task } => {
                self.change_task(*task, |task| task.assign(None, stamp.at));
            }
            Event::TaskTransferred { task, from, to, .. } => {
                self.give_away(*task, from.as_ref());
                self.transfer(stamp, *task, to);
            }
            Event::TaskRetimed { task, timers } => {
                self.change_task(*task, |task| task.timers.clone_from(timers));
            }
            Event::TaskResumed { task } => self.resume_task(stamp, *task),
            Event::TaskSnoozed { task, until } => {
                self.change_task(*task, |task| task.timers.snoozed = Some(*until));
            }
            Event::TaskStarted { task } => self.change_task(*task, |task| task.start(stamp.at)),
            Event::TaskSuspended { task, .. } => {
                self.change_task(*task, |task| task.suspended_at = Some(stamp.at));
            }
            Event::TaskWoken { task } => {
                self.change_task(*task, |task| task.timers.snoozed = None);
            }
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
                if let Some(activation) = self.activations.get_mut(*activation) {
                    activation.alarm = Some(Alarm {
                        job: *job,
                        due: due.clone(),
                    });
                }
            }
            Event::TokenParked(parked) => {
                let tokens = &mut self.header.shared.parked;
                tokens.insert(parked.activation, parked.token.clone());
                if let (Some(scope), Some(join)) = (parked.token.scope, &parked.join) {
                    self.take_arrival_back(scope, join);
                }
            }
            Event::TokenStrayed { scope } => {
                if let Some(scope) = self.header.scopes.get_mut(scope) {
                    scope.strayed = scope.strayed.saturating_add(1);
                }
            }
            Event::TokenUnparked { activation, back } => self.unpark(*activation, *back),
        }
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
}
