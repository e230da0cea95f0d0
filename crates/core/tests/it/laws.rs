//! What holds after every command, whatever it was.

mod possible;
mod shared;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use signoff_core::{
    change::{JobRow, JobWork, Rows, TaskOp},
    codes::INCIDENTS,
    event::{Event, HistoryEntry},
    id::{ActivationId, JobId, TaskId},
    instance::{Activation, ActivationState, Body, Instance, InstanceStatus, News, Task, fold},
};

pub(crate) use self::possible::lists_what_is_possible;
use crate::store::Store;

/// Checks every law on the state after a command.
#[track_caller]
pub(crate) fn check(history: &[HistoryEntry], instance: &Instance, store: &Store) {
    history_gives_the_state(history, instance);
    assert_eq!(
        store.load().as_ref(),
        Some(instance),
        "what was written is what is"
    );
    jobs_are_of_what_waits(instance, store);
    tokens::are_conserved(history, instance, store);
    tokens::move_in_open_scopes(history);
    shared::is_of_what_lives(instance, store);
    numbers_are_never_reused(history);
    for incident in store.incidents.values() {
        assert!(INCIDENTS.contains(&incident.code.as_str()), "{incident:?}");
    }
    incidents_are_of_tasks_that_nobody_took(instance, store);
    if instance.status().is_over() {
        assert_eq!(instance.activations().count(), 0, "an end leaves nothing");
        assert_eq!(instance.tasks().count(), 0, "an end leaves no task");
        assert_eq!(instance.live_activations(), 0);
        assert!(instance.scopes().is_empty(), "an end leaves no scope");
        let left = store.jobs.values().filter(|job| is_of_instance(job));
        assert_eq!(left.count(), 0, "an end leaves only actions");
        assert_eq!(
            store.subscriptions,
            BTreeMap::new(),
            "nothing is waited for"
        );
    }
}

/// An incident of somebody who has left is open as long as the task is theirs.
fn incidents_are_of_tasks_that_nobody_took(instance: &Instance, store: &Store) {
    let left: BTreeSet<_> = instance.tasks().filter_map(|task| task.left).collect();
    let all = store.incidents.values();
    let open = all.filter(|row| row.code == "person_left");
    let open: BTreeSet<_> = open.map(|row| row.id).collect();
    assert_eq!(open, left, "an incident is of a task that nobody took");
}

/// The newest entry was read back as it was when it was written, so that the others need not be.
fn history_gives_the_state(history: &[HistoryEntry], instance: &Instance) {
    let folded = fold(history);
    assert_eq!(folded.as_ref(), Some(instance), "the fold is the state");
}

/// What waits inside the instance; the rest is told to others and outlives it.
fn is_of_instance(job: &JobRow) -> bool {
    matches!(
        job.work,
        JobWork::Node(_) | JobWork::Ring { .. } | JobWork::Wake { .. }
    )
}

/// Besides actions: one wake-up for each open task and one ring for each live activation that waits
/// for a moment, at the earliest one; one call for each job that is under way; nothing else.
fn jobs_are_of_what_waits(instance: &Instance, store: &Store) {
    let runs = instance.status().is_running();
    let ticks = |task: &&Task| runs && task.suspended_at.is_none();
    let wakes = instance.tasks().filter(ticks).filter_map(|task| {
        let work = format!("wake {} {} {}", task.id, task.activation, task.entry);
        Some((JobId::new(task.id.uuid()), work, task.timers.next()?.0))
    });
    let rings = instance.activations().filter(|_| runs).filter_map(|found| {
        let alarm = found.alarm.as_ref()?;
        assert!(alarm.due.is_sorted(), "the earliest boundary comes first");
        Some((
            alarm.job,
            format!("ring {}", found.id),
            alarm.due.first()?.0,
        ))
    });
    let timers = wakes.chain(rings);
    let mut expected: BTreeMap<JobId, (String, Option<Timestamp>)> = timers
        .map(|(id, work, at)| (id, (work, Some(at))))
        .collect();
    let under_way = instance
        .activations()
        .filter(|found| found.body == Body::Job && found.state == ActivationState::Running);
    let held = held(instance);
    let under_way: Vec<&Activation> = under_way.filter(|_| runs).collect();
    assert!(
        held.iter().all(|id| instance.activation(*id).is_some()),
        "a job of nobody"
    );
    expected.extend(under_way.into_iter().map(|found| {
        let work = format!("node {}", found.id);
        (JobId::new(found.id.uuid()), (work, None))
    }));
    let found: BTreeMap<JobId, (String, Option<Timestamp>)> = store
        .jobs
        .values()
        .filter(|job| is_of_instance(job))
        .map(|job| {
            let shown = match &job.work {
                JobWork::Node(work) => (format!("node {}", work.activation), None),
                JobWork::Ring { activation } => (format!("ring {activation}"), Some(job.due_at)),
                JobWork::Wake {
                    task,
                    activation,
                    entry,
                } => (
                    format!("wake {task} {activation} {entry}"),
                    Some(job.due_at),
                ),
                other => unreachable!("left out: {other:?}"),
            };
            (job.id, shown)
        })
        .collect();
    assert_eq!(found, expected, "jobs of what waits");
}

/// The activations whose jobs are put aside while the instance is on hold.
fn held(instance: &Instance) -> Vec<ActivationId> {
    let InstanceStatus::OnHold(hold) = instance.status() else {
        return Vec::new();
    };
    let jobs = hold.jobs.iter().filter_map(|job| match &job.work {
        JobWork::Node(work) => Some(work.activation),
        _ => None,
    });
    jobs.chain(hold.news.iter().map(News::activation)).collect()
}

fn numbers_are_never_reused(history: &[HistoryEntry]) {
    let numbers: Vec<u32> = history
        .iter()
        .flat_map(|entry| &entry.events)
        .filter_map(|event| match event {
            Event::TaskOpened(opened) => Some(opened.number),
            _ => None,
        })
        .collect();
    let expected: Vec<u32> = (1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected, "tasks are numbered on");
}

/// Nothing that was opened and closed again within one command is written.
#[track_caller]
pub(crate) fn is_net(entry: &HistoryEntry, rows: &Rows) {
    let mut opened: BTreeSet<TaskId> = BTreeSet::new();
    let mut gone: BTreeSet<TaskId> = BTreeSet::new();
    for event in &entry.events {
        match event {
            Event::TaskOpened(task) => drop(opened.insert(task.task)),
            Event::TaskCancelled { task } => drop(gone.insert(*task)),
            Event::DecisionMade(decision) => drop(gone.insert(decision.task)),
            _ => {}
        }
    }
    let passing: Vec<&TaskId> = opened.intersection(&gone).collect();
    for (op, row) in &rows.tasks {
        assert!(
            !passing.contains(&&row.id),
            "{op:?} of a passing task {row:?}"
        );
        assert_eq!(*op == TaskOp::Insert, opened.contains(&row.id));
    }
}
