//! The workloads as definitions, and one process of each through the engine's public API.

use std::str::FromStr;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use signoff::{Call, Done, Engine, Start};

use crate::machine::Machine;

/// W1: one approval by role and one by a person.
pub(crate) const TWO_APPROVALS: &str = "
format: signoff/v1
kind: approval
key: two_approvals
pipelines:
  - key: all
    stages:
      - {key: first, approvals: [{role: first}]}
      - {key: second, approvals: [{user: ben}]}
";
/// W2: a condition, and two functions on each of its ways.
pub(crate) const DECISION: &str = "
format: signoff/v1
kind: flow
key: decision
data: {type: object, required: [amount], properties: {amount: {type: number}}}
nodes:
  start: {start: {form: [amount]}, next: size}
  size: {if: amount > 10000, then: check, else: note}
  check: {function: step, with: {amount: '${ amount }'}, next: reserve}
  reserve: {function: step, next: done}
  note: {function: step, with: {amount: '${ amount }'}, next: file}
  file: {function: step, next: done}
  done: {end: {}}
";
/// W3: eight tasks side by side.
pub(crate) const EIGHT_TASKS: &str = "
format: signoff/v1
kind: flow
key: eight_tasks
nodes:
  start: {start: {}, next: all}
  all: {split: [a, b, c, d, e, f, g, h]}
  a: {task: {role: first}, next: both}
  b: {task: {role: first}, next: both}
  c: {task: {role: first}, next: both}
  d: {task: {role: first}, next: both}
  e: {task: {role: first}, next: both}
  f: {task: {role: first}, next: both}
  g: {task: {role: first}, next: both}
  h: {task: {role: first}, next: both}
  both: {join: all, next: done}
  done: {end: {}}
";
/// W4: one task of the person that the data name.
pub(crate) const INBOX: &str = "
format: signoff/v1
kind: flow
key: inbox
data: {type: object, required: [clerk], properties: {clerk: {type: string}}}
nodes:
  start: {start: {form: [clerk]}, next: work}
  work: {task: {from: clerk}, next: done}
  done: {end: {}}
";

/// A job for a worker.
pub(crate) const ERRAND: &str = "
format: signoff/v1
kind: flow
key: errand
nodes:
  start: {start: {}, next: work}
  work: {job: errand, next: done}
  done: {end: {}}
";

/// The business work of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Workload {
    /// Start, approve, approve.
    W1,
    /// Start, condition, two functions.
    W2,
    /// Start, eight tasks, join.
    W3,
    /// Looking at an inbox.
    W4,
    /// Jobs for a worker.
    Errand,
}

impl Workload {
    /// Its name in `BENCH_WORKLOAD`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
            Self::Errand => "errand",
        }
    }

    /// The definition that it runs.
    pub(crate) const fn definition(self) -> &'static str {
        match self {
            Self::W1 => TWO_APPROVALS,
            Self::W2 => DECISION,
            Self::W3 => EIGHT_TASKS,
            Self::W4 => INBOX,
            Self::Errand => ERRAND,
        }
    }

    /// Transitions of one process.
    pub(crate) const fn transitions(self) -> u32 {
        match self {
            Self::W1 => 3,
            Self::W2 => 4,
            Self::W3 => 9,
            Self::W4 | Self::Errand => 1,
        }
    }

    /// It on the machine alone.
    pub(crate) fn machine(self) -> anyhow::Result<Machine> {
        match self {
            Self::W1 => Machine::w1(),
            Self::W2 => Machine::w2(),
            Self::W3 => Machine::w3(),
            Self::W4 => Machine::w4(),
            Self::Errand => Machine::errand(),
        }
    }

    /// Runs the process number `n`, each step durable before the next begins.
    pub(crate) async fn process(self, engine: &Engine, n: usize) -> anyhow::Result<()> {
        let done = match self {
            Self::W1 => two_approvals(engine).await?,
            Self::W2 => decision(engine, n).await?,
            Self::W3 => eight_tasks(engine).await?,
            Self::W4 | Self::Errand => bail!("{} is no process of people", self.name()),
        };
        ensure!(
            done.instance.status().as_str() == "completed",
            "the process did not complete"
        );
        Ok(())
    }
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let all = [Self::W1, Self::W2, Self::W3, Self::W4];
        let found = all.into_iter().find(|workload| workload.name() == name);
        found.with_context(|| format!("the workload `{name}` is unknown: expected W1 to W4"))
    }
}

async fn two_approvals(engine: &Engine) -> anyhow::Result<Done> {
    let started = engine.start(Start::of("two_approvals").by("ann")).await?;
    let first = *started.opened.first().context("the start opened no task")?;
    let approved = engine.call(Call::approve(first).by("amy")).await?;
    let second = *approved
        .opened
        .first()
        .context("the first approval opened no task")?;
    Ok(engine.call(Call::approve(second).by("ben")).await?)
}

async fn decision(engine: &Engine, n: usize) -> anyhow::Result<Done> {
    let (amount, taken) = if n.is_multiple_of(2) {
        (500, "note")
    } else {
        (20_000, "check")
    };
    let start = Start::of("decision")
        .data(&json!({"amount": amount}))?
        .by("ann");
    let done = engine.start(start).await?;
    ensure!(
        done.instance.results().contains_key(taken),
        "{amount} did not take the way of `{taken}`"
    );
    Ok(done)
}

async fn eight_tasks(engine: &Engine) -> anyhow::Result<Done> {
    let mut done = engine.start(Start::of("eight_tasks").by("ann")).await?;
    let tasks = std::mem::take(&mut done.opened);
    ensure!(tasks.len() == 8, "the start opened {} tasks", tasks.len());
    for task in tasks {
        done = engine.call(Call::complete(task).by("amy")).await?;
    }
    Ok(done)
}
