//! Giving a task to another person: who gives it, and who may get it.

use crate::{
    command::HandOver,
    id::PersonId,
    instance::{Instance, OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        rights,
    },
    refusal::RefusalCode,
};

/// What goes to the other person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Gives {
    /// The task alone: the vote that it carries stays the giver's, so whoever is asked too may get it.
    Task,
    /// The vote too: whoever is asked too would have two.
    Vote,
}

/// Whose task it is: the assignee's, else the candidate's who acts.
pub(super) fn giver(cx: &Context<'_>, task: &Task) -> Result<PersonId, Halt> {
    let acting = cx.facts.actor.person().map(|person| &person.id);
    task.assignee.as_ref().or(acting).cloned().ok_or_else(|| {
        Halt::refuse(
            RefusalCode::NotPermitted,
            format!(
                "nobody has the task yet, so nobody can {} it",
                cx.command.name()
            ),
        )
    })
}

/// Refuses a person who may not decide here, or whom nobody knows.
pub(super) fn known(
    cx: &Context<'_>,
    instance: &Instance,
    task: &Task,
    entry: &OpenEntry,
    to: Option<&PersonId>,
) -> Result<(), Halt> {
    let Some(to) = to else {
        return Ok(());
    };
    rights::separate(instance, entry, task, to)?;
    if cx.person(to)?.is_none() {
        return Err(Halt::refuse(
            RefusalCode::UnknownUser,
            format!("nobody is called `{to}`"),
        ));
    }
    Ok(())
}

/// Refuses to give a task to whoever has no vote left for it: each natural person votes once.
pub(super) fn has_a_vote_left(
    instance: &Instance,
    entry: &OpenEntry,
    task: &Task,
    to: &PersonId,
    gives: Gives,
) -> Result<(), Halt> {
    if has_voted(entry, task, to) {
        return Err(invalid(to, "has decided here already"));
    }
    match gives {
        Gives::Vote if is_asked(instance, entry, task, to) => {
            Err(invalid(to, "is asked here already"))
        }
        _ => Ok(()),
    }
}

/// Whether the person has voted on the entry, for whomever.
pub(super) fn has_voted(entry: &OpenEntry, task: &Task, person: &PersonId) -> bool {
    let mut votes = entry.votes.iter();
    task.question.is_none() && votes.any(|vote| vote.by.person() == Some(person))
}

/// Whether the person is asked for a vote besides that of `task`.
fn is_asked(instance: &Instance, entry: &OpenEntry, task: &Task, person: &PersonId) -> bool {
    if task.question.is_some() {
        return false;
    }
    let is = |other: &Option<PersonId>| other.as_ref() == Some(person);
    let mut others = instance.tasks_of(task.activation).filter(|other| {
        other.id != task.id && other.entry == task.entry && other.question.is_none()
    });
    others.any(|other| is(&other.duty) || is(&other.assignee))
        || (entry.members.contains(person) && !is(&task.duty))
}

/// The person who gets the task: an active one, not the one who has it.
pub(super) fn receiver(
    cx: &Context<'_>,
    from: Option<&PersonId>,
    over: &HandOver,
) -> Result<PersonId, Halt> {
    let Some(to) = &over.to else {
        return Err(Halt::refuse(
            RefusalCode::TargetRequired,
            "say who gets the task",
        ));
    };
    if from == Some(to) {
        return Err(invalid(to, "already has the task"));
    }
    if cx.active(to)?.is_none() {
        return Err(invalid(to, "is not active"));
    }
    Ok(to.clone())
}

pub(super) fn invalid(to: &PersonId, why: &str) -> Halt {
    Halt::refuse(RefusalCode::TargetInvalid, format!("`{to}` {why}"))
}

/// A reason that need not be given; empty is none.
pub(super) fn remark(cx: &Context<'_>, reason: &str) -> Result<Option<String>, Halt> {
    let reason = reason.trim();
    rights::within(cx, "reason", reason)?;
    Ok((!reason.is_empty()).then(|| reason.to_owned()))
}
