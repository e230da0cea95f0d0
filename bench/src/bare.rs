//! The bare loop: the minimal durable writes of a workload, without any engine.
//!
//! Per commit: the instance row with a version check, the task rows that open or close, a history
//! row. Statements are prepared once, on one connection.

use std::{
    collections::VecDeque,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, SqliteConnection};

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

const TABLES: &str = "
CREATE TABLE instance (id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE task (id TEXT PRIMARY KEY, instance TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT) WITHOUT ROWID;
CREATE TABLE history (instance TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (instance, version)) WITHOUT ROWID;
";
const INSERT: &str = "INSERT INTO instance (id, version, status, state) VALUES (?1, 1, ?2, ?3)";
const UPDATE: &str = "UPDATE instance SET version = version + 1, status = ?3, state = ?4 WHERE id = ?1 AND version = ?2";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES (?1, ?2, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = ?1";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES (?1, ?2, ?3)";
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

/// Processes on rusqlite.
pub(crate) fn rusqlite(path: &Path, commits: &[Commit], seconds: f64) -> anyhow::Result<Rates> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    connection.execute_batch(TABLES)?;
    connection.set_prepared_statement_cache_capacity(32);
    let start = Instant::now();
    let mut each = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        rusqlite_process(&mut connection, commits)?;
        each.push(began.elapsed());
    }
    Ok(rates(each, start.elapsed()))
}

fn rusqlite_process(
    connection: &mut rusqlite::Connection,
    commits: &[Commit],
) -> anyhow::Result<()> {
    let instance = id();
    let mut open = VecDeque::new();
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if step == 0 {
            tx.prepare_cached(INSERT)?
                .execute((&instance, status, STATE))?;
        } else {
            let changed = tx
                .prepare_cached(UPDATE)?
                .execute((&instance, version, status, STATE))?;
            ensure!(changed == 1, "the version was not {version}");
        }
        for _ in 0..commit.opens {
            let task = id();
            tx.prepare_cached(OPEN)?.execute((&task, &instance))?;
            open.push_back(task);
        }
        for _ in 0..commit.closes {
            let task = open.pop_front().context("no task is open")?;
            let changed = tx.prepare_cached(CLOSE)?.execute((&task,))?;
            ensure!(changed == 1, "the task was not there");
        }
        tx.prepare_cached(HISTORY)?
            .execute((&instance, version + 1, EVENTS))?;
        tx.commit()?;
    }
    Ok(())
}

/// Processes on sqlx.
pub(crate) async fn sqlx(path: &Path, commits: &[Commit], seconds: f64) -> anyhow::Result<Rates> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    let start = Instant::now();
    let mut each = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        sqlx_process(&mut connection, commits).await?;
        each.push(began.elapsed());
    }
    Ok(rates(each, start.elapsed()))
}

async fn sqlx_process(connection: &mut SqliteConnection, commits: &[Commit]) -> anyhow::Result<()> {
    let instance = id();
    let mut open = VecDeque::new();
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        if step == 0 {
            let insert = sqlx::query(INSERT).bind(&instance).bind(status).bind(STATE);
            insert.execute(&mut *tx).await?;
        } else {
            let update = sqlx::query(UPDATE)
                .bind(&instance)
                .bind(version)
                .bind(status)
                .bind(STATE);
            let changed = update.execute(&mut *tx).await?.rows_affected();
            ensure!(changed == 1, "the version was not {version}");
        }
        for _ in 0..commit.opens {
            let task = id();
            let insert = sqlx::query(OPEN).bind(&task).bind(&instance);
            insert.execute(&mut *tx).await?;
            open.push_back(task);
        }
        for _ in 0..commit.closes {
            let task = open.pop_front().context("no task is open")?;
            let close = sqlx::query(CLOSE).bind(&task);
            let changed = close.execute(&mut *tx).await?.rows_affected();
            ensure!(changed == 1, "the task was not there");
        }
        let insert = sqlx::query(HISTORY)
            .bind(&instance)
            .bind(version + 1)
            .bind(EVENTS);
        insert.execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn rates(each: Vec<Duration>, total: Duration) -> Rates {
    Rates {
        each,
        total,
        transitions: 0,
    }
}
