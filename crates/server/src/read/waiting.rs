//! One sentence about where an instance stands: who it waits for, until when, how it ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use signoff::{
    NodeKey, PersonId,
    core::{
        actor::By,
        graph::Graph,
        instance::{Activation, ActivationState, Body, Instance, InstanceStatus, Task},
        principal::Principal,
    },
};

use crate::{
    read::{Names, title_in_sentence},
    text::{Locale, fill, relative},
};

/// Everybody whose name a page about the instance needs.
pub(crate) fn people_in(instance: &Instance) -> BTreeSet<PersonId> {
    let ended_by = match instance.status() {
        InstanceStatus::Cancelled { by, .. } | InstanceStatus::Rejected { by, .. } => by.person(),
        InstanceStatus::OnHold(hold) => hold.by.person(),
        _ => None,
    };
    let offered = |task: &Task| -> Vec<PersonId> {
        let person = |candidate: &Principal| match candidate {
            Principal::User(id) => Some(id.clone()),
            Principal::Anyone | Principal::Role(_) => None,
        };
        task.candidates
            .iter()
            .filter_map(person)
            .chain(task.assignee.clone())
            .collect()
    };
    let mut people: BTreeSet<PersonId> = instance.tasks().flat_map(offered).collect();
    people.extend(instance.requester().cloned());
    people.extend(instance.started_by().person().cloned());
    people.extend(ended_by.cloned());
    people
}

/// Who has the task, or who may take it.
pub(crate) fn holders(task: &Task, names: &Names, locale: Locale) -> Vec<String> {
    match &task.assignee {
        Some(assignee) => vec![locale.name(names.get(assignee))],
        None => task
            .candidates
            .iter()
            .map(|candidate| names.principal(locale, candidate))
            .collect(),
    }
}

/// One sentence about where the instance stands.
pub(crate) fn situation(
    instance: &Instance,
    graph: &Graph,
    names: &Names,
    locale: Locale,
    now: Timestamp,
) -> String {
    let words = locale.words();
    let ended = |template: &str, by: &By, reason: &str| {
        fill(
            template,
            &[
                ("who", &names.by(locale, by)),
                ("reason", &locale.name(reason)),
            ],
        )
    };
    match instance.status() {
        InstanceStatus::Cancelled { by, reason, .. } => ended(words.is_cancelled, by, reason),
        InstanceStatus::Completed { at } => {
            fill(words.is_completed, &[("time", &relative(locale, now, *at))])
        }
        InstanceStatus::Failed { at, code } => {
            let time = relative(locale, now, *at);
            fill(
                words.is_failed,
                &[("time", &time), ("code", &locale.name(code))],
            )
        }
        InstanceStatus::Rejected { by, reason, .. } => ended(words.is_rejected, by, reason),
        InstanceStatus::OnHold(hold) => fill(
            words.is_on_hold,
            &[
                ("who", &names.by(locale, &hold.by)),
                ("time", &relative(locale, now, hold.since)),
            ],
        ),
        InstanceStatus::Pending { .. } => words.is_pending.to_owned(),
        _ => waits(instance, graph, names, locale, now),
    }
}

/// One sentence per stage that people are asked at or that the system works on.
fn waits(
    instance: &Instance,
    graph: &Graph,
    names: &Names,
    locale: Locale,
    now: Timestamp,
) -> String {
    let words = locale.words();
    let mut stages: BTreeMap<&NodeKey, (Vec<String>, Option<Timestamp>)> = BTreeMap::new();
    for task in instance.tasks() {
        let (who, due) = stages.entry(&task.node).or_default();
        for name in holders(task, names, locale) {
            if !who.contains(&name) {
                who.push(name);
            }
        }
        *due = [*due, task.timers.due].into_iter().flatten().min();
    }
    let sentence = |(node, (who, due)): (&NodeKey, (Vec<String>, Option<Timestamp>))| {
        let template = match due {
            None => words.waits,
            Some(due) if due < now => words.waits_overdue,
            Some(_) => words.waits_due,
        };
        let time = due
            .map(|due| relative(locale, now, due))
            .unwrap_or_default();
        let stage = title_in_sentence(graph, node, locale);
        fill(
            template,
            &[
                ("who", &locale.list(&who)),
                ("stage", &stage),
                ("time", &time),
            ],
        )
    };
    let mut sentences: Vec<String> = stages.into_iter().map(sentence).collect();
    sentences.extend(works(instance, graph, locale));
    sentences.extend(obsolete(instance, graph, locale));
    let failed = |activation: &Activation| matches!(activation.state, ActivationState::Failed(_));
    if instance.activations().any(failed) {
        sentences.push(words.failed.to_owned());
    }
    if sentences.is_empty() {
        sentences.push(words.waits_operator.to_owned());
    }
    sentences.join(" ")
}

/// One sentence per stage where the instance stands though its version lacks it.
fn obsolete(instance: &Instance, graph: &Graph, locale: Locale) -> Vec<String> {
    let gone = instance
        .activations()
        .filter(|activation| matches!(activation.state, ActivationState::Obsolete(_)));
    let nodes: BTreeSet<&NodeKey> = gone.map(|activation| &activation.node).collect();
    let sentence = |node| {
        let stage = title_in_sentence(graph, node, locale);
        fill(locale.words().obsolete, &[("stage", &stage)])
    };
    nodes.into_iter().map(sentence).collect()
}

/// One sentence per stage that the host's own code works on.
fn works(instance: &Instance, graph: &Graph, locale: Locale) -> Vec<String> {
    let jobs = instance.activations().filter(|activation| {
        activation.body == Body::Job && activation.state == ActivationState::Running
    });
    let nodes: BTreeSet<&NodeKey> = jobs.map(|activation| &activation.node).collect();
    let sentence = |node| {
        let stage = title_in_sentence(graph, node, locale);
        fill(locale.words().works, &[("stage", &stage)])
    };
    nodes.into_iter().map(sentence).collect()
}
