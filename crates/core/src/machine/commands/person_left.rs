//! Person left: whoever has a task has left the organization, and it goes to somebody else.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | person_left | the person has the task, others are offered it too | manager | `task_released` | task ready |
//! | person_left | the person has the task, a substitute or a manager above can take it | manager | `task_transferred` | task assigned to them, the vote too |
//! | person_left | the person stands in for somebody, another can | manager | `task_delegated` | task assigned to them |
//! | person_left | the person has the task, nobody can take it | manager | `incident_opened` | task as it is |
//!
//! Told again while nobody can take it, it is refused as `no_approver`: the incident is there until
//! somebody else has the task, by this or any other command, or it is closed.

use crate::{
    command::TaskRef,
    event::Event,
    graph::ActionEvent,
    id::PersonId,
    instance::{OpenEntry, PERSON_LEFT, Task},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        hand_over::{self, Gives},
        members, rights,
    },
    principal::Principal,
    refusal::RefusalCode,
};

/// What is told as the reason.
const LEFT: &str = "left the organization";
/// Managers of managers that are tried.
const LEVELS: usize = 50;

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    person: &PersonId,
) -> Result<(), Halt> {
    let (task, open) = rights::open(cx, draft, target)?;
    rights::manages(cx)?;
    if task.assignee.as_ref() != Some(person) {
        return Err(hand_over::invalid(person, "does not have the task"));
    }
    if task.delegations.is_empty() && is_offered_to_others(cx, &task, &open, person)? {
        draft.emit(Event::TaskReleased { task: task.id });
        return Ok(());
    }
    // Whoever only stood in for somebody takes no vote along.
    let gives = match &task.duty {
        Some(duty) if duty != person => Gives::Task,
        _ => Gives::Vote,
    };
    let Some(to) = heir(cx, draft, &open, &task, gives)? else {
        let message = format!(
            "`{person}` has left, and nobody was found to take `{}`",
            task.node
        );
        if task.left.is_some() {
            return Err(Halt::refuse(RefusalCode::NoApprover, message));
        }
        draft.incident(PERSON_LEFT, message, None, Some(task.id));
        return Ok(());
    };
    draft.emit(match gives {
        Gives::Task => Event::TaskDelegated {
            task: task.id,
            from: person.clone(),
            to,
            reason: LEFT.to_owned(),
        },
        Gives::Vote => Event::TaskTransferred {
            task: task.id,
            from: Some(person.clone()),
            to,
            reason: Some(LEFT.to_owned()),
        },
    });
    let fired = Fired::new(ActionEvent::OnTaskAssigned, Some(&task.node));
    draft.fired.push(fired.task(task.id));
    Ok(())
}

fn is_offered_to_others(
    cx: &Context<'_>,
    task: &Task,
    open: &OpenEntry,
    person: &PersonId,
) -> Result<bool, Halt> {
    let anyone = task.candidates.contains(&Principal::Anyone);
    let others = cx.candidates(&task.candidates)?;
    let barred = members::taken(open);
    Ok(anyone
        || others.iter().any(|other| {
            other != person && !barred.contains(other) && !task.was_delegated_by(other)
        }))
}

/// The substitute, else the first manager above, who is active, may decide, and is not asked anyway.
fn heir(
    cx: &Context<'_>,
    draft: &Draft,
    open: &OpenEntry,
    task: &Task,
    gives: Gives,
) -> Result<Option<PersonId>, Halt> {
    let instance = draft.instance()?;
    let Some(person) = &task.assignee else {
        return Ok(None);
    };
    let fits = |candidate: &PersonId| {
        let barred = candidate == person
            || open.excluded.contains(candidate)
            || task.was_delegated_by(candidate)
            || hand_over::has_a_vote_left(instance, open, task, candidate, gives).is_err();
        Ok::<_, Halt>(!barred && cx.active(candidate)?.is_some())
    };
    if let Some(substitute) = cx.substitutions()?.get(person)
        && fits(substitute)?
    {
        return Ok(Some(substitute.clone()));
    }
    let mut chain = vec![person];
    while chain.len() <= LEVELS {
        let Some(manager) = cx.manager(chain[chain.len() - 1])? else {
            break;
        };
        if chain.contains(&manager) {
            break;
        }
        if fits(manager)? {
            return Ok(Some(manager.clone()));
        }
        chain.push(manager);
    }
    Ok(None)
}
