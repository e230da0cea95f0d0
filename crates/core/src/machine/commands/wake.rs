//! Wake: the earliest timer of a task has come.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | wake | task open, a timer due | the engine or the host | `timer_fired`, and for an escalation `task_escalated` or `escalation_failed` `incident_opened` | task as it is, or with somebody else |
//! | wake | task open and due, `when_due: approve` or `reject` | the same | `timer_fired` `decision_made`, and what follows from the vote | task completed |
//! | wake | task open and due, `when_due: escalate` or `delegate` | the same | `timer_fired`, then `task_escalated` or `task_delegated`, or `escalation_failed` `incident_opened` | task with somebody else |

use std::collections::BTreeSet;

use crate::{
    command::TaskRef,
    event::Event,
    graph::{ActionEvent, Led, OnReject, WhenDue, Who},
    id::PersonId,
    instance::{OpenEntry, Outcome, Task, Timer},
    machine::{
        commands::decide::{self, OVERDUE},
        context::{Context, Halt, gather},
        draft::{Draft, Fired},
        entry, members, rights,
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
    let spec = entry::spec(cx, &task.node, task.entry).map(|(_, spec)| spec);
    match timer {
        Timer::Remind => fire(draft, &task, timer, ActionEvent::OnReminder),
        Timer::Due => due(cx, draft, &task, &open)?,
        Timer::Escalate => {
            let level = task.timers.escalation.as_ref();
            let level = level.map_or(1, |escalation| escalation.level);
            let rule = spec.and_then(|spec| spec.escalate.as_ref());
            let found = match rule {
                Some(rule) => resolve(cx, draft, &task, &open, &rule.to)?,
                None => Vec::new(),
            };
            fired(draft, &task, Timer::Escalate);
            escalate(draft, &task, level, found);
        }
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

fn fired(draft: &mut Draft, task: &Task, timer: Timer) {
    draft.emit(Event::TimerFired {
        activation: task.activation,
        task: Some(task.id),
        timer,
    });
}

fn fire(draft: &mut Draft, task: &Task, timer: Timer, event: ActionEvent) {
    fired(draft, task, timer);
    draft
        .fired
        .push(Fired::new(event, Some(&task.node)).task(task.id));
}

/// The task is due: it is overdue from now on, and what `when_due` says happens.
fn due(cx: &Context<'_>, draft: &mut Draft, task: &Task, open: &OpenEntry) -> Result<(), Halt> {
    let overdue = |draft: &mut Draft| fire(draft, task, Timer::Due, ActionEvent::OnOverdue);
    let spec = entry::spec(cx, &task.node, task.entry).map(|(_, spec)| spec);
    let rule = spec.and_then(|spec| Some((spec, spec.when_due.as_ref()?)));
    match rule {
        None => overdue(draft),
        Some((spec, WhenDue::Approve)) => {
            overdue(draft);
            return decide::when_due(cx, draft, task, spec, Outcome::Approved);
        }
        Some((spec, WhenDue::Reject)) => {
            if spec.on_reject == OnReject::Reject {
                draft.load_all(cx.facts)?;
            }
            overdue(draft);
            return decide::when_due(cx, draft, task, spec, Outcome::Rejected);
        }
        Some((spec, WhenDue::Escalate)) => {
            let rule = spec.escalate.as_ref();
            let rule = rule.filter(|rule| task.escalated < rule.levels);
            let found = match rule {
                Some(rule) => Some(resolve(cx, draft, task, open, &rule.to)?),
                // Every level has been climbed already.
                None => None,
            };
            overdue(draft);
            if let Some(found) = found {
                escalate(draft, task, task.escalated + 1, found);
            }
        }
        Some((_, WhenDue::Delegate(who))) => {
            let found = resolve(cx, draft, task, open, who)?;
            overdue(draft);
            delegate(cx, draft, task, &found);
        }
    }
    Ok(())
}

/// The first person found decides for whoever has the task; a task that nobody has yet is theirs.
fn delegate(cx: &Context<'_>, draft: &mut Draft, task: &Task, found: &[Principal]) {
    let chain_ends = task.delegations.len() >= cx.facts.settings.limits.delegation_depth;
    let persons = found.iter().filter_map(|found| match found {
        Principal::User(person) => Some(person),
        _ => None,
    });
    let mut fitting = persons.filter(|person| !task.was_delegated_by(person));
    let to = fitting.next().filter(|_| !chain_ends).cloned();
    let (Some(from), Some(to)) = (&task.assignee, &to) else {
        let found = to.map(Principal::User).into_iter().collect();
        return escalate(draft, task, task.escalated + 1, found);
    };
    draft.emit(Event::TaskDelegated {
        task: task.id,
        from: from.clone(),
        to: to.clone(),
        reason: OVERDUE.to_owned(),
    });
    draft.fired.push(Fired {
        reason: Some(OVERDUE.to_owned()),
        to: Some(to.as_str().to_owned()),
        delegator: Some(from.clone()),
        delegate: Some(to.clone()),
        ..Fired::new(ActionEvent::AfterDelegate, Some(&task.node)).task(task.id)
    });
}

/// Gives the task to whom was found, or tells an operator.
fn escalate(draft: &mut Draft, task: &Task, level: u32, found: Vec<Principal>) {
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
        return;
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
}

/// Who gets the task: nobody who may not decide, and not who has it already.
fn resolve(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    open: &OpenEntry,
    to: &Who,
) -> Result<Vec<Principal>, Halt> {
    let asked = match to {
        Who::ManagerOf(Led::Assignee, levels) => {
            let managers = managers(cx, task, *levels)?;
            let active = gather(managers.iter().map(|person| cx.active(person)))?;
            let persons: Vec<PersonId> = active.into_iter().flatten().collect();
            Asked {
                named: persons.iter().cloned().map(Principal::User).collect(),
                persons,
            }
        }
        who => {
            let instance = draft.instance()?;
            let mut variables = Variables::here(cx, instance);
            if let Some(here) = instance.activation(task.activation) {
                variables = variables.of(here);
            }
            // An expression that fails finds nobody, and that is an incident.
            who::resolve(cx, instance, &variables, who)?.unwrap_or_default()
        }
    };
    let mut barred = members::taken(open);
    if !matches!(to, Who::Role(_)) {
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
fn managers(cx: &Context<'_>, task: &Task, levels: u32) -> Result<Vec<PersonId>, Halt> {
    let holders: BTreeSet<PersonId> = match &task.assignee {
        Some(assignee) => BTreeSet::from([assignee.clone()]),
        None => cx.candidates(&task.candidates)?.into_iter().collect(),
    };
    let managers = gather(holders.iter().map(|person| who::leader(cx, person, levels)))?;
    let unique: BTreeSet<PersonId> = managers.into_iter().flatten().collect();
    Ok(unique.into_iter().collect())
}
