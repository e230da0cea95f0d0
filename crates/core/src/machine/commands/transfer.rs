//! Transfer: a task goes to another person for good; a manager's transfer is called assign.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | transfer | task ready or assigned | candidate or assignee, not excluded, an active person who has not got it and is not excluded | `task_transferred` | task assigned |
//! | assign | task ready or assigned | manager; an active person who has not got it and is not excluded | `task_transferred` | task assigned |
//!
//! The vote goes along, and with it the chain of delegations; an offer stays one for whoever is left.

use crate::{
    command::{HandOver, TaskRef},
    event::Event,
    graph::ActionEvent,
    id::PersonId,
    instance::{OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        hand_over::{self, Gives},
        rights::{self, For},
    },
};

pub(super) fn transfer(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    over: &HandOver,
) -> Result<(), Halt> {
    let (task, entry) = rights::may_act(cx, draft, target, For::HandingOver)?;
    let from = hand_over::giver(cx, &task)?;
    give(cx, draft, &task, &entry, Some(from), over)
}

pub(super) fn assign(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    over: &HandOver,
) -> Result<(), Halt> {
    let (task, entry) = rights::open(cx, draft, target)?;
    rights::manages(cx)?;
    let from = task.assignee.clone();
    give(cx, draft, &task, &entry, from, over)
}

fn give(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    entry: &OpenEntry,
    from: Option<PersonId>,
    over: &HandOver,
) -> Result<(), Halt> {
    hand_over::known(cx, draft.instance()?, task, entry, over.to.as_ref())?;
    let to = hand_over::receiver(cx, from.as_ref(), over)?;
    hand_over::has_a_vote_left(draft.instance()?, entry, task, &to, Gives::Vote)?;
    let reason = hand_over::remark(cx, &over.reason)?;
    draft.emit(Event::TaskTransferred {
        task: task.id,
        from,
        to: to.clone(),
        reason: reason.clone(),
    });
    draft.fired.push(Fired {
        reason,
        to: Some(to.as_str().to_owned()),
        ..Fired::new(ActionEvent::OnTaskAssigned, Some(&task.node)).task(task.id)
    });
    Ok(())
}
