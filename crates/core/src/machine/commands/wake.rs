//! Wake: the earliest timer of a task has come.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | wake | task open, a timer due | the engine or the host | `timer_fired`, and for an escalation `task_escalated` or `escalation_failed` `incident_opened` | task as it is, or with somebody else |

use std::collections::BTreeSet;

use crate::{
    command::TaskRef,
    event::Event,
    graph::{ActionEvent, Escalate, Who},
    id::PersonId,
    instance::{OpenEntry, Task, Timer},
    machine::{
        context::{Context, Halt, gather},
        draft::{Draft, Fired},
        entry, rights,
        variables::Variables,
        who::{self, Asked},
    },
    principal::Principal,
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let open = draft
        .load(target.activation, cx.facts)?
        .and_then(|activation| activation.open_entry(target.entry))
        .cloned();
    let task = rights::task(draft.instance()?, target);
    let (Some(open), Some(task)) = (open, task) else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "the task is closed"));
    };
    rights::by_itself(cx, "timers fire")?;
    rights::ticks(&task)?;
    let Some((_, timer)) = task.timers.next().filter(|(at, _)| *at <= cx.facts.now) else {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            "no timer of the task is due",
        ));
    };
    match timer {
        Timer::Remind => fire(draft, &task, timer, ActionEvent::OnReminder),
        Timer::Due => fire(draft, &task, timer, ActionEvent::OnOverdue),
        Timer::Escalate => escalate(cx, draft, &task, &open)?,
        Timer::Snooze => draft.emit(Event::TimerFired {
            activation: task.activation,
            task: Some(task.id),
            timer,
        }),
        // These are the activation's, not the task's.
        Timer::Boundary(_) | Timer::Own => {}
    }
    Ok(())
}

fn fire(draft: &mut Draft, task: &Task, timer: Timer, event: ActionEvent) {
    draft.emit(Event::TimerFired {
        activation: task.activation,
        task: Some(task.id),
        timer,
    });
    draft
        .fired
        .push(Fired::new(event, Some(&task.node)).task(task.id));
}

fn escalate(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    open: &OpenEntry,
) -> Result<(), Halt> {
    let level = task
        .timers
        .escalation
        .as_ref()
        .map_or(1, |escalation| escalation.level);
    let rule = entry::spec(cx, &task.node, task.entry).and_then(|(_, spec)| spec.escalate.as_ref());
    let found = match rule {
        Some(rule) => resolve(cx, draft, task, open, rule)?,
        None => Vec::new(),
    };
    draft.emit(Event::TimerFired {
        activation: task.activation,
        task: Some(task.id),
        timer: Timer::Escalate,
    });
    if found.is_empty() {
        draft.emit(Event::EscalationFailed {
            task: task.id,
            level,
        });
        let message = format!(
            "nobody was found to escalate `{}` to, level {level}",
            task.node
        );
        draft.incident("no_escalation", message, None, Some(task.id));
        return Ok(());
    }
    let (assignee, candidates) = match <[Principal; 1]>::try_from(found) {
        Ok([Principal::User(person)]) => (Some(person), Vec::new()),
        Ok(role) => (None, role.to_vec()),
        Err(several) => (None, several),
    };
    draft.emit(Event::TaskEscalated {
        task: task.id,
        level,
        assignee,
        candidates,
        reason: None,
    });
    draft
        .fired
        .push(Fired::new(ActionEvent::AfterEscalate, Some(&task.node)).task(task.id));
    Ok(())
}

/// Who gets the task: nobody who may not decide, and not who has it already.
fn resolve(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    open: &OpenEntry,
    rule: &Escalate,
) -> Result<Vec<Principal>, Halt> {
    let asked = match &rule.to {
        Who::ManagerOfAssignee => {
            let managers = managers(cx, task)?;
            let active = gather(managers.iter().map(|person| cx.active(person)))?;
            let persons: Vec<PersonId> = active.into_iter().flatten().collect();
            Asked {
                named: persons.iter().cloned().map(Principal::User).collect(),
                persons,
            }
        }
        who => {
            let instance = draft.instance()?;
            let mut variables = Variables::new(instance, cx.facts);
            if let Some(here) = instance.activation(task.activation) {
                variables = variables.of(here);
            }
            // An expression that fails finds nobody, and that is an incident.
            who::resolve(cx, instance, &variables, who)?.unwrap_or_default()
        }
    };
    let mut barred: BTreeSet<PersonId> = open.excluded.iter().cloned().collect();
    if !matches!(rule.to, Who::Role(_)) {
        barred.extend(task.assignee.clone());
    }
    let asked = asked.without(&barred);
    Ok(if asked.is_empty() {
        Vec::new()
    } else {
        asked.named
    })
}

/// The assignee's manager; of an offer, the managers of all candidates.
fn managers(cx: &Context<'_>, task: &Task) -> Result<Vec<PersonId>, Halt> {
    let holders: BTreeSet<PersonId> = match &task.assignee {
        Some(assignee) => BTreeSet::from([assignee.clone()]),
        None => cx.candidates(&task.candidates)?.into_iter().collect(),
    };
    let managers = gather(holders.iter().map(|person| cx.manager(person)))?;
    let unique: BTreeSet<PersonId> = managers.into_iter().flatten().cloned().collect();
    Ok(unique.into_iter().collect())
}
