//! Workloads on the machine alone, in memory: poll and apply, no store, no directory.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use signoff_core::{
    change::Rows,
    command::{Answer, Command, TaskRef},
    graph::{FunctionNode, Graph, GraphBuilder, Node, NodeKind},
    instance::Instance,
    machine::Accepted,
    template::Template,
};

use crate::{
    host::Host,
    inbox,
    workload::{DECISION, EIGHT_TASKS, ERRAND, INBOX, TWO_APPROVALS},
};

/// A workload with its host, to be run again and again.
pub(crate) struct Machine {
    host: Host,
    starts: Vec<Command>,
    /// What becomes of the tasks, in order.
    acts: Vec<Act>,
    runs: usize,
}

/// Who does a task, and how.
#[derive(Clone, Copy)]
struct Act {
    by: &'static str,
    command: fn(TaskRef) -> Command,
}

impl Machine {
    /// W1: start, approve, approve.
    pub(crate) fn w1() -> anyhow::Result<Self> {
        let by = |by| Act {
            by,
            command: approve,
        };
        Self::new(TWO_APPROVALS, &[Value::Null], vec![by("amy"), by("ben")])
    }

    /// W2: start, condition, two functions; every other run takes the other branch.
    pub(crate) fn w2() -> anyhow::Result<Self> {
        let amounts = [json!({"amount": 500}), json!({"amount": 20_000})];
        Self::new(DECISION, &amounts, Vec::new())
    }

    /// W3: start, eight tasks, join.
    pub(crate) fn w3() -> anyhow::Result<Self> {
        let act = Act {
            by: "amy",
            command: complete,
        };
        Self::new(EIGHT_TASKS, &[Value::Null], vec![act; 8])
    }

    /// W4: a start, its task dealt out to all people in turn.
    pub(crate) fn w4() -> anyhow::Result<Self> {
        let clerks = (0..inbox::PEOPLE).map(|n| json!({"clerk": inbox::clerk(n)}));
        Self::new(INBOX, &clerks.collect::<Vec<_>>(), Vec::new())
    }

    /// A start that leaves a job.
    pub(crate) fn errand() -> anyhow::Result<Self> {
        Self::new(ERRAND, &[Value::Null], Vec::new())
    }

    fn new(text: &str, data: &[Value], acts: Vec<Act>) -> anyhow::Result<Self> {
        let host = Host::of(text)?;
        let data = data.iter().cloned().map(Arc::new);
        Ok(Self {
            starts: data.map(|data| host.start(&data)).collect(),
            host,
            acts,
            runs: 0,
        })
    }

    /// Runs it once.
    pub(crate) fn once(&mut self) -> anyhow::Result<()> {
        let mut instance = self.start()?.change.into_instance();
        for act in &self.acts {
            let done = self.host.run(
                act.by,
                Some(&instance),
                &(act.command)(first_task(&instance)?),
            )?;
            instance = done.change.into_instance();
        }
        ensure!(
            instance.status().as_str() == "completed",
            "the process did not complete"
        );
        Ok(())
    }

    /// Runs it so many times side by side: the rows of each step, in one list those of all.
    pub(crate) fn side_by_side(&mut self, times: usize) -> anyhow::Result<Vec<Vec<Rows>>> {
        let (mut rows, mut live) = (Vec::new(), Vec::new());
        for _ in 0..times {
            let started = self.start()?;
            rows.push(started.change.rows());
            live.push(started.change.into_instance());
        }
        let mut steps = vec![rows];
        for act in &self.acts {
            let mut rows = Vec::new();
            for instance in &mut live {
                let command = (act.command)(first_task(instance)?);
                let done = self.host.run(act.by, Some(instance), &command)?;
                rows.push(done.change.rows());
                *instance = done.change.into_instance();
            }
            steps.push(rows);
        }
        Ok(steps)
    }

    fn start(&mut self) -> anyhow::Result<Accepted> {
        let start = &self.starts[self.runs % self.starts.len()];
        self.runs += 1;
        self.host.run("ann", None, start)
    }
}

fn first_task(instance: &Instance) -> anyhow::Result<TaskRef> {
    let task = instance.tasks().next();
    task.map(TaskRef::from).context("no task is open")
}

fn approve(task: TaskRef) -> Command {
    Command::Approve(task, Answer::default())
}

pub(crate) fn complete(task: TaskRef) -> Command {
    Command::Complete(task, Answer::default())
}

/// A chain of functions that one command runs through.
pub(crate) fn chain(length: usize) -> anyhow::Result<Graph> {
    let mut builder = GraphBuilder::new("chain");
    for index in 0..length {
        let function = NodeKind::Function(FunctionNode {
            name: "one".to_owned(),
            with: Template::default(),
            into: None,
            symbol: None,
        });
        builder =
            builder.node(Node::new(format!("f{index}"), function).next(format!("f{}", index + 1)));
    }
    Ok(builder
        .node(Node::new(format!("f{length}"), NodeKind::End(None)))
        .build()?)
}
