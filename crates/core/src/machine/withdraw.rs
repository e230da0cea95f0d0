//! Withdrawing what lives: one activation, a scope, everything.

use crate::{
    change::{JobRow, JobWork},
    event::Event,
    id::{ActivationId, JobId, ScopeId, TaskId},
    instance::{Activation, Body, Instance},
    machine::{
        context::{Context, Halt},
        draft::Draft,
    },
};

/// How an activation ends that is withdrawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum As {
    Cancelled,
    Rejected,
    Revived,
    Skipped,
}

/// Withdraws what an activation has outside itself: its tasks, its children, its handlers, its
/// incident.
pub(super) fn inside(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
) -> Result<(), Halt> {
    tasks(draft, activation.id)?;
    match &activation.body {
        Body::Children(children) => {
            for child in children.live.keys() {
                let work = JobWork::CancelChild {
                    child: *child,
                    reason: format!("`{}` of its parent was withdrawn", activation.node),
                };
                order(cx, draft, work)?;
            }
        }
        Body::Compensating {
            scope: handlers, ..
        } => scope(cx, draft, *handlers)?,
        _ => {}
    }
    if let Some(incident) = activation.incident() {
        draft.emit(Event::IncidentResolved { incident });
    }
    Ok(())
}

/// Withdraws the open tasks of an activation.
pub(super) fn tasks(draft: &mut Draft, activation: ActivationId) -> Result<(), Halt> {
    let open: Vec<TaskId> = draft
        .instance()?
        .tasks_of(activation)
        .map(|task| task.id)
        .collect();
    for task in open {
        draft.emit(Event::TaskCancelled { task });
    }
    Ok(())
}

/// Withdraws an activation; its token is the caller's.
pub(super) fn activation(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    how: As,
) -> Result<(), Halt> {
    inside(cx, draft, activation)?;
    let (id, node) = (activation.id, activation.node.clone());
    draft.emit(match how {
        As::Cancelled => Event::NodeCancelled {
            activation: id,
            node,
        },
        As::Rejected => Event::NodeRejected {
            activation: id,
            node,
        },
        As::Revived => Event::NodeRevived {
            activation: id,
            node,
        },
        As::Skipped => Event::NodeSkipped {
            node,
            activation: Some(id),
        },
    });
    Ok(())
}

/// Withdraws an activation together with its token; others may still share that token.
pub(super) fn with_token(
    cx: &Context<'_>,
    draft: &mut Draft,
    found: &Activation,
) -> Result<(), Halt> {
    let shared = shares(draft.instance()?, found);
    activation(cx, draft, found, As::Cancelled)?;
    if !shared {
        draft.end_branch(found.scope, found.stray);
    }
    Ok(())
}

/// Whether others are left that have the same token.
pub(super) fn shares(instance: &Instance, activation: &Activation) -> bool {
    let members = activation.race.map_or(&[][..], |race| instance.race(race));
    members.iter().any(|other| *other != activation.id)
}

/// Withdraws everything in a scope and closes it; all that lives must be loaded.
pub(super) fn scope(cx: &Context<'_>, draft: &mut Draft, id: ScopeId) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let there = |found: &&Activation| found.scope.is_some_and(|at| is_inside(instance, at, id));
    let found: Vec<Activation> = instance.activations().filter(there).cloned().collect();
    let nested = instance.scopes().keys().copied();
    let nested: Vec<ScopeId> = nested.filter(|at| is_inside(instance, *at, id)).collect();
    for found in &found {
        if draft.instance()?.activation(found.id).is_some() {
            activation(cx, draft, found, As::Cancelled)?;
        }
    }
    for scope in nested.into_iter().rev() {
        close(draft, scope)?;
    }
    Ok(())
}

/// Closes a scope; of one that nobody waits for, the instance's own count is told.
pub(super) fn close(draft: &mut Draft, id: ScopeId) -> Result<(), Halt> {
    let Some(scope) = draft.instance()?.scopes().get(&id) else {
        return Ok(());
    };
    let detached = scope.is_detached();
    draft.emit(Event::ScopeClosed { scope: id });
    if detached {
        draft.end_branch(None, false);
    }
    Ok(())
}

/// Whether the scope `at` is `around` or lies inside it.
fn is_inside(instance: &Instance, at: ScopeId, around: ScopeId) -> bool {
    let mut next = Some(at);
    while let Some(at) = next {
        if at == around {
            return true;
        }
        next = instance.scopes().get(&at).and_then(|scope| scope.parent);
    }
    false
}

/// Withdraws everything that lives; all of it must be loaded. `rejected` leaves as rejected.
pub(super) fn all(
    cx: &Context<'_>,
    draft: &mut Draft,
    rejected: Option<ActivationId>,
) -> Result<(), Halt> {
    let live: Vec<Activation> = draft.instance()?.activations().cloned().collect();
    for found in live {
        if draft.instance()?.activation(found.id).is_none() {
            continue;
        }
        let how = if rejected == Some(found.id) {
            As::Rejected
        } else {
            As::Cancelled
        };
        activation(cx, draft, &found, how)?;
    }
    Ok(())
}

/// Orders a job of the instance, to run after the commit.
pub(super) fn order(cx: &Context<'_>, draft: &mut Draft, work: JobWork) -> Result<(), Halt> {
    let id = JobId::new(draft.id());
    let instance = draft.instance()?;
    let row = JobRow {
        tenant: instance.tenant().clone(),
        id,
        instance: instance.id(),
        due_at: cx.facts.now,
        work,
    };
    draft.jobs.push(row);
    Ok(())
}
