//! One of many live branches, done by a person.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use signoff_core::{
    command::TaskRef,
    id::{TaskId, TenantId},
    instance::{Instance, LoadedRows},
    machine::Accepted,
};
use signoff_store::{Instances, Load, Part, Target};
use signoff_store_sqlx::SqliteStore;

use crate::{host::Host, machine::complete, measure::percentile};

/// A split whose branches all wait for a person, then join.
fn definition(branches: usize) -> anyhow::Result<String> {
    let mut text = format!("{{format: signoff/v1, kind: flow, key: branches_{branches}, nodes: {{");
    write!(
        text,
        "start: {{start: {{}}, next: split}}, split: {{split: ["
    )?;
    text.push_str(&"work, ".repeat(branches));
    write!(text, "]}}, work: {{task: {{user: amy}}, next: join}}, ")?;
    write!(
        text,
        "join: {{join: all, next: end}}, end: {{end: {{}}}}}}}}"
    )?;
    Ok(text)
}

/// Starts an instance with so many live branches.
fn start(host: &mut Host, branches: usize) -> anyhow::Result<Accepted> {
    let command = host.start(&Arc::default());
    let started = host.run("ann", None, &command)?;
    let tasks = started.change.instance().tasks().count();
    ensure!(tasks == branches, "not every branch opened a task");
    Ok(started)
}

/// How much of the instance is in memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum InMemory {
    /// The branch alone, as the engine loads it from a store.
    OneBranch,
    /// Everything.
    Whole,
}

/// The median time of completing one branch on the machine alone.
pub(crate) fn in_memory(
    branches: usize,
    loaded: InMemory,
    times: usize,
) -> anyhow::Result<Duration> {
    let mut host = Host::of(&definition(branches)?)?;
    let started = start(&mut host, branches)?;
    let rows = started.change.rows();
    let whole = started.change.into_instance();
    let mut each = Vec::new();
    for (_, row) in rows.tasks.iter().cycle().take(times) {
        let part = LoadedRows {
            instance: rows.instance.clone(),
            activations: Vec::new(),
            tasks: vec![row.clone()],
        };
        let part = Instance::from_rows(&part)?;
        let instance = match loaded {
            InMemory::OneBranch => &part,
            InMemory::Whole => &whole,
        };
        let began = Instant::now();
        let command = complete(target(instance, row.id)?);
        let done = host.run("amy", Some(instance), &command)?;
        each.push(began.elapsed());
        let left = done.change.instance().live_activations();
        ensure!(
            usize::try_from(left)? == branches - 1,
            "{left} branches are left"
        );
    }
    Ok(percentile(&each, 50))
}

/// A store with an instance of so many live branches.
pub(crate) struct Live {
    store: SqliteStore,
    host: Host,
    branches: usize,
    /// Those that are still to be done in the instance of now.
    tasks: Vec<TaskId>,
}

impl Live {
    pub(crate) fn new(store: SqliteStore, branches: usize) -> anyhow::Result<Self> {
        Ok(Self {
            store,
            host: Host::of(&definition(branches)?)?,
            branches,
            tasks: Vec::new(),
        })
    }

    /// The time of completing one branch: load, decide, commit.
    pub(crate) async fn complete_one(&mut self) -> anyhow::Result<Duration> {
        if self.tasks.is_empty() {
            let started = start(&mut self.host, self.branches)?;
            self.store.commit_now(&[started.change.rows()]).await?;
            let tasks = started.change.instance().tasks().map(|task| task.id);
            // Half of them stay, so that the number of live branches keeps its size.
            self.tasks = tasks.take(self.branches / 2).collect();
        }
        let task = self.tasks.pop().context("no task is open")?;
        let began = Instant::now();
        let load = Load {
            tenant: TenantId::default(),
            target: Target::Task(task),
            part: Part::OfTask,
        };
        let loaded = self.store.load(&load).await?.context("the task is gone")?;
        let instance = Instance::from_rows(&loaded.rows)?;
        let command = complete(target(&instance, task)?);
        let done = self.host.run("amy", Some(&instance), &command)?;
        self.store.commit_now(&[done.change.rows()]).await?;
        Ok(began.elapsed())
    }
}

fn target(instance: &Instance, task: TaskId) -> anyhow::Result<TaskRef> {
    let task = instance.task(task).map(TaskRef::from);
    task.context("the task is closed")
}
