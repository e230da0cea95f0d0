//! The bare loop: the minimal durable writes of a workload, without any engine.
//!
//! Per commit: the instance row with a version check, the task rows that open or close, a history
//! row. Statements are prepared once, on one connection.

pub(crate) mod mysql;
pub(crate) mod pgbench;
pub(crate) mod postgres;
mod server;
pub(crate) mod sqlite;

use std::time::Duration;

use crate::measure::Rates;

/// One commit of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commit {
    /// Task rows that it inserts.
    opens: usize,
    /// Task rows that it closes, the oldest first.
    closes: usize,
}

impl Commit {
    const fn new(opens: usize, closes: usize) -> Self {
        Self { opens, closes }
    }
}

/// W1: each transition writes one task row.
pub(crate) const W1: &[Commit] = &[Commit::new(1, 0), Commit::new(1, 0), Commit::new(0, 1)];
/// W2 with each of its four transitions durable by itself.
pub(crate) const W2: &[Commit] = &[Commit::new(0, 0); 4];
/// W2 in one commit: nobody waits in between.
pub(crate) const W2_AT_ONCE: &[Commit] = &[Commit::new(0, 0)];
/// W3: the start opens eight tasks, each further transition closes one.
pub(crate) const W3: &[Commit] = &{
    let mut commits = [Commit::new(0, 1); 9];
    commits[0] = Commit::new(8, 0);
    commits
};

/// As large as what an engine keeps of such a step.
const STATE: &str = "{\"scopes\":{},\"results\":{\"first\":{\"state\":\"completed\",\"actors\":[\"amy\"]}},\"live\":1,\"numbered\":2}";
const EVENTS: &str = "[{\"event\":\"decision_made\",\"by\":\"amy\"},{\"event\":\"node_completed\",\"node\":\"first\"},{\"event\":\"node_entered\",\"node\":\"second\"},{\"event\":\"task_opened\",\"assignee\":\"ben\"}]";

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The status and the version that a commit finds, of so many commits.
fn stand(step: usize, commits: &[Commit]) -> anyhow::Result<(&'static str, i64)> {
    let last = step + 1 == commits.len();
    let status = if last { "completed" } else { "running" };
    Ok((status, i64::try_from(step)?))
}

fn rates(each: Vec<Duration>, total: Duration) -> Rates {
    Rates {
        each,
        total,
        transitions: 0,
    }
}
