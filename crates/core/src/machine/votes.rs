//! When an entry is decided, and what follows.

use crate::{
    event::Event,
    graph::{ActionEvent, EntrySpec, OnReject, Opening},
    id::{ActivationId, NodeKey, TaskId},
    instance::{EntryState, Given, Instance, Outcome, Task},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        entry, leave, steps, withdraw,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

/// After a yes: closes the entry when enough have agreed, and goes on.
pub(super) fn settle_approval(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    fired: Fired,
) -> Result<(), Halt> {
    let Some(open) = open_entry(draft.instance()?, task) else {
        return Ok(());
    };
    if open.approvals() < open.needed {
        next_level(draft, task.activation, task.entry)?;
        return Ok(());
    }
    agreed(cx, draft, task.activation, task.entry, fired)
}

/// Enough have agreed without a vote of this moment: those who are left did.
pub(super) fn complete(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
) -> Result<(), Halt> {
    let node = draft
        .instance()?
        .activation(activation)
        .map(|found| found.node.clone());
    let fired = Fired::new(ActionEvent::AfterApprove, node.as_ref());
    agreed(cx, draft, activation, entry, fired)
}

fn agreed(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
    fired: Fired,
) -> Result<(), Halt> {
    close_entry(draft, activation, entry, Outcome::Approved)?;
    draft.fired.push(Fired {
        event: ActionEvent::AfterApprove,
        ..fired
    });
    go_on(cx, draft, activation)
}

/// After a no: rejects when too many said no, or too few are left to say yes.
pub(super) fn settle_rejection(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    spec: &EntrySpec,
    fired: Fired,
) -> Result<(), Halt> {
    let Some(open) = open_entry(draft.instance()?, task) else {
        return Ok(());
    };
    let rejections = open.rejections();
    let possible = open.voters().saturating_sub(rejections);
    if rejections <= spec.reject_tolerance && possible >= open.needed {
        return Ok(());
    }
    close_entry(draft, task.activation, task.entry, Outcome::Rejected)?;
    // Only what ends in a rejection is announced as one; the rest is sent back.
    let back = match &spec.on_reject {
        OnReject::Cancel | OnReject::Reject => None,
        OnReject::Choose(several) => {
            let chosen = fired.to.as_deref().map(NodeKey::from);
            chosen.or_else(|| several.first().cloned())
        }
        OnReject::Resubmit => Some(task.node.clone()),
        OnReject::GoTo(target) | OnReject::Stay(target) => Some(target.clone()),
    };
    let reason = fired.reason.clone().unwrap_or_default();
    draft.fired.push(match &back {
        None => Fired {
            event: ActionEvent::AfterReject,
            ..fired
        },
        Some(target) => Fired {
            event: ActionEvent::AfterResubmission,
            to: Some(target.as_str().to_owned()),
            ..fired
        },
    });
    match back {
        None => {
            draft.load_all(cx.facts)?;
            withdraw::all(cx, draft, Some(task.activation))?;
            draft.emit(match spec.on_reject {
                OnReject::Cancel => Event::InstanceCancelled { reason },
                _ => Event::InstanceRejected {
                    by: cx.facts.actor.by(),
                    reason,
                },
            });
            Ok(())
        }
        Some(target) => {
            let given = match spec.on_reject {
                OnReject::Stay(_) => steps::as_before(draft.instance()?, &target),
                _ => Given::default(),
            };
            send_with(cx, draft, task.activation, target, given)
        }
    }
}

/// One task is not needed any more, nor is what is asked about it.
pub(super) fn withdraw(
    draft: &mut Draft,
    activation: ActivationId,
    task: TaskId,
) -> Result<(), Halt> {
    let about = |other: &&Task| {
        let question = other.question.as_ref();
        question.is_some_and(|question| question.about == task)
    };
    let open = draft.instance()?.tasks_of(activation).filter(about);
    let mut gone: Vec<TaskId> = open.map(|other| other.id).collect();
    gone.push(task);
    for task in gone {
        draft.emit(Event::TaskCancelled { task });
    }
    Ok(())
}

/// Refuses a question: it is answered, and asks for no vote.
pub(super) fn asks(task: &Task) -> Result<(), Halt> {
    match task.question {
        None => Ok(()),
        Some(_) => Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            "the task is a question: nobody votes on it",
        )),
    }
}

fn open_entry<'a>(instance: &'a Instance, task: &Task) -> Option<&'a crate::instance::OpenEntry> {
    instance.activation(task.activation)?.open_entry(task.entry)
}

/// Asks the next level when all of the one before have said yes.
pub(super) fn next_level(
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let open = instance
        .activation(activation)
        .and_then(|found| found.open_entry(entry));
    let left = instance
        .tasks_of(activation)
        .any(|task| task.entry == entry);
    if !left && open.is_some_and(|open| !open.later.is_empty()) {
        draft.next.push(Work::Level { activation, entry });
    }
    Ok(())
}

/// Closes an entry; peers' tasks are not needed any more.
pub(super) fn close_entry(
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
    outcome: Outcome,
) -> Result<(), Halt> {
    let peers: Vec<TaskId> = draft
        .instance()?
        .tasks_of(activation)
        .filter(|task| task.entry == entry)
        .map(|task| task.id)
        .collect();
    for task in peers {
        draft.emit(Event::TaskCancelled { task });
    }
    draft.emit(Event::EntryClosed {
        activation,
        entry,
        outcome,
    });
    Ok(())
}

/// Opens the next entry of an activation, or leaves its node when all are done.
fn go_on(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    let entries = activation.entries();
    if entries.iter().all(|entry| *entry == EntryState::Done) {
        return leave::leave(cx, draft, id);
    }
    let in_order =
        entry::approval(cx, &activation.node).is_some_and(|node| node.opening == Opening::InOrder);
    let next = entries
        .iter()
        .position(|entry| *entry == EntryState::Pending);
    if let (true, Some(next)) = (in_order, next.and_then(|next| u16::try_from(next).ok())) {
        draft.next.push(Work::Open {
            activation: id,
            entry: next,
        });
    }
    Ok(())
}

/// Sends the token of an activation to `target`, past every guard; its open tasks are withdrawn.
pub(super) fn send(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    target: NodeKey,
) -> Result<(), Halt> {
    send_with(cx, draft, id, target, Given::default())
}

/// The same, with what the visit of `target` is given.
fn send_with(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    target: NodeKey,
    given: Given,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    withdraw::tasks(draft, id)?;
    leave::win(draft, &activation)?;
    draft.emit(Event::NodeResubmitted {
        activation: id,
        node: activation.node.clone(),
        to: target.clone(),
    });
    draft.next.push(Work::Enter(Enter {
        group: cx.graph.node(&target).and_then(|node| node.group.clone()),
        direct: true,
        given,
        ..Enter::from(&activation, target)
    }));
    Ok(())
}
