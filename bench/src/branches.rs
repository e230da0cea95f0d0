//! One of many live branches: load, decide, commit.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use signoff_core::{
    command::{Answer, Command, TaskRef},
    graph::{Branch, Graph, GraphBuilder, JoinNeed, JoinNode, Node, NodeKind, SplitNode, Who},
    id::TenantId,
    instance::Instance,
};
use signoff_store::{Instances, Load, Part, Target};
use signoff_store_sqlx::SqliteStore;

use crate::{
    machine::{Host, approval, start},
    measure::percentile,
};

/// A split whose branches all wait for a person, then join.
fn graph(branches: usize) -> anyhow::Result<Graph> {
    let branch = Branch {
        to: "work".into(),
        when: None,
    };
    let split = SplitNode {
        branches: vec![branch; branches],
    };
    let join = JoinNode {
        need: JoinNeed::All,
    };
    Ok(GraphBuilder::new(format!("branches_{branches}"))
        .node(Node::new("split", NodeKind::Split(split)))
        .node(Node::new("work", approval(Who::User("amy".into()))).next("join"))
        .node(Node::new("join", NodeKind::Join(join)))
        .build()?)
}

/// The median time of completing one branch of an instance with so many that live.
pub(crate) async fn one_of(
    store: &SqliteStore,
    branches: usize,
    times: usize,
) -> anyhow::Result<Duration> {
    let mut host = Host::new(graph(branches)?);
    let command = start(&host.graph);
    let mut each = Vec::new();
    while each.len() < times {
        let started = host.run("ann", None, &command)?;
        store.commit_now(&[started.change.rows()]).await?;
        let tasks: Vec<_> = started
            .change
            .instance()
            .tasks()
            .map(|task| task.id)
            .collect();
        ensure!(tasks.len() == branches, "not every branch opened a task");
        // Half of them stay, so that the number of live branches keeps its size.
        for task in tasks
            .into_iter()
            .take((times - each.len()).min(branches / 2))
        {
            let began = Instant::now();
            let load = Load {
                tenant: TenantId::default(),
                target: Target::Task(task),
                part: Part::OfTask,
            };
            let loaded = store.load(&load).await?.context("the task is gone")?;
            let instance = Instance::from_rows(&loaded.rows)?;
            let target = instance
                .task(task)
                .map(TaskRef::from)
                .context("the task is closed")?;
            let approve = Command::Approve(target, Answer::default());
            let done = host.run("amy", Some(&instance), &approve)?;
            store.commit_now(&[done.change.rows()]).await?;
            each.push(began.elapsed());
        }
    }
    Ok(percentile(&each, 50))
}
