//! Who may act on a task, checked in the one order of all refusals.

use crate::{
    actor::{Actor, Person},
    command::{Place, TaskRef},
    id::{PersonId, RoleId},
    instance::{Activation, Body, Instance, InstanceStatus, OpenEntry, Task},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        sight::may_manage,
    },
    refusal::RefusalCode,
};

/// What a right is needed for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum For {
    /// Taking the task.
    Claiming,
    /// Deciding it.
    Deciding,
    /// Giving it back to those whom it was offered to.
    GivingBack,
    /// Giving it to somebody else.
    HandingOver,
    /// Giving its step a status.
    SettingStatus,
}

/// The task of `target`, when the instance runs, the task is open and the actor may act on it.
pub(super) fn may_act(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    need: For,
) -> Result<(Task, OpenEntry), Halt> {
    let entry = open_entry(cx, draft, target)?;
    if let (For::Deciding, Actor::Person(person)) = (need, &cx.facts.actor)
        && entry
            .votes
            .iter()
            .any(|vote| vote.by.person() == Some(&person.id))
    {
        return Err(Halt::refuse(
            RefusalCode::AlreadyDecided,
            format!("`{}` has already decided here", person.id),
        ));
    }
    let task = task(draft.instance()?, target).ok_or_else(not_open)?;
    ticks(&task)?;
    if let Actor::Person(person) = &cx.facts.actor
        && !(matches!(need, For::GivingBack | For::SettingStatus) && manages(cx).is_ok())
    {
        permitted(person, &task, &entry.higher, need)?;
        separate(draft.instance()?, &entry, &task, &person.id)?;
    }
    Ok((task, entry))
}

/// The task of `target`, when the instance runs and the task is open, whoever acts.
pub(super) fn open(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
) -> Result<(Task, OpenEntry), Halt> {
    let entry = open_entry(cx, draft, target)?;
    let task = task(draft.instance()?, target).ok_or_else(not_open)?;
    Ok((task, entry))
}

fn open_entry(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<OpenEntry, Halt> {
    running(draft.instance()?)?;
    draft
        .load(target.activation, cx.facts)?
        .and_then(|activation| activation.open_entry(target.entry))
        .cloned()
        .ok_or_else(not_open)
}

/// The open task of `target`, when it lies where `target` says.
pub(super) fn task(instance: &Instance, target: TaskRef) -> Option<Task> {
    let task = instance.task(target.task)?;
    let there = task.activation == target.activation && task.entry == target.entry;
    there.then(|| task.clone())
}

/// Refuses when nobody may act on the task for now.
pub(super) fn ticks(task: &Task) -> Result<(), Halt> {
    match task.suspended_at {
        None => Ok(()),
        Some(since) => Err(Halt::refuse(
            RefusalCode::OnHold,
            format!("the task is suspended since {since}"),
        )),
    }
}

/// The task of `target`, when the instance runs and the task is open, of an entry or not.
pub(super) fn open_task(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
) -> Result<Task, Halt> {
    running(draft.instance()?)?;
    draft.load(target.activation, cx.facts)?;
    task(draft.instance()?, target).ok_or_else(not_open)
}

fn not_open() -> Halt {
    Halt::refuse(RefusalCode::NotOpen, "the task is closed")
}

/// Refuses unless the instance runs.
pub(super) fn running(instance: &Instance) -> Result<(), Halt> {
    let code = match instance.status() {
        InstanceStatus::Running => return Ok(()),
        InstanceStatus::OnHold(_) => RefusalCode::OnHold,
        _ => RefusalCode::NotRunning,
    };
    Err(Halt::refuse(
        code,
        format!("the instance is {}", instance.status().as_str()),
    ))
}

/// Refuses unless the instance runs, or is told something while it is on hold.
pub(super) fn hears(instance: &Instance) -> Result<bool, Halt> {
    match instance.status() {
        InstanceStatus::OnHold(_) => Ok(false),
        _ => running(instance).map(|()| true),
    }
}

/// Refuses when the instance is on hold or has not begun.
pub(super) fn has_begun(instance: &Instance) -> Result<(), Halt> {
    match instance.status().is_over() {
        true => Ok(()),
        false => running(instance),
    }
}

/// Refuses when the instance has ended.
pub(super) fn lives(instance: &Instance) -> Result<(), Halt> {
    match instance.status().is_over() {
        true => running(instance),
        false => Ok(()),
    }
}

/// Refuses unless the actor has an open task of the instance, may take one, or manages it.
pub(super) fn may_act_there(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    let Err(refused) = manages(cx) else {
        return Ok(());
    };
    draft.load_all(cx.facts)?;
    let acts = cx.facts.actor.person().is_some_and(|person| {
        let Ok(instance) = draft.instance() else {
            return false;
        };
        let mut tasks = instance.tasks();
        tasks.any(|task| permitted(person, task, higher(instance, task), For::Deciding).is_ok())
    });
    if acts { Ok(()) } else { Err(refused) }
}

/// The live activation that is meant, loaded; on a node, the latest.
pub(super) fn place(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: &Place,
) -> Result<Option<Activation>, Halt> {
    match place {
        Place::Activation(id) => Ok(draft.load(*id, cx.facts)?.cloned()),
        Place::Node(node) => {
            draft.load_all(cx.facts)?;
            let found = draft.instance()?.activations();
            Ok(found
                .filter(|activation| activation.node == *node)
                .last()
                .cloned())
        }
    }
}

/// Makes known what goes with an activation that is withdrawn.
pub(super) fn load_inside(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
) -> Result<(), Halt> {
    match activation.body {
        Body::Compensating { .. } => draft.load_all(cx.facts),
        _ => Ok(()),
    }
}

/// Refuses unless a manager, an admin or the host acts, or the engine by itself.
pub(super) fn manages(cx: &Context<'_>) -> Result<(), Halt> {
    let Actor::Person(person) = &cx.facts.actor else {
        return Ok(());
    };
    if may_manage(cx.graph, person) {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::NotPermitted,
        format!("`{}` does not manage `{}`", person.id, cx.graph.key()),
    ))
}

/// Refuses a person where only the engine or the host may act.
pub(super) fn by_itself(cx: &Context<'_>, what: &str) -> Result<(), Halt> {
    match &cx.facts.actor {
        Actor::Person(person) => Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("{what} by themselves, not by `{}`", person.id),
        )),
        Actor::Engine | Actor::Host => Ok(()),
    }
}

/// The roles above the one that a task asks, where those who have them may decide instead.
pub(super) fn higher<'a>(instance: &'a Instance, task: &Task) -> &'a [RoleId] {
    let here = instance.activation(task.activation);
    here.and_then(|here| here.open_entry(task.entry))
        .map_or(&[], |open| &open.higher)
}

/// Candidates are looked at before exclusion.
fn permitted(person: &Person, task: &Task, higher: &[RoleId], need: For) -> Result<(), Halt> {
    let candidate = person.active
        && !task.was_delegated_by(&person.id)
        && (task.assignee.as_ref() == Some(&person.id)
            || task.candidates.iter().any(|candidate| person.is(candidate)));
    let above = matches!(need, For::Claiming | For::Deciding)
        && person.active
        && task.question.is_none()
        && !task.was_delegated_by(&person.id)
        && higher.iter().any(|role| person.roles.contains(role));
    let unlimited = (person.admin && person.active) || above;
    let barred = |assignee: &&PersonId| match need {
        For::Claiming => candidate || unlimited,
        For::Deciding | For::GivingBack | For::HandingOver | For::SettingStatus => {
            candidate && !unlimited && **assignee != person.id
        }
    };
    if let Some(assignee) = task.assignee.as_ref().filter(barred) {
        return Err(already_claimed(assignee));
    }
    if candidate || unlimited {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::NotPermitted,
        format!("`{}` is not a candidate of this task", person.id),
    ))
}

fn already_claimed(assignee: &PersonId) -> Halt {
    Halt::refuse(
        RefusalCode::AlreadyClaimed,
        format!("`{assignee}` has the task"),
    )
}

/// Separation of duties counts natural persons: whoever acts, and everybody whose duty the task carries.
pub(super) fn separate(
    instance: &Instance,
    entry: &OpenEntry,
    task: &Task,
    person: &PersonId,
) -> Result<(), Halt> {
    if task.question.is_some() {
        // Whoever may not decide may well know the answer.
        return Ok(());
    }
    let carried = task.duty.iter().chain(task.delegators());
    let Some(excluded) = std::iter::once(person)
        .chain(carried)
        .find(|person| entry.excluded.contains(person))
    else {
        return Ok(());
    };
    if instance.requester() == Some(excluded) {
        return Err(Halt::refuse(
            RefusalCode::SelfApproval,
            format!("`{excluded}` asked for this and may not decide on it"),
        ));
    }
    Err(Halt::refuse(
        RefusalCode::SeparationOfDuties,
        format!("`{excluded}` has acted before and may not decide here"),
    ))
}

/// Refuses an empty reason.
pub(super) fn reason(cx: &Context<'_>, reason: Option<&str>) -> Result<String, Halt> {
    let reason = reason
        .map(str::trim)
        .filter(|reason| !reason.is_empty())
        .ok_or_else(|| {
            Halt::refuse(
                RefusalCode::ReasonRequired,
                format!("a reason must be given to {}", cx.command.name()),
            )
        })?;
    Ok(reason.to_owned())
}

/// Refuses an oversized comment or reason.
pub(super) fn within(cx: &Context<'_>, what: &str, text: &str) -> Result<(), Halt> {
    let limit = cx.facts.settings.limits.comment_bytes;
    if text.len() <= limit {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::LimitExceeded,
        format!(
            "the {what} is {} bytes long, {limit} are allowed",
            text.len()
        ),
    ))
}
